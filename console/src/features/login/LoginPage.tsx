// SPDX-License-Identifier: Apache-2.0
import { Button } from 'antd';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState, type ReactNode } from 'react';
import type { Session } from '@/shared/api/types';
import { setLanguage, useLanguage, useT } from '@/shared/i18n/i18n';
import { useSearchState } from '@/shared/nav/address';
import { sessionKey, sessionQuery } from '@/shared/session/session';
import { useTitle } from '@/shared/ui/Page';
import { ErrorState, Loading } from '@/shared/ui/states';
import { EnterpriseForm } from './EnterpriseForm';
import { PasswordForm } from './PasswordForm';
import { SignInForm } from './SignInForm';
import './login.css';

type Step = 'signIn' | 'password' | 'enterprise' | 'done';

function stepOf(session: Session | null | undefined): Step {
  if (!session) return 'signIn';
  if (session.must_change_password) return 'password';
  return session.needs_enterprise ? 'enterprise' : 'done';
}

/** Log-in and, at the first run, own password and the enterprise's data. */
export function LoginPage() {
  const t = useT();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [search] = useSearchState();
  const query = useQuery(sessionQuery);
  const [typed, setTyped] = useState<string>();
  const step = stepOf(query.data);
  useTitle(t(`login:${step}.title`));

  const enter = (session: Session): void => {
    client.setQueryData(sessionKey, session);
    if (stepOf(session) !== 'done') return;
    const next = search['next'];
    // Only an address of this console: never one that starts with two slashes or a scheme.
    void navigate({ href: next && /^\/t\/[\w-]/.test(next) ? next : '/' });
  };
  let content: ReactNode;
  if (query.isPending) content = <Loading rows={4} />;
  else if (query.error) content = <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  else if (step === 'signIn') content = <SignInForm onDone={(session, password) => { setTyped(session.must_change_password ? password : undefined); enter(session); }} />;
  else if (step === 'password') content = <PasswordForm onDone={(session) => { setTyped(undefined); enter(session); }} known={typed} />;
  else if (step === 'enterprise' && query.data) content = <EnterpriseForm session={query.data} onDone={enter} />;
  else content = <Button type="primary" onClick={() => query.data && enter(query.data)}>{t('login:done.go')}</Button>;
  return (
    <div className="kz-login">
      <main className="kz-card">
        <header>
          <img src="/favicon.svg" alt="" width={28} height={28} />
          <strong>Karez</strong>
          <OtherLanguage />
        </header>
        <h1>{t(`login:${step}.title`)}</h1>
        <p className="kz-second">{t(`login:${step}.text`)}</p>
        {content}
      </main>
    </div>
  );
}

function OtherLanguage() {
  const t = useT();
  const other = useLanguage() === 'zh' ? 'en' : 'zh';
  return (
    <button type="button" className="kz-icon-button" style={{ marginLeft: 'auto' }} onClick={() => void setLanguage(other)} aria-label={t('shell:otherLanguage')}>
      {other === 'zh' ? '中' : 'EN'}
    </button>
  );
}
