// SPDX-License-Identifier: Apache-2.0
import type { Point, Scalar, Schema } from '@/shared/api/types';
import { parseTime } from '@/shared/format/time';

/** Quality of a sample as the plot draws it. */
export const GOOD = 0;
export const UNCERTAIN = 1;
export const BAD = 2;
export type Quality = typeof GOOD | typeof UNCERTAIN | typeof BAD;

const FLAG_SUBSTITUTED = 2;
const FLAG_GAP = 16;

export interface Gap {
  from: number;
  to: number;
  /** Meaning of the status code in the user's language; empty when nothing but the silence is known. */
  cause: string;
  code: number | null;
}

/** One series as columns of equal length; reduced ones have one entry per pixel column that holds samples. */
export interface Trace {
  id: string;
  type: Point['type'];
  reduced: boolean;
  /** Length of a column in ms; 0 for stored samples. */
  step: number;
  /** Stored samples in the range. */
  samples: number;
  /** The range asked for. */
  from: number;
  to: number;
  t: number[];
  /** Value the line goes through (the last of a column); NaN for none. */
  mid: number[];
  low: number[];
  high: number[];
  q: Quality[];
  code: number[];
  flags: number[];
  /** Stored samples behind each entry. */
  count: number[];
  /** Texts of a text series, else empty. */
  texts: (string | null)[];
  /** Gaps the server knows of. */
  gaps: Gap[];
}

export function qualityOf(code: number): Quality {
  const top = (code >> 14) & 3;
  return top === 0 ? GOOD : top === 1 ? UNCERTAIN : BAD;
}

/** A value as the number the plot draws; booleans are 0 and 1, texts have none. */
export function numberOf(value: Scalar | undefined, type: Point['type']): number {
  if (value === null || value === undefined) return Number.NaN;
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  return type === 'int64' ? Number(value) : Number.NaN;
}

/** Reads one series of the trend answer; `width` columns span from..to. */
export function traceOf(series: Schema<'TrendSeries'>, from: number, to: number, width: number): Trace {
  const start = parseTime(series.t0) ?? from;
  const step = series.reduced ? (to - from) / width : 0;
  const trace: Trace = {
    id: series.point, type: series.type, reduced: series.reduced, step, samples: series.samples_total, from, to,
    t: [], mid: [], low: [], high: [], q: [], code: [], flags: [], count: [], texts: [],
    gaps: series.gaps.map((gap) => ({
      from: parseTime(gap.from) ?? from, to: parseTime(gap.to) ?? to, cause: gap.cause.text ?? gap.cause.name, code: gap.cause.code,
    })),
  };
  series.t_us.forEach((us, i) => {
    const at = start + us / 1000;
    if (series.reduced) {
      const mid = series.last[i] ?? Number.NaN;
      add(trace, at + step / 2, mid, series.min[i] ?? mid, series.max[i] ?? mid, series.worst_quality[i] ?? 0, 0, null, series.count[i] ?? 1);
    } else {
      const flags = series.f[i] ?? 0;
      if ((flags & FLAG_GAP) !== 0) return;
      const value = series.v[i];
      const number = numberOf(value, series.type);
      add(trace, at, number, number, number, series.q[i] ?? 0, flags, series.type === 'string' && typeof value === 'string' ? value : null);
    }
  });
  return trace;
}

function add(trace: Trace, at: number, mid: number, low: number, high: number, code: number, flags: number, text: string | null, count = 1): void {
  trace.t.push(at);
  trace.mid.push(mid);
  trace.low.push(low);
  trace.high.push(high);
  trace.q.push(qualityOf(code));
  trace.code.push(code);
  trace.flags.push(flags);
  trace.count.push(count);
  if (trace.type === 'string') trace.texts.push(text);
}

/** A text series from its stored samples, in place of the reduced answer. */
export function traceOfTexts(before: Trace | null, samples: readonly Schema<'RawSample'>[], reduced: Trace): Trace {
  const start = before ?? { ...reduced, t: [], mid: [], low: [], high: [], q: [], code: [], flags: [], count: [], texts: [] };
  const trace: Trace = { ...start, reduced: false, step: 0, from: reduced.from, to: reduced.to, samples: reduced.samples, gaps: reduced.gaps };
  for (const sample of samples) {
    if ((sample.f & FLAG_GAP) !== 0) continue;
    add(trace, parseTime(sample.t) ?? 0, Number.NaN, Number.NaN, Number.NaN, sample.q, sample.f, typeof sample.v === 'string' ? sample.v : null);
  }
  return trace;
}

export const isSubstituted = (trace: Trace, index: number): boolean => ((trace.flags[index] ?? 0) & FLAG_SUBSTITUTED) !== 0;

export interface LiveSample {
  t: number;
  value: Scalar;
  code: number;
  flags: number;
}

/** The trace with the live samples that are newer than what the server sent. */
export function withTail(trace: Trace, tail: readonly LiveSample[]): Trace {
  const last = trace.t.at(-1) ?? -Infinity;
  const fresh = tail.filter((sample) => sample.t > last + trace.step / 2);
  if (fresh.length === 0) return trace;
  const merged: Trace = {
    ...trace, samples: trace.samples + fresh.length, t: trace.t.slice(), mid: trace.mid.slice(), low: trace.low.slice(), high: trace.high.slice(),
    q: trace.q.slice(), code: trace.code.slice(), flags: trace.flags.slice(), count: trace.count.slice(), texts: trace.texts.slice(),
  };
  for (const sample of fresh) {
    const number = numberOf(sample.value, trace.type);
    add(merged, sample.t, number, number, number, sample.code, sample.flags, typeof sample.value === 'string' ? sample.value : null);
  }
  return merged;
}

/** The trace moved in time, for the comparison with an earlier stretch. */
export function shifted(trace: Trace, ms: number): Trace {
  return {
    ...trace, from: trace.from + ms, to: trace.to + ms, t: trace.t.map((at) => at + ms),
    gaps: trace.gaps.map((gap) => ({ ...gap, from: gap.from + ms, to: gap.to + ms })),
  };
}

/** Index of the last entry at or before `time`, -1 for none. */
export function indexAt(times: readonly number[], time: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] ?? Infinity) <= time) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** Stored samples and entries that a stretch shows. */
export function countIn(trace: Trace, from: number, to: number): { samples: number; entries: number } {
  let samples = 0;
  let entries = 0;
  for (let i = indexAt(trace.t, from - 0.001) + 1; i < trace.t.length && (trace.t[i] ?? 0) <= to; i += 1) {
    samples += trace.count[i] ?? 0;
    entries += 1;
  }
  return { samples, entries };
}
