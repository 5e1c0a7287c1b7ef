// SPDX-License-Identifier: Apache-2.0
import { useId } from 'react';
import type { Point, Schema } from '@/shared/api/types';
import { formatClock, parseTime } from '@/shared/format/time';
import { useT } from '@/shared/i18n/i18n';
import { classOf } from '@/shared/quality/quality';
import { useWorkplace } from '@/shared/session/workplace';

const WIDTH = 268;
const HEIGHT = 72;

interface Sample {
  x: number;
  low: number;
  high: number;
  mid: number;
  bad: boolean;
}

/** Samples as pixels of a small picture; a gap the server names starts a new piece. */
function piecesOf(series: Schema<'TrendSeries'>, from: number, to: number): Sample[][] {
  const start = parseTime(series.t0) ?? from;
  const x = (ms: number): number => ((ms - from) / (to - from)) * WIDTH;
  const gaps = series.gaps.map((gap) => parseTime(gap.to) ?? 0);
  const pieces: Sample[][] = [[]];
  let gapAt = 0;
  series.t_us.forEach((us, index) => {
    const at = start + us / 1000;
    const values = series.reduced ? [series.min[index], series.max[index], series.last[index]] : Array(3).fill(series.v[index]);
    const [low, high, mid] = values.map((value) => (value === null || value === undefined ? Number.NaN : Number(value))) as [number, number, number];
    while (gapAt < gaps.length && at >= (gaps[gapAt] ?? Infinity)) {
      gapAt += 1;
      pieces.push([]);
    }
    const code = series.reduced ? series.worst_quality[index] : series.q[index];
    if (Number.isFinite(mid)) pieces.at(-1)?.push({ x: x(at), low, high, mid, bad: classOf(code ?? 0) === 'bad' });
    else pieces.push([]);
  });
  return pieces.filter((piece) => piece.length > 0);
}

/** The last hour: envelope, line, normal band; nothing is drawn across a gap, bad stretches are hatched. */
export function Sparkline({ series, point, from, to }: { series: Schema<'TrendSeries'>; point: Point; from: number; to: number }) {
  const t = useT();
  const hatch = useId();
  const { zone } = useWorkplace();
  const pieces = piecesOf(series, from, to);
  const all = pieces.flat();
  if (all.length === 0) return null;
  const lowest = Math.min(...all.map((sample) => sample.low));
  const highest = Math.max(...all.map((sample) => sample.high));
  const room = (highest - lowest || Math.abs(highest) || 1) * 0.1;
  const y = (value: number): number => HEIGHT - ((value - lowest + room) / (highest - lowest + 2 * room)) * HEIGHT;
  const path = (piece: Sample[]): string => piece.map((sample, index) => `${index === 0 ? 'M' : 'L'}${sample.x.toFixed(1)} ${y(sample.mid).toFixed(1)}`).join('');
  const envelope = (piece: Sample[]): string =>
    `${piece.map((sample, index) => `${index === 0 ? 'M' : 'L'}${sample.x.toFixed(1)} ${y(sample.high).toFixed(1)}`).join('')}${piece.toReversed().map((sample) => `L${sample.x.toFixed(1)} ${y(sample.low).toFixed(1)}`).join('')}Z`;
  const band = point.normal_low !== null && point.normal_high !== null ? [Math.max(0, y(point.normal_high)), Math.min(HEIGHT, y(point.normal_low))] as const : null;
  return (
    <figure>
      <svg width="100%" height={HEIGHT} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={t('assets:lastHour')} style={{ overflow: 'hidden', display: 'block' }}>
        {band && band[1] > band[0] && <rect x="0" width={WIDTH} y={band[0]} height={band[1] - band[0]} fill="var(--kz-track)" />}
        <pattern id={hatch} width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><path d="M0 0v6" stroke="var(--kz-edge)" strokeWidth="1.2" /></pattern>
        {all.filter((sample) => sample.bad).map((sample) => <rect key={sample.x} x={sample.x} y="0" width="1.4" height={HEIGHT} fill={`url(#${hatch})`} />)}
        {pieces.map((piece, index) => <path key={index} d={envelope(piece)} fill="var(--kz-series-1)" opacity="0.28" />)}
        {pieces.map((piece, index) => <path key={index} d={path(piece)} fill="none" stroke="var(--kz-series-1)" strokeWidth="1.5" vectorEffect="non-scaling-stroke" />)}
      </svg>
      <figcaption className="kz-row kz-small kz-third" style={{ justifyContent: 'space-between' }}><span>{formatClock(from, zone, false)}</span><span>{formatClock(to, zone, false)}</span></figcaption>
    </figure>
  );
}
