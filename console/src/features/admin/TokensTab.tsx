// SPDX-License-Identifier: Apache-2.0
import { Button, Modal } from 'antd';
import { Plus } from 'lucide-react';
import { useMemo, useState, type FormEvent } from 'react';
import { get, post, request, type Page as ListPage } from '@/shared/api/client';
import { ApiError } from '@/shared/api/problem';
import type { Role, Schema, Token } from '@/shared/api/types';
import { Field, TextField } from '@/shared/form/Field';
import { formatCount, NO_VALUE } from '@/shared/format/number';
import { formatDateTime, parseTime } from '@/shared/format/time';
import { DataGrid, type Column } from '@/shared/grid/DataGrid';
import { useRowWindow } from '@/shared/grid/useRowWindow';
import { useT } from '@/shared/i18n/i18n';
import { useWorkplace } from '@/shared/session/workplace';
import { ControlLine, StatusLine } from '@/shared/ui/Page';
import { Empty, errorTitle } from '@/shared/ui/states';
import { RoleField } from './RoleField';
import { Secret } from './Secret';

const DAY_MS = 86_400_000;
const lifetimes = [30, 90, 365, 0] as const;

/** Tokens with which programs log in. */
export function TokensTab() {
  const t = useT();
  const { path, tenant, zone } = useWorkplace();
  const [adding, setAdding] = useState(false);
  const [revoking, setRevoking] = useState<Token | null>(null);
  const source = useRowWindow<Token>({
    key: ['tokens', tenant.id],
    fetchPage: (cursor, limit, signal) => get<ListPage<Token>>(path('/tokens'), { cursor, limit }, signal),
  });
  const columns = useMemo<Column<Token>[]>(() => {
    const time = (text: string | null, none: string): string => {
      const at = parseTime(text);
      return at === null ? none : formatDateTime(at, zone);
    };
    return [
      { id: 'name', label: t('admin:tokenName'), width: 180, grow: 2, text: (row) => row.name, cell: (row) => <span className="kz-cut kz-strong" title={row.name}>{row.name}</span> },
      { id: 'role', label: t('admin:role'), width: 110, text: (row) => row.role, cell: (row) => t(`common:role.${row.role}`) },
      { id: 'owner', label: t('admin:madeBy'), width: 140, grow: 1, text: (row) => row.owner_name, cell: (row) => <span className="kz-cut">{row.owner_name}</span> },
      { id: 'created', label: t('admin:created'), width: 150, align: 'right', text: (row) => row.created_at, cell: (row) => <span className="kz-second">{time(row.created_at, NO_VALUE)}</span> },
      { id: 'used', label: t('admin:lastUsed'), width: 150, align: 'right', text: (row) => row.last_used_at ?? '', cell: (row) => <span className="kz-second">{time(row.last_used_at, t('admin:never'))}</span> },
      { id: 'expires', label: t('admin:expires'), width: 150, align: 'right', text: (row) => row.expires_at ?? '', cell: (row) => <span className="kz-second">{time(row.expires_at, t('admin:never'))}</span> },
      { id: 'revoke', label: '', width: 110, align: 'right', cell: (row) => <button type="button" className="kz-icon-button" aria-label={t('admin:revokeName', { name: row.name })} onClick={(event) => { event.stopPropagation(); setRevoking(row); }}>{t('admin:revoke')}</button> },
    ];
  }, [t, zone]);
  const add = <Button type="primary" icon={<Plus size={16} />} onClick={() => setAdding(true)} data-testid="new-token">{t('admin:newToken')}</Button>;
  return (
    <>
      <ControlLine><span className="kz-second">{t('admin:tokensText')}</span><span className="kz-grow" />{add}</ControlLine>
      <div className="kz-admin-list">
        <DataGrid label={t('admin:tokens')} columns={columns} source={source} rowId={(row) => row.id} rowName={(row) => row.name} empty={<Empty title={t('admin:noTokens')} text={t('admin:noTokensText')} action={add} />} />
      </div>
      <StatusLine><span>{t('admin:tokenCount', { count: source.total, value: formatCount(source.total) })}</span></StatusLine>
      <NewToken open={adding} onClose={() => setAdding(false)} onMade={source.refetch} />
      <RevokeToken token={revoking} onClose={() => setRevoking(null)} onGone={source.refetch} />
    </>
  );
}

function NewToken({ open, onClose, onMade }: { open: boolean; onClose: () => void; onMade: () => void }) {
  const t = useT();
  const [made, setMade] = useState<Schema<'TokenWithSecret'> | null>(null);
  const close = (): void => {
    setMade(null);
    onClose();
  };
  return (
    <Modal open={open} onCancel={close} footer={null} width={480} title={t('admin:newToken')} destroyOnHidden mask={{ closable: made === null }}>
      {made
        ? <Secret label={t('admin:secret')} value={made.secret} note={t('admin:secretNote', { name: made.token.name })} onDone={close} />
        : <TokenForm onMade={(answer) => { setMade(answer); onMade(); }} />}
    </Modal>
  );
}

function TokenForm({ onMade }: { onMade: (answer: Schema<'TokenWithSecret'>) => void }) {
  const t = useT();
  const { path } = useWorkplace();
  const [draft, setDraft] = useState<{ name: string; role: Role; days: number }>({ name: '', role: 'viewer', days: 365 });
  const [judged, setJudged] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const said = (pointer: string): string | undefined => (error instanceof ApiError ? error.fields.find((field) => field.pointer === pointer)?.text : undefined);
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setJudged(true);
    if (draft.name.trim() === '') return;
    setBusy(true);
    setError(null);
    try {
      const expires_at = draft.days === 0 ? null : new Date(Date.now() + draft.days * DAY_MS).toISOString();
      onMade(await post<Schema<'TokenWithSecret'>>(path('/tokens'), { name: draft.name.trim(), role: draft.role, expires_at }));
    } catch (cause) {
      setError(cause);
    } finally {
      setBusy(false);
    }
  };
  return (
    <form className="kz-form" onSubmit={(event) => void submit(event)} noValidate>
      <TextField label={t('admin:tokenName')} name="name" value={draft.name} onChange={(name) => setDraft({ ...draft, name })} help={t('admin:tokenNameHelp')} error={judged && draft.name.trim() === '' ? t('common:form.required') : said('/name')} autoComplete="off" maxLength={200} required autoFocus />
      <RoleField value={draft.role} onChange={(role) => setDraft({ ...draft, role })} error={said('/role')} />
      <Field label={t('admin:lifetime')} error={said('/expires_at')}>
        {(ids) => (
          <select id={ids.id} name="days" className="kz-input" value={draft.days} aria-invalid={ids.invalid} onChange={(event) => setDraft({ ...draft, days: Number(event.target.value) })}>
            {lifetimes.map((days) => <option key={days} value={days}>{days === 0 ? t('admin:noEnd') : t('admin:days', { count: days })}</option>)}
          </select>
        )}
      </Field>
      {error !== null && !(error instanceof ApiError && error.fields.length > 0) && <p role="alert" className="kz-strong">{errorTitle(error, t)}</p>}
      <Button type="primary" htmlType="submit" loading={busy}>{t('admin:create')}</Button>
    </form>
  );
}

function RevokeToken({ token, onClose, onGone }: { token: Token | null; onClose: () => void; onGone: () => void }) {
  const t = useT();
  const { path } = useWorkplace();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const act = async (): Promise<void> => {
    if (!token) return;
    setBusy(true);
    setError(null);
    try {
      await request<undefined>(path(`/tokens/${encodeURIComponent(token.id)}`), { method: 'DELETE' });
      onGone();
      onClose();
    } catch (cause) {
      setError(cause);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Modal open={token !== null} onCancel={onClose} footer={null} width={460} title={t('admin:revokeTitle', { name: token?.name ?? '' })} destroyOnHidden>
      <div className="kz-form">
        <p>{t('admin:revokeText')}</p>
        {error !== null && <p role="alert" className="kz-strong">{errorTitle(error, t)}</p>}
        <div className="kz-row"><Button loading={busy} onClick={() => void act()} data-testid="confirm">{t('admin:revoke')}</Button><Button type="text" onClick={onClose}>{t('common:action.cancel')}</Button></div>
      </div>
    </Modal>
  );
}
