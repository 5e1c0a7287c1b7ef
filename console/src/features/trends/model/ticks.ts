// SPDX-License-Identifier: Apache-2.0
import { formatClock, formatDate } from '@/shared/format/time';
import { addUnits, floorTo, type SpanUnit } from '@/shared/time/range';
import { offsetMinutes, wallOf } from '@/shared/time/zone';
import { spanOfView, type View } from './view';

export interface Tick {
  at: number;
  label: string;
  /** Begins a day of the site. */
  day: boolean;
}

const steps: [number, SpanUnit][] = [
  [1, 's'], [2, 's'], [5, 's'], [10, 's'], [15, 's'], [30, 's'], [1, 'm'], [2, 'm'], [5, 'm'], [10, 'm'], [15, 'm'], [30, 'm'],
  [1, 'h'], [2, 'h'], [3, 'h'], [6, 'h'], [12, 'h'], [1, 'd'], [2, 'd'], [1, 'w'], [2, 'w'], [1, 'mo'], [3, 'mo'], [6, 'mo'], [1, 'y'], [2, 'y'], [5, 'y'],
];
const roughMs: Record<SpanUnit, number> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000, mo: 2_629_800_000, y: 31_557_600_000 };
const LABEL_PX = 84;
const MAX_TICKS = 200;

/** Ticks on round wall-clock times of the zone, no closer than a label is wide. */
export function timeTicks(view: View, width: number, zone: string): Tick[] {
  const least = (spanOfView(view) / Math.max(1, width)) * LABEL_PX;
  if (least < 500) return fineTicks(view, least, zone);
  const [count, unit] = steps.find(([n, u]) => n * roughMs[u] >= least) ?? [10, 'y'];
  const ticks: Tick[] = [];
  let at = firstTick(view.from, count, unit, zone);
  while (at <= view.to && ticks.length < MAX_TICKS) {
    if (at >= view.from) ticks.push(tickOf(at, unit, zone));
    const next = addUnits(at, count, unit, zone);
    // Twice-told hours at the end of summer time: hours count on in real time, days on the wall clock.
    at = next > at ? next : at + roughMs[unit] * count;
  }
  return ticks;
}

function firstTick(from: number, count: number, unit: SpanUnit, zone: string): number {
  if (unit === 's' || unit === 'm' || unit === 'h') {
    const day = floorTo(from, 'd', zone);
    const step = count * roughMs[unit];
    return day + Math.floor((from - day) / step) * step;
  }
  if (unit === 'd') return floorTo(from, 'd', zone);
  if (unit === 'w') return floorTo(from, 'w', zone);
  return floorTo(from, unit === 'mo' && count === 1 ? 'mo' : 'y', zone);
}

function tickOf(at: number, unit: SpanUnit, zone: string): Tick {
  const wall = wallOf(at, zone);
  const day = wall.hour === 0 && wall.minute === 0 && wall.second === 0;
  const date = formatDate(at, zone);
  if (unit === 'y') return { at, label: date.slice(0, 4), day };
  if (unit === 'mo') return { at, label: date.slice(0, 7), day };
  if (unit === 'd' || unit === 'w' || day) return { at, label: wall.month === 1 && wall.day === 1 ? date : date.slice(5), day };
  return { at, label: formatClock(at, zone, unit === 's'), day };
}

function fineTicks(view: View, least: number, zone: string): Tick[] {
  const step = [1, 2, 5, 10, 20, 50, 100, 200, 500].find((ms) => ms >= least) ?? 500;
  const ticks: Tick[] = [];
  for (let at = Math.ceil(view.from / step) * step; at <= view.to && ticks.length < MAX_TICKS; at += step) {
    ticks.push({ at, label: `${formatClock(at, zone)}.${String(((at % 1000) + 1000) % 1000).padStart(3, '0')}`, day: false });
  }
  return ticks;
}

/** Moments within the view at which the zone changes its clock (summer time). */
export function clockChanges(view: View, zone: string): { at: number; minutes: number }[] {
  const found: { at: number; minutes: number }[] = [];
  const step = Math.max(86_400_000, spanOfView(view) / 800);
  for (let low = view.from; low < view.to; low += step) {
    const high = Math.min(view.to, low + step);
    const before = offsetMinutes(low, zone);
    if (before === offsetMinutes(high, zone)) continue;
    let [a, b] = [low, high];
    while (b - a > 1000) {
      const middle = (a + b) / 2;
      if (offsetMinutes(middle, zone) === before) a = middle;
      else b = middle;
    }
    found.push({ at: Math.round(b / 60_000) * 60_000, minutes: offsetMinutes(high, zone) - before });
  }
  return found;
}
