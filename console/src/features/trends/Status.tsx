// SPDX-License-Identifier: Apache-2.0
import { Button } from 'antd';
import { formatCount } from '@/shared/format/number';
import { formatShort } from '@/shared/format/time';
import { useSpanText } from '@/shared/format/useSpanText';
import { useT } from '@/shared/i18n/i18n';
import { Rich } from '@/shared/i18n/Rich';
import { StatusLine } from '@/shared/ui/Page';
import { errorTitle } from '@/shared/ui/states';
import type { TrendFrame } from './data';
import { MAX_SERIES } from './model/address';
import type { Prepared } from './model/prepare';
import { countIn } from './model/trace';
import { spanOfView, type View } from './model/view';
import type { usePicture } from './usePicture';
import type { Workspace } from './useWorkspace';

/** How many samples stand behind the picture, and the keys. */
export function Status({ frame, loading, count, series, view }: { frame: TrendFrame | undefined; loading: boolean; count: number; series: readonly Prepared[]; view: View }) {
  const t = useT();
  const span = useSpanText();
  const counts = series.map((one) => ({ reduced: one.trace.reduced, ...countIn(one.trace, view.from, view.to) }));
  const samples = counts.reduce((sum, one) => sum + one.samples, 0);
  const columns = Math.max(0, ...counts.filter((one) => one.reduced).map((one) => one.entries));
  return (
    <StatusLine>
      <span>{t('trends:seriesCount', { count, shown: formatCount(series.length) })}</span>
      {loading && <span>{t('common:state.loading')}</span>}
      {frame && <span><Rich text={columns > 0 ? t('trends:statusEnvelope', { samples: formatCount(samples), columns: formatCount(columns) }) : t('trends:statusRaw', { samples: formatCount(samples) })} /></span>}
      {frame && <span><Rich text={t('trends:statusTook', { span: span(Math.max(1, frame.tookMs)) })} /></span>}
      <span className="kz-third tr-hint" title={t('trends:keys')}>{t('trends:keys')}</span>
    </StatusLine>
  );
}

/** A running range of the same length. */
function runningRange(span: number): string {
  const units: [number, string][] = [[604_800_000, 'w'], [86_400_000, 'd'], [3_600_000, 'h'], [60_000, 'm'], [1000, 's']];
  const even = units.find(([ms]) => span >= ms && span % ms === 0);
  if (even) return `${span / even[0]}${even[1]}`;
  const [ms, unit] = units.find(([size]) => span >= size * 20) ?? [1000, 's'];
  return `${Math.max(1, Math.round(span / ms))}${unit}`;
}

interface NoticesProps {
  workspace: Workspace;
  picture: ReturnType<typeof usePicture>;
  refused: number;
}

/** What the reader has to know about the picture: refused points, an old picture, nothing in range, a range that stands still. */
export function Notices({ workspace: { context, range, change }, picture: { series, trend }, refused }: NoticesProps) {
  const t = useT();
  const { resolved, zone } = range;
  const now = Date.now();
  const empty = series.length > 0 && series.every((one) => countIn(one.trace, resolved.from, resolved.to).samples === 0 && one.runs.length === 0);
  const last = empty ? Math.max(...series.map((one) => one.trace.t.at(-1) ?? -Infinity)) : -Infinity;
  const notices: [key: string, text: string, action?: [string, () => void]][] = [];
  if (refused > 0) notices.push(['refused', t('trends:refused', { count: refused, max: MAX_SERIES })]);
  if (trend.error && trend.data) notices.push(['old', t('trends:oldPicture', { reason: errorTitle(trend.error, t) }), [t('common:action.retry'), () => void trend.refetch()]]);
  if (empty && Number.isFinite(last)) {
    const half = (resolved.to - resolved.from) / 2;
    notices.push(['empty', t('trends:nothingInRange', { time: formatShort(last, now, zone) }), [t('trends:goThere'), () => context.setView({ from: Math.round(last - half), to: Math.round(last + half) })]]);
  } else if (empty) notices.push(['never', t('trends:nothingYet')]);
  if (!resolved.running) notices.push(['fixed', t('trends:standsStill'), [t('trends:toNow'), () => change({ range: runningRange(Math.round(spanOfView(context.store.view))) })]]);
  if (notices.length === 0) return null;
  return (
    <div className="tr-notices" role="status">
      {notices.map(([key, text, action]) => (
        <span key={key} className="tr-notice">{text}{action && <Button type="link" size="small" onClick={action[1]}>{action[0]}</Button>}</span>
      ))}
    </div>
  );
}
