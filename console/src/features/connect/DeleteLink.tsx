// SPDX-License-Identifier: Apache-2.0
import { Button, Modal } from 'antd';
import { useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { remove } from '@/shared/api/client';
import { ApiError } from '@/shared/api/problem';
import type { Link } from '@/shared/api/types';
import { formatCount } from '@/shared/format/number';
import { useT } from '@/shared/i18n/i18n';
import { useWorkplace } from '@/shared/session/workplace';
import { AppLink } from '@/shared/ui/AppLink';
import { errorTitle } from '@/shared/ui/states';

interface Options {
  link: Link;
  etag: string;
  onGone: () => void;
  onDisable: () => void;
}

/** What hangs on the source is said first; with devices on it only disabling is left. */
export function useDeleteLink({ link, etag, onGone, onDisable }: Options): { ask: () => void; dialog: ReactNode } {
  const t = useT();
  const client = useQueryClient();
  const { path } = useWorkplace();
  const [open, setOpen] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const used = link.device_count > 0;
  const act = async (): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      await remove(path(`/links/${encodeURIComponent(link.id)}`), etag);
      setOpen(false);
      await client.invalidateQueries({ queryKey: ['links'] });
      onGone();
    } catch (cause) {
      setError(cause);
    } finally {
      setBusy(false);
    }
  };
  const dialog = (
    <Modal open={open} onCancel={() => setOpen(false)} footer={null} width={480} title={t('connect:delete.title', { name: link.name })} destroyOnHidden>
      <div className="kz-form">
        {used
          ? <p>{t('connect:delete.used', { devices: formatCount(link.device_count), points: formatCount(link.point_count) })} <AppLink path="assets" search={{ link: link.id }}>{t('connect:delete.show')}</AppLink></p>
          : <p>{t('connect:delete.free')}</p>}
        {error !== null && <p role="alert" className="kz-strong">{error instanceof ApiError && error.conflict ? t('common:form.conflict') : errorTitle(error, t)}</p>}
        <div className="kz-row">
          {!used && <Button loading={busy} disabled={etag === ''} onClick={() => void act()}>{t('connect:delete.action')}</Button>}
          {link.enabled && <Button onClick={() => { setOpen(false); onDisable(); }}>{t('connect:delete.disable')}</Button>}
          <Button type="text" onClick={() => setOpen(false)}>{t('common:action.cancel')}</Button>
        </div>
      </div>
    </Modal>
  );
  return { ask: () => { setError(null); setOpen(true); }, dialog };
}
