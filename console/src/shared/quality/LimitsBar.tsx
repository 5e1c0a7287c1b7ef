// SPDX-License-Identifier: Apache-2.0
import type { Point } from '@/shared/api/types';
import { NO_VALUE } from '@/shared/format/number';
import { useT } from '@/shared/i18n/i18n';
import { usePointState } from './cells';
import { useFormatValue } from './useFormatValue';

const WIDTH = 72;
const HEIGHT = 16;

/** Range that the bar spans: the display limits, else a little more than the limits there are. */
function spanOf(point: Point): [number, number] | null {
  if (point.display_low !== null && point.display_high !== null && point.display_low < point.display_high) return [point.display_low, point.display_high];
  const known = [point.limit_low, point.normal_low, point.normal_high, point.limit_high].filter((n) => n !== null);
  if (known.length < 2) return null;
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const room = (high - low || 1) * 0.15;
  return [low - room, high + room];
}

/** Track, normal band, limit ticks and a pointer at the live value. */
export function LimitsBar({ point }: { point: Point }) {
  const t = useT();
  const { live, state } = usePointState(point);
  const format = useFormatValue();
  const span = spanOf(point);
  const value = typeof live?.value === 'string' && point.type === 'int64' ? Number(live.value) : live?.value;
  const marks = [point.limit_low, point.limit_high];
  if (!span || typeof value !== 'number') return <span className="kz-third">{NO_VALUE}</span>;
  const x = (n: number): number => Math.max(1, Math.min(WIDTH - 1, ((n - span[0]) / (span[1] - span[0])) * WIDTH));
  const [low, high] = [point.normal_low, point.normal_high];
  const label = t('common:limits.text', { value: format(live?.value, point), low: low === null ? NO_VALUE : format(low, point), high: high === null ? NO_VALUE : format(high, point) });
  return (
    <svg className="kz-limits" width={WIDTH} height={HEIGHT} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={label}>
      <rect x="0" y="6" width={WIDTH} height="4" fill="var(--kz-track)" />
      {low !== null && high !== null && high > low && <rect x={x(low)} y="6" width={Math.max(1, x(high) - x(low))} height="4" fill="var(--kz-band)" />}
      {marks.map((at, index) => at !== null && <rect key={index} x={x(at) - 0.75} y="3" width="1.5" height="10" fill="var(--kz-prio-3-edge)" />)}
      {state !== 'never' && <path d={`M${x(value)} 8l-3.500 6h7z`} fill="var(--kz-text)" opacity={state === 'bad' || state === 'stale' ? 0.5 : 1} />}
    </svg>
  );
}
