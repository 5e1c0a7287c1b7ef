// SPDX-License-Identifier: Apache-2.0
import { Button, Modal } from 'antd';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { patch, post, remove, request } from '@/shared/api/client';
import { ApiError } from '@/shared/api/problem';
import type { Role, Schema, User } from '@/shared/api/types';
import { useT } from '@/shared/i18n/i18n';
import { useSession } from '@/shared/session/session';
import { useWorkplace } from '@/shared/session/workplace';
import { Facts, Inspector, InspectorSection } from '@/shared/ui/Inspector';
import { errorTitle } from '@/shared/ui/states';
import { formatDateTime, parseTime } from '@/shared/format/time';
import { RoleField } from './RoleField';
import { Secret } from './Secret';

interface Props {
  user: User;
  onClose: () => void;
  onChanged: () => void;
}

type Asked = 'reset' | 'delete' | 'lock' | null;

/** Role, lock, one-time password and removal of one user; each takes effect at once. */
export function UserInspector({ user: row, onClose, onChanged }: Props) {
  const t = useT();
  const { path, tenant, zone } = useWorkplace();
  const own = useSession().user?.id === row.id;
  const at = path(`/users/${encodeURIComponent(row.id)}`);
  const answer = useQuery({ queryKey: ['user', tenant.id, row.id], queryFn: ({ signal }) => request<User>(at, { signal }) });
  const user = answer.data?.data ?? row;
  const etag = answer.data?.etag ?? '';
  const [asked, setAsked] = useState<Asked>(null);
  const [secret, setSecret] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const run = async (action: () => Promise<unknown>): Promise<boolean> => {
    setBusy(true);
    setError(null);
    try {
      await action();
      onChanged();
      return true;
    } catch (cause) {
      setError(cause);
      return false;
    } finally {
      setBusy(false);
      void answer.refetch();
    }
  };
  const change = (body: Schema<'UserPatch'>): Promise<boolean> => run(() => patch<User>(at, body, etag));
  const confirm = async (): Promise<void> => {
    const what = asked;
    if (what === 'reset') {
      await run(async () => setSecret((await post<Schema<'UserWithPassword'>>(`${at}/reset-password`)).one_time_password));
      return;
    }
    const done = what === 'lock' ? await change({ enabled: false }) : await run(() => remove(at, etag));
    if (done) setAsked(null);
    if (done && what === 'delete') onClose();
  };
  const time = (text: string | null): string => {
    const ms = parseTime(text);
    return ms === null ? t('admin:never') : formatDateTime(ms, zone);
  };
  const problem = error === null ? null : <Problem error={error} />;
  return (
    <Inspector over={user.display_name} title={user.name} onClose={onClose}>
      <section>
        {own && <p className="kz-second">{t('admin:thisIsYou')}</p>}
        <RoleField value={user.role} onChange={(role: Role) => void change({ role })} error={undefined} />
        {asked === null && problem}
        <div className="kz-row" style={{ flexWrap: 'wrap' }}>
          {user.enabled ? <Button onClick={() => { setError(null); setAsked('lock'); }}>{t('admin:lock')}</Button> : <Button loading={busy} onClick={() => void change({ enabled: true })}>{t('admin:unlock')}</Button>}
          <Button onClick={() => { setError(null); setAsked('reset'); }}>{t('admin:reset')}</Button>
          <Button onClick={() => { setError(null); setAsked('delete'); }}>{t('common:action.delete')}</Button>
        </div>
      </section>
      <InspectorSection title={t('admin:account')}>
        <Facts rows={[[t('admin:lastLogIn'), time(user.last_login_at)], [t('admin:created'), time(user.created_at)], [t('admin:mustChange'), t(user.must_change_password ? 'common:yes' : 'common:no')]]} />
      </InspectorSection>
      <Modal open={asked !== null} onCancel={() => { setAsked(null); setSecret(''); }} footer={null} width={460} title={t(`admin:ask.${asked ?? 'lock'}`, { name: user.name })} destroyOnHidden>
        {secret !== '' ? <Secret label={t('admin:oneTimePassword')} value={secret} note={t('admin:oneTimeNote', { name: user.name })} onDone={() => { setAsked(null); setSecret(''); }} /> : (
          <div className="kz-form">
            <p>{t(`admin:effect.${asked ?? 'lock'}`)}</p>
            {problem}
            <div className="kz-row"><Button loading={busy} onClick={() => void confirm()} data-testid="confirm">{t(`admin:do.${asked ?? 'lock'}`)}</Button><Button type="text" onClick={() => setAsked(null)}>{t('common:action.cancel')}</Button></div>
          </div>
        )}
      </Modal>
    </Inspector>
  );
}

function Problem({ error }: { error: unknown }) {
  const t = useT();
  const api = error instanceof ApiError ? error : null;
  return <div role="alert"><p className="kz-strong">{api?.conflict ? t('common:form.conflict') : errorTitle(error, t)}</p>{(api?.detail || api?.cure) && <p>{[api.detail, api.cure].filter(Boolean).join(' ')}</p>}</div>;
}
