// SPDX-License-Identifier: Apache-2.0
import { Button } from 'antd';
import { useQuery } from '@tanstack/react-query';
import { LineChart } from 'lucide-react';
import type { ReactNode } from 'react';
import { post } from '@/shared/api/client';
import type { Device, Point, Schema } from '@/shared/api/types';
import { formatCount, formatNumber, formatPercent, NO_VALUE, unitText, withUnit } from '@/shared/format/number';
import { formatShort, parseTime } from '@/shared/format/time';
import { useAgeText } from '@/shared/format/useSpanText';
import { useT } from '@/shared/i18n/i18n';
import { useNow } from '@/shared/live/react';
import { useGo } from '@/shared/nav/address';
import { useHasPage } from '@/shared/nav/usePages';
import { OriginWord, QualityWord, usePointState } from '@/shared/quality/cells';
import { codeText, type ValueState } from '@/shared/quality/quality';
import { useFormatValue } from '@/shared/quality/useFormatValue';
import { useWorkplace } from '@/shared/session/workplace';
import { Facts, Inspector, InspectorSection } from '@/shared/ui/Inspector';
import { sourceText, useFullValue, useLastGood } from './api';
import { ChangePoint } from './points/PointForm';
import { WriteValue } from './points/WriteValue';
import { Sparkline } from './Sparkline';

/** What the value is, how it came, and when it is bad: why, since when, what was last good, what to do. */
export function PointInspector({ point, device, onClose }: { point: Point; device: Device; onClose: () => void }) {
  const t = useT();
  const go = useGo();
  const trends = useHasPage('trends');
  const span = useAgeText();
  const format = useFormatValue();
  const { live, state, age } = usePointState(point);
  const unit = unitText(point.unit);
  const lastGood = useLastGood(point.id, state).data?.v;
  const shown = live?.value ?? live?.known ?? (state === 'bad' || state === 'stale' ? lastGood : undefined);
  return (
    <Inspector over={point.name} title={point.description || point.name} onClose={onClose}>
      <div style={{ padding: '0 16px 12px' }}>
        <div className="kz-row" style={{ alignItems: 'baseline' }}>
          <span style={{ fontSize: 28, lineHeight: '36px', fontWeight: 600, overflowWrap: 'anywhere' }} className={state === 'bad' || state === 'stale' ? 'kz-hatched kz-third' : ''}>{state === 'never' ? NO_VALUE : format(shown, point)}</span>
          <span className="kz-second">{unit}</span>
        </div>
        <div className="kz-row kz-small"><QualityWord state={state} />{age !== null && <span className="kz-second">{t('common:ago', { span: span(age) })}</span>}</div>
        <div className="kz-row" style={{ paddingTop: 10, flexWrap: 'wrap' }}>
          <WriteValue key={`w${point.id}`} point={point} device={device} />
          <ChangePoint key={`c${point.id}`} point={point} onRemoved={onClose} />
        </div>
      </div>
      <Trouble point={point} device={device} state={state} />
      <LastHour point={point} />
      <InspectorSection title={t('assets:limits')}><Limits point={point} /></InspectorSection>
      <InspectorSection title={t('assets:originSection')}><Provenance point={point} device={device} code={live?.code} /></InspectorSection>
      {trends && <section><Button icon={<LineChart size={14} />} onClick={() => go('trends', { points: point.id })}>{t('assets:openTrend')}</Button></section>}
    </Inspector>
  );
}

function Trouble({ point, device, state }: { point: Point; device: Device; state: ValueState }) {
  const t = useT();
  const { zone } = useWorkplace();
  const now = useNow();
  const format = useFormatValue();
  const full = useFullValue(point.id).data;
  const good = useLastGood(point.id, state).data;
  if (state !== 'bad' && state !== 'stale' && state !== 'uncertain' && state !== 'never') return null;
  const goodAt = parseTime(good?.t);
  return (
    <InspectorSection title={t('assets:trouble')}>
      {state !== 'stale' && full?.quality.text && <p className="kz-strong">{full.quality.text}</p>}
      {device.reason && <p>{device.reason.text} {device.reason.cure}</p>}
      {good && goodAt !== null && <p>{t('assets:lastGood', { value: withUnit(format(good.v, point), point.unit), time: formatShort(goodAt, now, zone) })}</p>}
    </InspectorSection>
  );
}

const HOUR_MS = 3_600_000;

function LastHour({ point }: { point: Point }) {
  const t = useT();
  const { path, tenant } = useWorkplace();
  const figures = useQuery({
    queryKey: ['last-hour', tenant.id, point.id],
    queryFn: async () => {
      const to = Date.now();
      const range = { points: [point.id], from: new Date(to - HOUR_MS).toISOString(), to: new Date(to).toISOString() };
      const numeric = point.type === 'double' || point.type === 'int64';
      const aggregates: Schema<'Aggregate'>[] = numeric ? ['count', 'min', 'max', 'twa', 'good'] : ['count', 'good'];
      const [buckets, trend] = await Promise.all([
        post<Schema<'BucketAnswer'>>(path('/history/buckets'), { ...range, step: '1h', aggregates }),
        point.type === 'string' ? null : post<Schema<'TrendAnswer'>>(path('/history/trend'), { ...range, width: 268 }),
      ]);
      return { bucket: buckets.series[0], series: trend?.series[0], from: to - HOUR_MS, to };
    },
    refetchInterval: 10_000,
  });
  const bucket = figures.data?.bucket;
  if (!figures.data || !bucket || (bucket.count?.[0] ?? 0) === 0) {
    return <InspectorSection title={t('assets:lastHour')}><p className="kz-second">{figures.isPending ? t('common:state.loading') : figures.error ? t('common:state.error') : t('assets:nothingLastHour')}</p></InspectorSection>;
  }
  const number = (column: (number | null)[] | undefined): string => (column?.[0] === null || column?.[0] === undefined ? NO_VALUE : formatNumber(column[0], point.precision ?? undefined));
  const rows: [string, ReactNode][] = [];
  if (bucket.min) rows.push([t('assets:minMeanMax'), withUnit(`${number(bucket.min)} · ${number(bucket.twa)} · ${number(bucket.max)}`, point.unit)]);
  rows.push([t('assets:samplesGood'), `${formatCount(bucket.count?.[0] ?? 0)} · ${bucket.good?.[0] === null || bucket.good?.[0] === undefined ? NO_VALUE : formatPercent(bucket.good[0])}`]);
  return (
    <InspectorSection title={t('assets:lastHour')}>
      {figures.data.series && <Sparkline series={figures.data.series} point={point} from={figures.data.from} to={figures.data.to} />}
      <Facts rows={rows} />
    </InspectorSection>
  );
}

function Limits({ point }: { point: Point }) {
  const t = useT();
  const format = useFormatValue();
  const show = (value: number): string => withUnit(format(value, point), point.unit);
  const rows: [string, ReactNode][] = [];
  const limits = [['limitHigh', point.limit_high], ['limitLow', point.limit_low]] as const;
  for (const [key, value] of limits) if (value !== null) rows.push([t(`assets:${key}`), show(value)]);
  if (point.normal_low !== null && point.normal_high !== null) rows.push([t('assets:normal'), `${format(point.normal_low, point)} – ${show(point.normal_high)}`]);
  return rows.length > 0 ? <Facts rows={rows} /> : <p className="kz-second">{t('common:limits.none')}</p>;
}

function Provenance({ point, device, code }: { point: Point; device: Device; code: number | undefined }) {
  const t = useT();
  const { zone } = useWorkplace();
  const now = useNow();
  const full = useFullValue(point.id).data;
  const time = (text: string | null | undefined): string => {
    const at = parseTime(text);
    return at === null ? NO_VALUE : formatShort(at, now, zone);
  };
  const scaled = point.scale !== 1 || point.offset !== 0;
  const rows: [string, ReactNode][] = [
    [t('assets:class'), <OriginWord key="o" origin={point.origin} />],
    [t('assets:source'), sourceText(device) ?? t('common:none')],
    [t('assets:address'), <code key="a">{point.address}</code>],
    [t('assets:sourceTime'), time(full?.time)],
    [t('assets:serverTime'), time(full?.received)],
    [t('assets:statusCode'), code === undefined ? NO_VALUE : <code key="c">{codeText(code)}</code>],
    [t('assets:type'), t(`common:type.${point.type}`)],
  ];
  if (scaled) rows.push([t('assets:rawToUnit'), `× ${formatNumber(point.scale)}${point.offset === 0 ? '' : ` ${point.offset > 0 ? '+' : ''}${formatNumber(point.offset)}`}`]);
  return <Facts rows={rows} />;
}
