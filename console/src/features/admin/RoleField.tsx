// SPDX-License-Identifier: Apache-2.0
import type { Role } from '@/shared/api/types';
import { Field } from '@/shared/form/Field';
import { useT } from '@/shared/i18n/i18n';

export const roles: Role[] = ['owner', 'engineer', 'operator', 'viewer'];

/** Roles with what each may do. */
export function RoleField({ value, onChange, error }: { value: Role; onChange: (role: Role) => void; error: string | undefined }) {
  const t = useT();
  return (
    <Field label={t('admin:role')} help={t(`admin:may.${value}`)} error={error}>
      {(ids) => (
        <select id={ids.id} name="role" className="kz-input" value={value} aria-describedby={ids.describedBy} aria-invalid={ids.invalid} onChange={(event) => onChange(event.target.value as Role)}>
          {roles.map((role) => <option key={role} value={role}>{t(`common:role.${role}`)}</option>)}
        </select>
      )}
    </Field>
  );
}
