// SPDX-License-Identifier: Apache-2.0
import { Button, Modal } from 'antd';
import { useQueryClient } from '@tanstack/react-query';
import { Pencil, Plus } from 'lucide-react';
import { useMemo, useState, type FormEvent } from 'react';
import { patch, post, request } from '@/shared/api/client';
import { ApiError } from '@/shared/api/problem';
import type { Equipment, EquipmentLevel } from '@/shared/api/types';
import { EditForm, type EditField } from '@/shared/form/EditForm';
import { Field, TextField } from '@/shared/form/Field';
import type { Draft } from '@/shared/form/merge';
import { useT } from '@/shared/i18n/i18n';
import { roleAtLeast } from '@/shared/session/session';
import { useWorkplace } from '@/shared/session/workplace';
import { errorTitle } from '@/shared/ui/states';
import { useEquipment } from './api';
import { choice, useEquipmentChoices, withOwn } from './EditDevice';

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

const draftOf = (node: Equipment): Draft => ({ name: node.name, description: node.description, ...(node.parent === null ? {} : { parent: node.parent }) });

/** Button and dialog that rename, describe or move the chosen node. */
export function EditEquipment({ id, onDone }: { id: string; onDone: () => void }) {
  const t = useT();
  const { role } = useWorkplace();
  const client = useQueryClient();
  const [open, setOpen] = useState(false);
  const answer = useEquipment(id).data;
  const may = roleAtLeast(role, 'engineer');
  const label = may ? t('assets:edit.equipment') : t('assets:needsEngineer');
  const close = (): void => setOpen(false);
  const done = (): void => {
    close();
    for (const key of ['equipment', 'sites', 'devices', 'tenant']) void client.invalidateQueries({ queryKey: [key] });
    onDone();
  };
  return (
    <>
      <button type="button" className="kz-icon-button" title={label} aria-label={label} disabled={!may || !answer} onClick={() => setOpen(true)} data-testid="edit-equipment"><Pencil size={16} /></button>
      <Modal open={open} onCancel={close} footer={null} title={t('assets:edit.equipment')} width={560} destroyOnHidden>
        {answer && <NodeForm node={answer.data} etag={answer.etag} onDone={done} onCancel={close} />}
      </Modal>
    </>
  );
}

function NodeForm({ node, etag, onDone, onCancel }: { node: Equipment; etag: string; onDone: () => void; onCancel: () => void }) {
  const t = useT();
  const { path } = useWorkplace();
  const url = path(`/equipment/${encodeURIComponent(node.id)}`);
  const nodes = useEquipmentChoices();
  const fields = useMemo(() => {
    const text = (key: string, max: number, required = false): EditField => ({
      key, label: t(`assets:${key}`), show: String,
      control: (value, set, error) => <TextField label={t(`assets:${key}`)} name={key} value={String(value)} onChange={set} error={error} maxLength={max} required={required} />,
    });
    const own: EditField[] = [text('name', 200, true), text('description', 2000)];
    // Only levels that may hold this one, and nothing below itself: it would hang in the air.
    const above = nodes.filter((each) => below[each.level].includes(node.level) && each.id !== node.id && !(each.path ?? []).some((step) => step.id === node.id));
    if (node.parent !== null) own.push(choice('parent', t('assets:edit.parent'), withOwn(above, node.parent, node.path?.at(-1)?.name ?? null)));
    return own;
  }, [t, nodes, node]);
  return (
    <EditForm label={t('assets:edit.equipment')} fields={fields} value={draftOf(node)} etag={etag} onDone={onDone} onCancel={onCancel}
      reload={async () => {
        const now = await request<Equipment>(url);
        return { data: draftOf(now.data), etag: now.etag };
      }}
      save={async (change, version) => { await patch<Equipment>(url, change, version); }}
      judge={(draft): Record<string, string> => (String(draft['name']).trim() === '' ? { name: t('common:form.required') } : {})} />
  );
}
