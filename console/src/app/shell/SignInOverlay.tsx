// SPDX-License-Identifier: Apache-2.0
import { Button, Modal } from 'antd';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState, useSyncExternalStore, type FormEvent } from 'react';
import { onSignedOut } from '@/shared/api/client';
import { useT } from '@/shared/i18n/i18n';
import { logIn, useSession } from '@/shared/session/session';
import { errorTitle } from '@/shared/ui/states';

let ended = false;
const listeners = new Set<() => void>();

function setEnded(value: boolean): void {
  ended = value;
  for (const notify of listeners) notify();
}

/** The log-in has expired: the overlay asks for the password, page and drafts stay. */
export function markSignedOut(): void {
  setEnded(true);
}

export function SignInOverlay() {
  const t = useT();
  const { user } = useSession();
  const client = useQueryClient();
  const open = useSyncExternalStore((notify) => {
    listeners.add(notify);
    return () => listeners.delete(notify);
  }, () => ended);
  const [password, setPassword] = useState('');
  const [problem, setProblem] = useState('');
  const [busy, setBusy] = useState(false);
  useEffect(() => onSignedOut(() => { if (!busy) setEnded(true); }), [busy]);

  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setProblem('');
    try {
      await logIn(user.name, password);
      setPassword('');
      setEnded(false);
      await client.invalidateQueries();
    } catch (error) {
      setProblem(errorTitle(error, t));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Modal open={open} closable={false} footer={null} title={t('shell:expired.title')} width={380} destroyOnHidden>
      <form onSubmit={(event) => void submit(event)} style={{ display: 'grid', gap: 12 }}>
        <p>{t('shell:expired.text', { name: user.name })}</p>
        <label>{t('shell:expired.password')}<input className="kz-input" type="password" autoComplete="current-password" autoFocus required value={password} onChange={(event) => setPassword(event.target.value)} /></label>
        {problem && <p role="alert" className="kz-strong">{problem}</p>}
        <Button type="primary" htmlType="submit" loading={busy}>{t('shell:expired.go')}</Button>
      </form>
    </Modal>
  );
}
