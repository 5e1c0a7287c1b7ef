// SPDX-License-Identifier: Apache-2.0
import { Button } from 'antd';
import { useState, type FormEvent } from 'react';
import type { Session } from '@/shared/api/types';
import { TextField } from '@/shared/form/Field';
import { useT } from '@/shared/i18n/i18n';
import { logIn } from '@/shared/session/session';
import { Problem, useSubmit } from './useSubmit';

export function SignInForm({ onDone }: { onDone: (session: Session, password: string) => void }) {
  const t = useT();
  const [user, setUser] = useState('');
  const [password, setPassword] = useState('');
  const { busy, error, run } = useSubmit();
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (user !== '' && password !== '') void run(async () => onDone(await logIn(user.trim(), password), password));
  };
  return (
    <form className="kz-form" onSubmit={submit}>
      <TextField label={t('login:user')} name="user" value={user} onChange={setUser} autoComplete="username" autoFocus maxLength={100} required />
      <TextField label={t('login:passwordLabel')} name="password" type="password" value={password} onChange={setPassword} autoComplete="current-password" maxLength={256} required help={t('login:passwordHelp')} />
      <Problem error={error} />
      <Button type="primary" htmlType="submit" loading={busy}>{t('login:signIn.go')}</Button>
    </form>
  );
}
