// SPDX-License-Identifier: Apache-2.0
import { Button, Modal } from 'antd';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Pencil, Plus, Trash2 } from 'lucide-react';
import { useMemo, useState } from 'react';
import { patch, post, remove, request } from '@/shared/api/client';
import { ApiError } from '@/shared/api/problem';
import type { Device, Point, Schema } from '@/shared/api/types';
import { EditForm, type EditField } from '@/shared/form/EditForm';
import { TextField } from '@/shared/form/Field';
import { useT } from '@/shared/i18n/i18n';
import { roleAtLeast } from '@/shared/session/session';
import { useWorkplace } from '@/shared/session/workplace';
import { ErrorState, errorTitle, QueryView } from '@/shared/ui/states';
import { choice } from '../EditDevice';
import { bodyOf, draftOf, isNumeric, judgeDraft, newDraft, onlyNumeric, type DraftProblem } from './draft';
import './points.css';

const types: Schema<'ValueType'>[] = ['double', 'int64', 'bool', 'string'];
const access: Schema<'Access'>[] = ['read', 'read_write', 'write'];
const WIDE = 760;

/** The list, the chosen point and the counters of the device follow a change. */
function useRefresh(): () => void {
  const client = useQueryClient();
  return () => {
    for (const key of ['points', 'point', 'point-edit', 'device', 'devices', 'value']) void client.invalidateQueries({ queryKey: [key] });
  };
}

function useMayEdit(): { disabled: boolean; title: string | undefined } {
  const t = useT();
  const may = roleAtLeast(useWorkplace().role, 'engineer');
  return { disabled: !may, title: may ? undefined : t('assets:needsEngineer') };
}

function usePointFields(type: unknown, onType?: (type: string) => void): EditField[] {
  const t = useT();
  return useMemo(() => {
    const text = (key: string, label: string, max: number, more: { help?: string; required?: boolean } = {}): EditField => ({
      key, label, show: String,
      control: (value, set, error) => <TextField label={label} name={`point.${key}`} value={String(value ?? '')} onChange={set} error={error} maxLength={max} autoComplete="off" {...more} />,
    });
    const number = (key: string, help?: string): EditField => text(key, t(`assets:pointField.${key}`), 40, help === undefined ? {} : { help });
    const kind = choice('type', t('assets:type'), types.map((each) => [each, t(`common:type.${each}`)]));
    const fields: EditField[] = [
      text('name', t('assets:name'), 200, { required: true }), text('description', t('assets:description'), 2000),
      text('address', t('assets:address'), 1024),
      ...(onType ? [{ ...kind, control: (value: unknown, set: (value: unknown) => void, error: string | undefined) => kind.control(value, (next) => { set(next); onType(String(next)); }, error) }] : []),
      text('unit', t('assets:unit'), 100, { help: t('assets:pointField.unitHelp') }),
      choice('access', t('assets:pointField.access'), access.map((each) => [each, t(`assets:pointField.accessOf.${each}`)])),
      number('scale', t('assets:pointField.scaleHelp')), number('offset'),
      number('limit_low'), number('limit_high'), number('normal_low'), number('normal_high'),
      number('deadband', t('assets:pointField.deadbandHelp')), number('period_ms'), number('expected_interval_ms', t('assets:pointField.expectedHelp')),
    ];
    // Two columns: with the type there is one field more above the pairs of numbers.
    const enabled = choice('enabled', t('assets:edit.enabled'), [['true', t('common:yes')], ['false', t('common:no')]], false, (key) => key === 'true');
    fields.splice(onType ? fields.length : fields.findIndex((field) => field.key === 'scale'), 0, enabled);
    return fields.filter((field) => isNumeric(type) || !onlyNumeric.has(field.key));
  }, [t, type, onType]);
}

function useJudge(type: unknown): (draft: Record<string, unknown>) => Record<string, string> {
  const t = useT();
  const words = (problem: DraftProblem): string => (problem === 'required' || problem === 'number' || problem === 'integer' ? t(`common:form.${problem}`) : t(`assets:pointField.${problem}`));
  return (draft) => Object.fromEntries(Object.entries(judgeDraft(draft, type)).map(([key, problem]) => [key, words(problem)]));
}

/** Button and dialog that add a point to the device. */
export function AddPoint({ device }: { device: Device }) {
  const t = useT();
  const may = useMayEdit();
  const refresh = useRefresh();
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button icon={<Plus size={14} />} {...may} onClick={() => setOpen(true)} data-testid="add-point">{t('assets:point.add')}</Button>
      <Modal open={open} onCancel={() => setOpen(false)} footer={null} width={WIDE} className="kz-point-dialog" title={t('assets:point.addTo', { name: device.name })} destroyOnHidden>
        <NewPoint device={device} onDone={() => { setOpen(false); refresh(); }} onCancel={() => setOpen(false)} />
      </Modal>
    </>
  );
}

function NewPoint({ device, onDone, onCancel }: { device: Device; onDone: () => void; onCancel: () => void }) {
  const t = useT();
  const { path } = useWorkplace();
  const [type, setType] = useState('double');
  const fields = usePointFields(type, setType);
  return (
    <EditForm label={t('assets:point.add')} fields={fields} value={newDraft} etag="" onDone={onDone} onCancel={onCancel} judge={useJudge(type)}
      reload={() => Promise.resolve({ data: newDraft, etag: '' })}
      save={async (change, _etag, base) => {
        const all = Object.entries({ ...base, ...change }).filter(([key]) => isNumeric(type) || !onlyNumeric.has(key));
        await createPoint(path('/points'), { device: device.id, ...bodyOf(Object.fromEntries(all)) } as Schema<'PointCreate'>);
      }} />
  );
}

/** The API takes lists; what it says of the only row is said of the form. */
async function createPoint(url: string, point: Schema<'PointCreate'>): Promise<void> {
  const inForm = (pointer: string): string => pointer.replace(/^\/0(?=\/)/, '');
  try {
    const { results } = await post<Schema<'PointBatchResult'>>(url, [point]);
    const row = results[0];
    if (row?.ok) return;
    const fields = (row?.errors ?? []).map((each) => ({ pointer: inForm(each.pointer ?? ''), text: each.text, slug: each.slug }));
    throw new ApiError({ status: 400, slug: fields[0]?.slug ?? 'request.invalid', title: fields[0]?.text ?? '', fields });
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    throw new ApiError({ status: error.status, slug: error.slug, title: error.message, detail: error.detail, cure: error.cure, requestId: error.requestId, fields: error.fields.map((each) => ({ ...each, pointer: inForm(each.pointer) })) });
  }
}

/** Buttons and dialogs that change or remove a point. */
export function ChangePoint({ point, onRemoved }: { point: Point; onRemoved: () => void }) {
  const t = useT();
  const may = useMayEdit();
  const refresh = useRefresh();
  const [open, setOpen] = useState<'edit' | 'remove' | null>(null);
  const close = (): void => setOpen(null);
  return (
    <>
      <Button icon={<Pencil size={14} />} {...may} onClick={() => setOpen('edit')} data-testid="edit-point">{t('assets:edit.action')}</Button>
      <Button icon={<Trash2 size={14} />} {...may} onClick={() => setOpen('remove')} data-testid="remove-point">{t('common:action.remove')}</Button>
      <Modal open={open === 'edit'} onCancel={close} footer={null} width={WIDE} className="kz-point-dialog" title={t('assets:point.edit', { name: point.name })} destroyOnHidden>
        <SavedPoint id={point.id} onDone={() => { close(); refresh(); }} onCancel={close} />
      </Modal>
      <Modal open={open === 'remove'} onCancel={close} footer={null} width={460} title={t('assets:point.remove', { name: point.name })} destroyOnHidden>
        <RemovePoint point={point} onDone={() => { close(); onRemoved(); refresh(); }} onCancel={close} />
      </Modal>
    </>
  );
}

function usePointWithEtag(id: string) {
  const { path, tenant } = useWorkplace();
  return useQuery({ queryKey: ['point-edit', tenant.id, id], queryFn: ({ signal }) => request<Point>(path(`/points/${encodeURIComponent(id)}`), { signal }), gcTime: 0, staleTime: 0 });
}

function SavedPoint({ id, onDone, onCancel }: { id: string; onDone: () => void; onCancel: () => void }) {
  const t = useT();
  const { path } = useWorkplace();
  const url = path(`/points/${encodeURIComponent(id)}`);
  const saved = usePointWithEtag(id);
  const type = saved.data?.data.type;
  const fields = usePointFields(type);
  const judge = useJudge(type);
  return (
    <QueryView query={saved}>
      {({ data, etag }) => (
        <EditForm label={t('assets:edit.action')} fields={fields} value={draftOf(data)} etag={etag} onDone={onDone} onCancel={onCancel} judge={judge}
          reload={async () => {
            const now = await request<Point>(url);
            return { data: draftOf(now.data), etag: now.etag };
          }}
          save={async (change, version) => void (await patch<Point>(url, bodyOf(change), version))} />
      )}
    </QueryView>
  );
}

/** The history goes with the point, so its name has to be typed. */
function RemovePoint({ point, onDone, onCancel }: { point: Point; onDone: () => void; onCancel: () => void }) {
  const t = useT();
  const { path } = useWorkplace();
  const saved = usePointWithEtag(point.id);
  const [typed, setTyped] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const act = async (): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      await remove(path(`/points/${encodeURIComponent(point.id)}`), saved.data?.etag ?? '');
      onDone();
    } catch (cause) {
      setError(cause);
      if (cause instanceof ApiError && cause.conflict) void saved.refetch();
    } finally {
      setBusy(false);
    }
  };
  if (saved.error) return <ErrorState error={saved.error} compact />;
  return (
    <div className="kz-form">
      <p>{t('assets:point.removeText')}</p>
      <TextField label={t('assets:delete.type', { name: point.name })} name="point.remove" value={typed} onChange={setTyped} autoFocus autoComplete="off" />
      {error !== null && <p role="alert" className="kz-strong">{errorTitle(error, t)}</p>}
      <div className="kz-row"><Button loading={busy} disabled={typed !== point.name || !saved.data} onClick={() => void act()} data-testid="remove-point-now">{t('assets:point.removeAction')}</Button><Button onClick={onCancel}>{t('common:action.cancel')}</Button></div>
    </div>
  );
}
