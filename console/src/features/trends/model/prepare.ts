// SPDX-License-Identifier: Apache-2.0
import type { Point } from '@/shared/api/types';
import { isStrip } from './lanes';
import { badBands, gapLimit, gapsOf, piecesOf, stateRuns, type Band, type Piece, type StateRun } from './segments';
import type { Gap, Trace } from './trace';

/** A series ready to draw: its trace cut into pieces, with what lies between. */
export interface Prepared {
  point: Point;
  /** Place in the series colours. */
  colour: number;
  trace: Trace;
  gaps: Gap[];
  pieces: Piece[];
  bands: Band[];
  /** A stepped line holds its last value until then; null for other lines and when a gap follows. */
  holdTo: number | null;
  /** Only for strips. */
  runs: StateRun[];
  /** The earlier stretch, moved onto this one. */
  compare: { trace: Trace; pieces: Piece[] } | null;
}

export function prepare(point: Point, colour: number, trace: Trace, compare: Trace | null, until: number, stateText: (value: number) => string): Prepared {
  const step = point.interpolation === 'step';
  const limit = gapLimit(point, trace);
  const gaps = gapsOf(trace, limit, until);
  const strip = isStrip(point);
  return {
    point, colour, trace, gaps,
    pieces: strip ? [] : piecesOf(trace, gaps, step),
    bands: badBands(trace, gaps, until),
    holdTo: step && !gaps.some((gap) => gap.from >= (trace.t.at(-1) ?? Infinity)) ? Math.min(until, trace.to) : null,
    runs: strip ? stateRuns(trace, gaps, until, stateText) : [],
    compare: compare && !strip ? { trace: compare, pieces: piecesOf(compare, gapsOf(compare, gapLimit(point, compare), until), step) } : null,
  };
}

/** Time within from..to that gaps take. */
export function gapTime(gaps: readonly Gap[], from: number, to: number): number {
  return gaps.reduce((sum, gap) => sum + Math.max(0, Math.min(to, gap.to) - Math.max(from, gap.from)), 0);
}

/** Colour name of a place and the dash that tells the ninth from the first. */
export function lookOf(place: number): { name: `series-${1 | 2 | 3 | 4 | 5 | 6 | 7 | 8}`; dash: number[] } {
  const dashes = [[], [8, 3], [8, 3, 2, 3], [14, 4], [4, 2], [2, 2], [10, 2, 2, 2]];
  return { name: `series-${((place % 8) + 1) as 1}`, dash: dashes[Math.floor(place / 8) % dashes.length] ?? [] };
}
