// SPDX-License-Identifier: Apache-2.0
import { Button, Modal } from 'antd';
import { useRef, useState, type FormEvent } from 'react';
import { post } from '@/shared/api/client';
import { ApiError } from '@/shared/api/problem';
import type { Role, Schema } from '@/shared/api/types';
import { focusFirstError, TextField } from '@/shared/form/Field';
import { useT } from '@/shared/i18n/i18n';
import { useWorkplace } from '@/shared/session/workplace';
import { errorTitle } from '@/shared/ui/states';
import { RoleField } from './RoleField';
import { Secret } from './Secret';

interface Props {
  open: boolean;
  onClose: () => void;
  onMade: () => void;
}

/** Asks for name and role; the one-time password is shown once, then the dialog forgets it. */
export function NewUser({ open, onClose, onMade }: Props) {
  const t = useT();
  const [made, setMade] = useState<Schema<'UserWithPassword'> | null>(null);
  const close = (): void => {
    setMade(null);
    onClose();
  };
  return (
    <Modal open={open} onCancel={close} footer={null} width={460} title={t('admin:newUser')} destroyOnHidden mask={{ closable: made === null }}>
      {made
        ? <Secret label={t('admin:oneTimePassword')} value={made.one_time_password} note={t('admin:oneTimeNote', { name: made.user.name })} onDone={close} />
        : <UserForm onMade={(answer) => { setMade(answer); onMade(); }} />}
    </Modal>
  );
}

function UserForm({ onMade }: { onMade: (answer: Schema<'UserWithPassword'>) => void }) {
  const t = useT();
  const { path } = useWorkplace();
  const form = useRef<HTMLFormElement>(null);
  const [draft, setDraft] = useState<{ name: string; display: string; role: Role }>({ name: '', display: '', role: 'operator' });
  const [judged, setJudged] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const said = (pointer: string): string | undefined => (error instanceof ApiError ? error.fields.find((field) => field.pointer === pointer)?.text : undefined);
  const nameWrong = judged && !/^[a-z0-9._-]{1,64}$/.test(draft.name) ? t('admin:nameForm') : undefined;
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setJudged(true);
    if (!/^[a-z0-9._-]{1,64}$/.test(draft.name)) return focusFirstError(form.current);
    setBusy(true);
    setError(null);
    try {
      onMade(await post<Schema<'UserWithPassword'>>(path('/users'), { name: draft.name, display_name: draft.display.trim(), role: draft.role }));
    } catch (cause) {
      setError(cause);
      focusFirstError(form.current);
    } finally {
      setBusy(false);
    }
  };
  const general = error !== null && !(error instanceof ApiError && error.fields.length > 0);
  return (
    <form ref={form} className="kz-form" onSubmit={(event) => void submit(event)} noValidate>
      <TextField label={t('admin:logInName')} name="name" value={draft.name} onChange={(name) => setDraft({ ...draft, name })} error={nameWrong ?? said('/name')} help={t('admin:nameHelp')} autoComplete="off" maxLength={64} required autoFocus />
      <TextField label={t('admin:displayName')} name="display_name" value={draft.display} onChange={(display) => setDraft({ ...draft, display })} error={said('/display_name')} autoComplete="off" maxLength={200} />
      <RoleField value={draft.role} onChange={(role) => setDraft({ ...draft, role })} error={said('/role')} />
      {general && <p role="alert" className="kz-strong">{errorTitle(error, t)}</p>}
      <Button type="primary" htmlType="submit" loading={busy}>{t('admin:create')}</Button>
    </form>
  );
}
