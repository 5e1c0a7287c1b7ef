// SPDX-License-Identifier: Apache-2.0
import { Button } from 'antd';
import { useRef, useState, type FormEvent } from 'react';
import type { Session } from '@/shared/api/types';
import { focusFirstError, TextField } from '@/shared/form/Field';
import { useT } from '@/shared/i18n/i18n';
import { changePassword } from '@/shared/session/session';
import { fieldError, Problem, useSubmit } from './useSubmit';

const MIN = 10;

/** `known`: the password that was typed a moment ago to log in; it is not asked for again. */
export function PasswordForm({ onDone, known }: { onDone: (session: Session) => void; known?: string | undefined }) {
  const t = useT();
  const form = useRef<HTMLFormElement>(null);
  const [old, setOld] = useState(known ?? '');
  const [next, setNext] = useState('');
  const [again, setAgain] = useState('');
  const [judged, setJudged] = useState(false);
  const { busy, error, run } = useSubmit();
  const short = next.length < MIN ? t('login:password.short', { count: MIN }) : next === old ? t('login:password.same') : undefined;
  const differs = again !== next ? t('login:password.differs') : undefined;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setJudged(true);
    if (short || differs) focusFirstError(form.current);
    else void run(async () => onDone(await changePassword(old, next)));
  };
  return (
    <form className="kz-form" onSubmit={submit} ref={form}>
      {known === undefined && <TextField label={t('login:password.old')} name="old" type="password" value={old} onChange={setOld} autoComplete="current-password" autoFocus error={fieldError(error, '/old')} maxLength={256} />}
      <TextField label={t('login:password.new')} name="new" type="password" value={next} onChange={setNext} autoComplete="new-password" autoFocus={known !== undefined} help={t('login:password.rule', { count: MIN })}
        error={(judged ? short : undefined) ?? fieldError(error, '/new')} maxLength={256} />
      <TextField label={t('login:password.again')} name="again" type="password" value={again} onChange={setAgain} autoComplete="new-password" error={judged ? differs : undefined} maxLength={256} />
      <Problem error={error} />
      <Button type="primary" htmlType="submit" loading={busy}>{t('login:password.go')}</Button>
    </form>
  );
}
