// SPDX-License-Identifier: Apache-2.0
import { Button, Modal } from 'antd';
import { useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { remove } from '@/shared/api/client';
import type { Device } from '@/shared/api/types';
import { TextField } from '@/shared/form/Field';
import { formatCount } from '@/shared/format/number';
import { useT } from '@/shared/i18n/i18n';
import { useGo } from '@/shared/nav/address';
import { useWorkplace } from '@/shared/session/workplace';
import { errorTitle } from '@/shared/ui/states';

/** Samples go with the device, so its name has to be typed. */
export function useDeleteDevice(device: Device, etag: string): { ask: () => void; dialog: ReactNode } {
  const t = useT();
  const go = useGo();
  const client = useQueryClient();
  const { path } = useWorkplace();
  const [open, setOpen] = useState(false);
  const [typed, setTyped] = useState('');
  const [error, setError] = useState<unknown>(null);
  const act = async (): Promise<void> => {
    try {
      await remove(path(`/devices/${device.id}`), etag);
      await client.invalidateQueries({ queryKey: ['devices'] });
      go('assets', { node: device.equipment ?? undefined });
    } catch (cause) {
      setError(cause);
    }
  };
  const dialog = (
    <Modal open={open} onCancel={() => setOpen(false)} footer={null} width={460} title={t('assets:delete.title', { name: device.name })} destroyOnHidden>
      <div className="kz-form">
        <p>{t('assets:delete.text', { points: formatCount(device.total_points) })}</p>
        <TextField label={t('assets:delete.type', { name: device.name })} value={typed} onChange={setTyped} autoFocus />
        {error !== null && <p role="alert" className="kz-strong">{errorTitle(error, t)}</p>}
        <Button disabled={typed !== device.name} onClick={() => void act()}>{t('assets:delete.action')}</Button>
      </div>
    </Modal>
  );
  return { ask: () => { setTyped(''); setError(null); setOpen(true); }, dialog };
}
