// SPDX-License-Identifier: Apache-2.0
import type { Point } from '@/shared/api/types';
import { indexAt, type Trace } from './trace';
import type { View } from './view';

export type LaneMode = 'lanes' | 'overlay';

export interface LaneAxis {
  /** UCUM code, empty for none. */
  unit: string;
  ids: string[];
}

export interface Lane {
  key: string;
  /** One or two; the second is drawn at the right. */
  axes: LaneAxis[];
}

type Shape = Pick<Point, 'id' | 'unit' | 'type'>;

/** Booleans and texts are strips, everything else a line. */
export const isStrip = (point: Pick<Point, 'type'>): boolean => point.type === 'bool' || point.type === 'string';

/** A lane for each unit in the order of the points; overlaid, two units share a lane. */
export function layoutLanes(points: readonly Shape[], mode: LaneMode): Lane[] {
  const axes: LaneAxis[] = [];
  for (const point of points) {
    if (isStrip(point)) continue;
    const unit = point.unit ?? '';
    // Values without a unit have nothing in common: each gets an axis of its own.
    const axis = unit === '' ? undefined : axes.find((candidate) => candidate.unit === unit);
    if (axis) axis.ids.push(point.id);
    else axes.push({ unit, ids: [point.id] });
  }
  if (mode === 'lanes') return axes.map((axis) => ({ key: `u:${keyOf(axis)}`, axes: [axis] }));
  const lanes: Lane[] = [];
  for (let i = 0; i < axes.length; i += 2) {
    const pair = axes.slice(i, i + 2);
    lanes.push({ key: `o:${pair.map(keyOf).join('|')}`, axes: pair });
  }
  return lanes;
}

// Commas separate the lanes in the address.
const keyOf = (axis: LaneAxis): string => (axis.unit === '' ? `#${axis.ids[0] ?? ''}` : axis.unit).replaceAll(',', '.');

/** Equal heights that fill the room, never below the least; then the stack scrolls. */
export function laneHeight(count: number, room: number, least: number): number {
  return count === 0 ? 0 : Math.max(least, Math.floor(room / count));
}

type Limits = Pick<Point, 'display_low' | 'display_high' | 'limit_low' | 'limit_high'>;

/** Range of an axis: the display limits when every point has them, else what is seen, with limits that are near. */
export function axisRange(points: readonly Limits[], traces: readonly Trace[], view: View, fit: boolean): [number, number] {
  if (!fit && points.length > 0 && points.every((p) => p.display_low !== null && p.display_high !== null && p.display_low < p.display_high)) {
    return [Math.min(...points.map((p) => p.display_low ?? 0)), Math.max(...points.map((p) => p.display_high ?? 0))];
  }
  let low = Infinity;
  let high = -Infinity;
  for (const trace of traces) {
    // The sample before the view counts: its line enters from the left.
    const start = Math.max(0, indexAt(trace.t, view.from));
    for (let i = start; i < trace.t.length && (trace.t[i] ?? 0) <= view.to; i += 1) {
      const [a, b] = [trace.low[i] ?? Number.NaN, trace.high[i] ?? Number.NaN];
      if (a < low) low = a;
      if (b > high) high = b;
    }
  }
  if (low > high) return [0, 1];
  if (!fit) {
    const room = high - low || Math.abs(high) * 0.1 || 1;
    for (const limit of points.flatMap((p) => [p.limit_low, p.limit_high])) {
      if (limit === null) continue;
      if (limit > high && limit - high <= room) high = limit;
      if (limit < low && low - limit <= room) low = limit;
    }
  }
  const pad = (high - low) * 0.08 || Math.abs(high) * 0.05 || 1;
  return [low - pad, high + pad];
}
