// SPDX-License-Identifier: Apache-2.0
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { get } from '@/shared/api/client';
import type { Overview } from '@/shared/api/types';
import { formatBytes, formatCount, formatNumber, formatPercent, NO_VALUE, withUnit } from '@/shared/format/number';
import { formatDateTime, parseTime } from '@/shared/format/time';
import { useT } from '@/shared/i18n/i18n';
import { roleAtLeast } from '@/shared/session/session';
import { useWorkplace } from '@/shared/session/workplace';
import { AppLink } from '@/shared/ui/AppLink';
import { Page as PageFrame } from '@/shared/ui/Page';
import { Empty, QueryView } from '@/shared/ui/states';
import { Events } from './Events';
import { Sources } from './Sources';
import { StateBar, type Part } from './StateBar';
import './overview.css';

/** What is wrong now, since when, and where to go: counters, sources, newest events. */
export function Page() {
  const t = useT();
  const { path, tenant, zone, role } = useWorkplace();
  const may = roleAtLeast(role, 'engineer');
  const overview = useQuery({
    queryKey: ['overview', tenant.id],
    queryFn: ({ signal }) => get<Overview>(path('/overview'), {}, signal),
    refetchInterval: 5_000,
    placeholderData: keepPreviousData,
  });
  const at = parseTime(overview.data?.at);
  return (
    <PageFrame title={t('overview:title')} object={t('overview:heading', { tenant: tenant.name })} beside={at !== null && <span className="kz-second">{formatDateTime(at, zone, true)}</span>}>
      <div className="kz-page-scroll">
        <QueryView query={overview} rows={12}>
          {(data) => isEmpty(data) ? (
            <Empty title={t('overview:empty')} text={t('overview:emptyText')} action={<AppLink path={may ? 'connect/add' : 'assets'} className="kz-strong">{t(may ? 'overview:addDevice' : 'overview:toAssets')}</AppLink>} />
          ) : <Health data={data} />}
        </QueryView>
      </div>
    </PageFrame>
  );
}

/** Line protocol and CSV deliver without any source: a platform with devices or points is not empty. */
export function isEmpty(data: Overview): boolean {
  return data.sources_total === 0 && data.devices.total === 0 && data.points.total === 0;
}

function Health({ data }: { data: Overview }) {
  const t = useT();
  const { devices, points, origins } = data;
  const lost = devices.offline + devices.backoff;
  const deviceParts: Part[] = [
    { key: 'online', label: t('common:connection.online'), count: devices.online, look: 'solid', search: { state: 'online' } },
    { key: 'degraded', label: t('common:connection.degraded'), count: devices.degraded, look: 'light', search: { state: 'degraded' } },
    { key: 'lost', label: t('common:connection.offline'), count: lost, look: 'hatched', search: { state: 'offline,backoff' } },
    { key: 'rest', label: t('overview:notRunning'), count: devices.connecting + devices.disabled, look: 'empty', search: { state: 'connecting,disabled' } },
  ];
  const pointParts: Part[] = [
    { key: 'good', label: t('common:quality.good'), count: points.good, look: 'solid' },
    { key: 'uncertain', label: t('common:quality.uncertain'), count: points.uncertain, look: 'light' },
    { key: 'bad', label: t('common:quality.bad'), count: points.bad, look: 'hatched' },
    { key: 'never', label: t('common:quality.never'), count: points.never, look: 'empty' },
  ];
  return (
    <>
      <div className="kz-tiles">
        <Tile label={t('overview:devicesOnline')} value={`${formatCount(devices.online)} / ${formatCount(devices.total)}`} path="assets" parts={deviceParts}
          note={lost > 0 ? t('overview:lost', { count: lost }) : t('overview:noneLost')} />
        <Tile label={t('overview:pointsGood')} value={points.total > 0 ? formatPercent(points.good / points.total) : NO_VALUE} path="assets" parts={pointParts}
          note={t('overview:pointsOf', { good: formatCount(points.good), total: formatCount(points.total), stale: formatCount(points.stale) })} />
        <Tile label={t('overview:rate')} value={withUnit(formatNumber(data.samples_per_s, data.samples_per_s < 100 ? 1 : 0), t('overview:perSecond'))} note={t('overview:samplesTotal', { total: formatCount(data.samples_total) })} />
        <Tile label={t('overview:store')} value={formatBytes(data.store_bytes)} note={data.samples_total > 0 ? t('overview:bytesPerSample', { value: formatNumber(data.store_bytes / data.samples_total, 2) }) : t('overview:noSamples')} />
        <Tile label={t('overview:realPoints')} value={formatCount(origins.real)}
          note={t('overview:originOthers', { replayed: formatCount(origins.replayed), simulated: formatCount(origins.simulated), unknown: formatCount(origins.unknown) })} />
      </div>
      <div className="kz-overview-rest">
        <Sources rows={data.sources} total={data.sources_total} />
        <Events events={data.events} />
      </div>
    </>
  );
}

interface TileProps {
  label: string;
  value: ReactNode;
  note: string;
  path?: string;
  parts?: Part[];
}

function Tile({ label, value, note, path, parts }: TileProps) {
  return (
    <section className="kz-card kz-tile" aria-label={label}>
      <h2 className="kz-small kz-second">{path ? <AppLink path={path}>{label}</AppLink> : label}</h2>
      <div className="kz-tile-value">{value}</div>
      {parts && <StateBar parts={parts} />}
      <p className="kz-small kz-second">{note}</p>
    </section>
  );
}
