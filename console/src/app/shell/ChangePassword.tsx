// SPDX-License-Identifier: Apache-2.0
import { Modal } from 'antd';
import { useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useState, type ReactNode } from 'react';
import { useT } from '@/shared/i18n/i18n';
import { sessionKey } from '@/shared/session/session';
import { Loading } from '@/shared/ui/states';

const Form = lazy(async () => ({ default: (await import('@/features/login/PasswordForm')).PasswordForm }));

/** Dialog for the own password; all other sessions of the user end with the old one. */
export function useChangePassword(): { ask: () => void; dialog: ReactNode } {
  const t = useT();
  const client = useQueryClient();
  const [stage, setStage] = useState<'closed' | 'open' | 'done'>('closed');
  const dialog = (
    <Modal open={stage !== 'closed'} onCancel={() => setStage('closed')} footer={null} width={420} title={t('shell:changePassword')} destroyOnHidden>
      {stage === 'done' ? <p role="status" className="kz-strong" data-testid="password-changed">{t('shell:passwordChanged')}</p> : (
        <>
          <p className="kz-second" style={{ paddingBottom: 12 }}>{t('shell:passwordEnds')}</p>
          <Suspense fallback={<Loading rows={3} />}><Form onDone={(session) => { client.setQueryData(sessionKey, session); setStage('done'); }} /></Suspense>
        </>
      )}
    </Modal>
  );
  return { ask: () => setStage('open'), dialog };
}
