// SPDX-License-Identifier: Apache-2.0
import { Button, Modal } from 'antd';
import { useQueryClient } from '@tanstack/react-query';
import { Clock } from 'lucide-react';
import { useEffect, useState, useSyncExternalStore, type FormEvent } from 'react';
import { onSignedOut } from '@/shared/api/client';
import { formatDateTime, parseTime } from '@/shared/format/time';
import { useT } from '@/shared/i18n/i18n';
import { useNow } from '@/shared/live/react';
import { logIn, useSession } from '@/shared/session/session';
import { useWorkplace } from '@/shared/session/workplace';
import { errorTitle } from '@/shared/ui/states';

/** `renew`: asked for before the end, so that it can be put off. */
type Asked = 'no' | 'renew' | 'ended';
let ended: Asked = 'no';
const listeners = new Set<() => void>();

function setEnded(value: Asked): void {
  ended = value;
  for (const notify of listeners) notify();
}

/** The log-in has expired: the overlay asks for the password, page and drafts stay. */
export function markSignedOut(): void {
  setEnded('ended');
}

const NOTICE_MS = 10 * 60_000;

/** In the last ten minutes of a log-in: until when it lasts, and how to go on without losing anything. */
export function ExpiryNotice() {
  const t = useT();
  const { expires_at, kind } = useSession();
  const now = useNow();
  const { zone } = useWorkplace();
  const end = parseTime(expires_at);
  if (kind !== 'session' || end === null || end - now > NOTICE_MS || end <= now) return null;
  return (
    <div className="kz-stale-bar" role="status">
      <Clock size={16} aria-hidden />
      <span>{t('shell:expired.soon', { time: formatDateTime(end, zone) })}</span>
      <Button size="small" onClick={() => setEnded('renew')}>{t('shell:expired.go')}</Button>
    </div>
  );
}

export function SignInOverlay() {
  const t = useT();
  const { user } = useSession();
  const client = useQueryClient();
  const asked = useSyncExternalStore((notify) => {
    listeners.add(notify);
    return () => listeners.delete(notify);
  }, () => ended);
  const [password, setPassword] = useState('');
  const [problem, setProblem] = useState('');
  const [busy, setBusy] = useState(false);
  useEffect(() => onSignedOut(() => { if (!busy) setEnded('ended'); }), [busy]);

  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setProblem('');
    try {
      await logIn(user.name, password);
      setPassword('');
      setEnded('no');
      await client.invalidateQueries();
    } catch (error) {
      setProblem(errorTitle(error, t));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Modal open={asked !== 'no'} closable={asked === 'renew'} onCancel={() => { if (asked === 'renew') setEnded('no'); }} footer={null} title={t(asked === 'renew' ? 'shell:expired.renew' : 'shell:expired.title')} width={380} destroyOnHidden>
      <form onSubmit={(event) => void submit(event)} style={{ display: 'grid', gap: 12 }}>
        <p>{t(asked === 'renew' ? 'shell:expired.renewText' : 'shell:expired.text', { name: user.name })}</p>
        <label>{t('shell:expired.password')}<input className="kz-input" type="password" autoComplete="current-password" autoFocus required value={password} onChange={(event) => setPassword(event.target.value)} /></label>
        {problem && <p role="alert" className="kz-strong">{problem}</p>}
        <Button type="primary" htmlType="submit" loading={busy}>{t('shell:expired.go')}</Button>
      </form>
    </Modal>
  );
}
