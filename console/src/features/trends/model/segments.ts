// SPDX-License-Identifier: Apache-2.0
import type { Point } from '@/shared/api/types';
import { BAD, indexAt, type Gap, type Quality, type Trace } from './trace';

type Facts = Pick<Point, 'expected_interval_ms' | 'period_ms' | 'deadband' | 'interpolation' | 'type'>;

const GAP_TIMES = 3;
const LEAST_GAP_MS = 2000;

/**
 * Longest pause that is no gap yet; null when a pause says nothing, because the source reports changes only.
 * The interval the engineer gave rules; else period and what the samples themselves show.
 */
export function gapLimit(point: Facts, trace: Trace): number | null {
  if (point.expected_interval_ms !== null) return Math.max(LEAST_GAP_MS, GAP_TIMES * point.expected_interval_ms);
  if (point.deadband > 0 || point.interpolation === 'step' || point.type === 'bool' || point.type === 'string') return null;
  const usual = usualInterval(trace);
  if (usual === null) return null;
  return Math.max(LEAST_GAP_MS, GAP_TIMES * Math.max(point.period_ms ?? 0, usual));
}

/** Median pause between samples; null when pauses are uneven (more than one in twenty is three times as long). */
function usualInterval(trace: Trace): number | null {
  if (trace.reduced) return trace.samples > 0 ? (trace.t.length * trace.step) / trace.samples : null;
  const pauses: number[] = [];
  for (let i = 1; i < trace.t.length; i += 1) pauses.push((trace.t[i] ?? 0) - (trace.t[i - 1] ?? 0));
  if (pauses.length < 4) return null;
  pauses.sort((a, b) => a - b);
  const median = pauses[pauses.length >> 1] ?? 0;
  const long = pauses.length - 1 - indexAt(pauses, median * GAP_TIMES);
  return long * 20 > pauses.length ? null : median;
}

/** Stretches without values, in order: those the server names and pauses longer than `limit`. `until` = how far data can reach. */
export function gapsOf(trace: Trace, limit: number | null, until: number): Gap[] {
  const gaps = [...trace.gaps];
  const end = Math.min(until, trace.to);
  const named = (from: number, to: number): boolean => trace.gaps.some((gap) => gap.from < to && gap.to > from);
  const silent = (from: number, to: number): void => {
    if (to > from && !named(from, to)) gaps.push({ from, to, cause: '', code: null });
  };
  const first = trace.t[0];
  const last = trace.t.at(-1);
  if (first === undefined || last === undefined) {
    silent(trace.from, end);
    return gaps;
  }
  const half = trace.step / 2;
  if (limit !== null) {
    if (first - half - trace.from > limit) silent(trace.from, first - half);
    for (let i = 1; i < trace.t.length; i += 1) {
      const from = (trace.t[i - 1] ?? 0) + half;
      const to = (trace.t[i] ?? 0) - half;
      if (to - from > limit) silent(from, to);
    }
    if (end - last - half > limit) silent(last + half, end);
  }
  return gaps.sort((a, b) => a.from - b.from);
}

/** Stretches in which no series of a lane has values; a gap of one of several is no emptiness of the lane. */
export function commonGaps(lists: readonly (readonly Gap[])[]): Gap[] {
  const [first = [], ...rest] = lists;
  return rest.reduce<readonly Gap[]>((common, gaps) => common.flatMap((one) => gaps
    .filter((other) => other.from < one.to && other.to > one.from)
    .map((other) => ({ ...(other.cause === '' ? one : other), from: Math.max(one.from, other.from), to: Math.min(one.to, other.to) }))), first).slice();
}

/** A run of samples drawn in one manner; neighbours share the sample between them. */
export interface Piece {
  first: number;
  last: number;
  quality: Quality;
  /** The line stops at a gap here: an open circle. */
  openStart: boolean;
  openEnd: boolean;
}

/** Tells, for entries in order, whether a gap lies before one; a gap within a single column cannot be seen. */
function cutter(trace: Trace, gaps: readonly Gap[]): (i: number) => boolean {
  const half = trace.step / 2;
  let at = 0;
  return (i) => {
    const end = i === 0 ? -Infinity : (trace.t[i - 1] ?? 0) + half;
    const start = i === trace.t.length ? Infinity : (trace.t[i] ?? 0) - half;
    while (at < gaps.length && (gaps[at]?.to ?? 0) <= end) at += 1;
    return (gaps[at]?.from ?? Infinity) < start;
  };
}

/** Cuts a trace where it has no value or lies beside a gap, and splits it where the quality changes. */
export function piecesOf(trace: Trace, gaps: readonly Gap[], step: boolean): Piece[] {
  const pieces: Piece[] = [];
  const cutBefore = cutter(trace, gaps);
  let open = null as Piece | null;
  for (let i = 0; i <= trace.t.length; i += 1) {
    const cut = cutBefore(i);
    if (open && cut) {
      pieces.push({ ...open, openEnd: true });
      open = null;
    }
    const quality = trace.q[i] ?? BAD;
    if (i === trace.t.length || Number.isNaN(trace.mid[i] ?? Number.NaN)) {
      if (open) pieces.push(open);
      open = null;
      continue;
    }
    if (!open) {
      open = { first: i, last: i, quality, openStart: cut, openEnd: false };
      continue;
    }
    const before = trace.q[i - 1] ?? BAD;
    const joint = step ? before : (Math.max(quality, before) as Quality);
    if (open.first !== open.last && joint !== open.quality) {
      pieces.push(open);
      open = { first: i - 1, last: i, quality: joint, openStart: false, openEnd: false };
    } else {
      open = { ...open, last: i, quality: joint };
    }
  }
  return pieces;
}

export interface Band {
  from: number;
  to: number;
  code: number;
}

/** Stretches of bad quality: from the first bad sample to the next one that is not, or to the gap after. */
export function badBands(trace: Trace, gaps: readonly Gap[], until: number): Band[] {
  const bands: Band[] = [];
  const half = trace.step / 2;
  let open: Band | null = null;
  for (let i = 0; i < trace.t.length; i += 1) {
    const at = trace.t[i] ?? 0;
    const bad = trace.q[i] === BAD;
    const code = trace.code[i] ?? 0;
    if (open && (!bad || code !== open.code)) {
      bands.push({ ...open, to: at - half });
      open = null;
    }
    if (bad && !open) open = { from: at - half, to: at + half, code };
  }
  if (open) bands.push({ ...open, to: Math.max(Math.min(until, trace.to), open.to) });
  // A gap ends the band that runs into it.
  return bands.map((band) => {
    const gap = gaps.find((candidate) => candidate.from > band.from && candidate.from < band.to);
    return gap ? { ...band, to: gap.from } : band;
  });
}

export interface StateRun {
  from: number;
  to: number;
  /** Text to show; null where several states share a column. */
  text: string | null;
  value: number;
  bad: boolean;
}

/** Runs of equal state for strips; `textOf` names a number. Nothing runs across a gap. */
export function stateRuns(trace: Trace, gaps: readonly Gap[], until: number, textOf: (value: number) => string): StateRun[] {
  const runs: StateRun[] = [];
  const half = trace.step / 2;
  const end = Math.min(until, trace.to);
  trace.t.forEach((at, i) => {
    const mixed = trace.reduced && (trace.type === 'string' || trace.low[i] !== trace.high[i]);
    const value = trace.mid[i] ?? Number.NaN;
    const named = trace.type === 'string' ? (trace.texts[i] ?? '') : Number.isNaN(value) ? '' : textOf(value);
    const text = mixed ? null : named;
    const bad = trace.q[i] === BAD;
    const from = at - half;
    const before = runs.at(-1);
    const gap = gaps.find((candidate) => before !== undefined && candidate.from >= before.from && candidate.from < from);
    if (before) before.to = Math.min(before.to, gap?.from ?? from);
    const joins = before && !gap && before.text === text && before.bad === bad && (text !== null || trace.reduced);
    if (joins) before.to = end;
    else runs.push({ from, to: end, text, value, bad });
  });
  const last = runs.at(-1);
  const tail = last && gaps.find((gap) => gap.from >= last.from && gap.from < last.to);
  if (last && tail) last.to = tail.from;
  return runs.filter((run) => run.to > run.from);
}
