// SPDX-License-Identifier: Apache-2.0
import { BAD, indexAt, type Gap, type Quality, type Trace } from './trace';
import { spanOfView, zoomAt, between, type View } from './view';

export interface Reading {
  index: number;
  at: number;
  value: number;
  text: string | null;
  quality: Quality;
}

/** The sample in force at `time`: the last one at or before it, unless a gap lies between. */
export function readingAt(trace: Trace, gaps: readonly Gap[], time: number): Reading | null {
  const index = indexAt(trace.t, time + trace.step / 2);
  const at = trace.t[index];
  if (at === undefined) return null;
  const half = trace.step / 2;
  if (gaps.some((gap) => gap.from >= at - half && gap.from < time && time < gap.to)) return null;
  const value = trace.mid[index] ?? Number.NaN;
  const text = trace.type === 'string' ? (trace.texts[index] ?? null) : null;
  if (Number.isNaN(value) && text === null && trace.q[index] !== BAD) return null;
  return { index, at, value, text, quality: trace.q[index] ?? BAD };
}

/** The nearest sample time of any trace beyond `time` in a direction. */
export function nextSample(traces: readonly Trace[], time: number, direction: -1 | 1): number | null {
  let best: number | null = null;
  for (const trace of traces) {
    const at = indexAt(trace.t, time);
    const candidate = direction > 0 ? trace.t[at + 1] : trace.t[at] === time ? trace.t[at - 1] : trace.t[at];
    if (candidate === undefined) continue;
    if (best === null || (direction > 0 ? candidate < best : candidate > best)) best = candidate;
  }
  return best;
}

export interface Cursors {
  a: number | null;
  b: number | null;
}

export type CursorName = 'a' | 'b';

/** Which cursor a click sets: the first that is missing, else the nearer one. */
export function cursorFor(cursors: Cursors, time: number): CursorName {
  if (cursors.a === null) return 'a';
  if (cursors.b === null) return 'b';
  return Math.abs(time - cursors.a) <= Math.abs(time - cursors.b) ? 'a' : 'b';
}

/** The view between the cursors; with one cursor a quarter around it; null without. */
export function cursorView(cursors: Cursors, view: View): View | null {
  if (cursors.a !== null && cursors.b !== null && cursors.a !== cursors.b) return between(cursors.a, cursors.b);
  const one = cursors.a ?? cursors.b;
  if (one === null) return null;
  const centred = { from: one - spanOfView(view) / 2, to: one + spanOfView(view) / 2 };
  return zoomAt(centred, one, 0.25);
}
