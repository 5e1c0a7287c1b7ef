// SPDX-License-Identifier: Apache-2.0
import { Button, Dropdown } from 'antd';
import { MoreHorizontal, Pencil } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Device } from '@/shared/api/types';
import { formatCount } from '@/shared/format/number';
import { parseTime } from '@/shared/format/time';
import { useSpanText } from '@/shared/format/useSpanText';
import { useT } from '@/shared/i18n/i18n';
import { useNow } from '@/shared/live/react';
import { usePathParams, useSearchState } from '@/shared/nav/address';
import { ConnectionWord } from '@/shared/quality/cells';
import { OriginSign } from '@/shared/quality/signs';
import { roleAtLeast } from '@/shared/session/session';
import { useWorkplace } from '@/shared/session/workplace';
import { Page as PageFrame, Tabs } from '@/shared/ui/Page';
import { QueryView } from '@/shared/ui/states';
import { sourceText, useDevice, useEquipment, useLink } from './api';
import { ConnectionTab } from './ConnectionTab';
import { useDeleteDevice } from './DeleteDevice';
import { useEditDevice } from './EditDevice';
import { Frame } from './Frame';
import { PointsTab } from './PointsTab';

export function Page() {
  const { id = '' } = usePathParams();
  const device = useDevice(id);
  return (
    <Frame active={device.data?.data.equipment ?? undefined}>
      <QueryView query={device}>{(answer) => <DeviceView device={answer.data} etag={answer.etag} />}</QueryView>
    </Frame>
  );
}

type TabKey = 'points' | 'connection';

function DeviceView({ device, etag }: { device: Device; etag: string }) {
  const t = useT();
  const { role } = useWorkplace();
  const [search, setSearch] = useSearchState();
  const equipment = useEquipment(device.equipment ?? undefined).data?.data;
  const remove = useDeleteDevice(device, etag);
  const edit = useEditDevice(device, etag);
  const tab: TabKey = search['tab'] === 'connection' ? 'connection' : 'points';
  const steps = equipment ? [...(equipment.path ?? []), equipment] : [];
  const may = roleAtLeast(role, 'engineer');
  return (
    <PageFrame title={t('assets:device')} object={device.name} crumbs={steps.map((step) => ({ label: step.name, path: 'assets', search: { node: step.id } }))}
      beside={<><span className="kz-tag"><ConnectionWord state={device.state} /></span><span className="kz-tag">{t(`common:class.${device.class}`)}</span>{device.origin !== 'real' && <span className="kz-tag"><OriginSign origin={device.origin} />{t(`common:origin.${device.origin}`)}</span>}</>}
      actions={<><Button icon={<Pencil size={14} />} disabled={!may} title={may ? undefined : t('assets:needsEngineer')} onClick={edit.ask} data-testid="edit-device">{t('assets:edit.action')}</Button><Dropdown trigger={['click']} menu={{ items: [{ key: 'delete', label: may ? t('assets:delete.action') : t('assets:needsEngineer'), disabled: !may }], onClick: remove.ask }}><Button aria-label={t('assets:more')} icon={<MoreHorizontal size={16} />} /></Dropdown></>}>
      <DeviceFacts device={device} />
      <Tabs<TabKey> label={device.name} value={tab} onChange={(key) => setSearch({ tab: key === 'points' ? undefined : key })}
        items={[{ key: 'points', label: t('assets:livePoints'), count: formatCount(device.total_points) }, { key: 'connection', label: t('assets:connection') }]} />
      {tab === 'points' ? <PointsTab device={device} /> : <ConnectionTab device={device} />}
      {remove.dialog}
      {edit.dialog}
    </PageFrame>
  );
}

function DeviceFacts({ device }: { device: Device }) {
  const t = useT();
  const now = useNow();
  const span = useSpanText();
  const link = useLink(device.link ?? undefined).data;
  const since = parseTime(device.since);
  const facts: [string, ReactNode][] = [
    [t('assets:source'), sourceText(device) ?? t('common:none')],
    [t(`common:connection.${device.state}`), since === null ? '' : span(now - since)],
    [t('assets:goodPoints'), `${formatCount(device.good_points)} / ${formatCount(device.total_points)}`],
  ];
  if (link && link.stats.rtt_p95_ms !== null) facts.push([t('assets:latency'), span(link.stats.rtt_p95_ms)]);
  return (
    <div style={{ display: 'flex', gap: '4px 20px', flexWrap: 'wrap', padding: '0 16px 6px' }} className="kz-small">
      {facts.map(([label, value]) => <span key={label}><span className="kz-second">{label}</span> <strong>{value}</strong></span>)}
      {device.reason && <span className="kz-strong">{device.reason.text} {device.reason.cure}</span>}
    </div>
  );
}
