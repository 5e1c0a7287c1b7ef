// SPDX-License-Identifier: Apache-2.0
import { Button, Modal } from 'antd';
import { useQueryClient } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useState, type FormEvent } from 'react';
import { post } from '@/shared/api/client';
import { ApiError } from '@/shared/api/problem';
import type { Equipment, EquipmentLevel } from '@/shared/api/types';
import { Field, TextField } from '@/shared/form/Field';
import { useT } from '@/shared/i18n/i18n';
import { roleAtLeast } from '@/shared/session/session';
import { useWorkplace } from '@/shared/session/workplace';
import { errorTitle } from '@/shared/ui/states';
import { useEquipment } from './api';

/** Levels that may hang below each level (ISA-95). */
const below: Record<EquipmentLevel, EquipmentLevel[]> = {
  enterprise: ['site'],
  site: ['area', 'process_cell', 'production_line', 'production_unit', 'storage_zone'],
  area: ['process_cell', 'production_line', 'production_unit', 'storage_zone'],
  process_cell: ['unit'], production_line: ['work_cell'], production_unit: ['unit'], storage_zone: ['storage_unit'], storage_unit: ['equipment_module'],
  unit: ['equipment_module'], work_cell: ['equipment_module'], equipment_module: ['equipment_module'],
};

/** Button and dialog that add a node below the chosen one. */
export function NewEquipment({ parent, onDone }: { parent: string; onDone: () => void }) {
  const t = useT();
  const { role } = useWorkplace();
  const [open, setOpen] = useState(false);
  const may = roleAtLeast(role, 'engineer');
  const label = may ? t('assets:tree.add') : t('assets:needsEngineer');
  return (
    <>
      <button type="button" className="kz-icon-button" title={label} aria-label={label} disabled={!may || parent === ''} onClick={() => setOpen(true)}><Plus size={16} /></button>
      <Modal open={open} onCancel={() => setOpen(false)} footer={null} title={t('assets:tree.add')} width={420} destroyOnHidden>
        <EquipmentForm parent={parent} onDone={() => { setOpen(false); onDone(); }} />
      </Modal>
    </>
  );
}

function EquipmentForm({ parent, onDone }: { parent: string; onDone: () => void }) {
  const t = useT();
  const { path } = useWorkplace();
  const client = useQueryClient();
  const above = useEquipment(parent).data?.data;
  const levels = above ? below[above.level] : [];
  const [draft, setDraft] = useState<{ name: string; level: EquipmentLevel | '' }>({ name: '', level: '' });
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const level = draft.level || levels[0];
  const fieldError = (pointer: string): string | undefined => (error instanceof ApiError ? error.fields.find((field) => field.pointer === pointer)?.text : undefined);
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (draft.name.trim() === '' || !level) return;
    setBusy(true);
    setError(null);
    try {
      await post<Equipment>(path('/equipment'), { parent, level, name: draft.name.trim() });
      await client.invalidateQueries({ queryKey: ['sites'] });
      onDone();
    } catch (cause) {
      setError(cause);
    } finally {
      setBusy(false);
    }
  };
  return (
    <form className="kz-form" onSubmit={(event) => void submit(event)}>
      <p className="kz-second">{t('assets:tree.below', { name: above?.name ?? '' })}</p>
      <Field label={t('assets:level')} error={fieldError('/level')}>
        {(ids) => (
          <select id={ids.id} className="kz-input" value={level ?? ''} onChange={(event) => setDraft({ ...draft, level: event.target.value as EquipmentLevel })}>
            {levels.map((item) => <option key={item} value={item}>{t(`common:level.${item}`)}</option>)}
          </select>
        )}
      </Field>
      <TextField label={t('assets:name')} value={draft.name} onChange={(name) => setDraft({ ...draft, name })} autoFocus maxLength={200} error={fieldError('/name')} required />
      {error !== null && <p role="alert" className="kz-strong">{errorTitle(error, t)}</p>}
      <Button type="primary" htmlType="submit" loading={busy} disabled={!level}>{t('common:action.save')}</Button>
    </form>
  );
}
