// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { addEntries, parseEntries, printEntries, readAddress } from './address';
import { cursorFor, cursorView, nextSample, readingAt } from './cursor';
import { axisRange, laneHeight, layoutLanes } from './lanes';
import { badBands, commonGaps, gapLimit, gapsOf, piecesOf, stateRuns } from './segments';
import { clockChanges, timeTicks } from './ticks';
import { BAD, countIn, GOOD, indexAt, traceOf, UNCERTAIN, withTail, type Trace } from './trace';
import { overviewOf, panBy, pxAt, timeAt, wheelFactor, zoomAt } from './view';

function trace(rows: [t: number, v: number, code?: number][], change: Partial<Trace> = {}): Trace {
  const values = rows.map(([, v]) => v);
  const codes = rows.map(([, , code]) => code ?? 0);
  return {
    id: 'p', type: 'double', reduced: false, step: 0, samples: rows.length, from: 0, to: 10_000, t: rows.map(([t]) => t), mid: values, low: values, high: values,
    q: codes.map((code) => (code >> 14 === 0 ? GOOD : code >> 14 === 1 ? UNCERTAIN : BAD)), code: codes, flags: codes.map(() => 0), count: codes.map(() => 1), texts: [], gaps: [], ...change,
  };
}
const facts = { expected_interval_ms: 1000, period_ms: 1000, deadband: 0, interpolation: 'linear', type: 'double' } as const;
const SENSOR_FAILURE = 0x808c;

describe('view', () => {
  it('turns pixels into times and back', () => {
    const view = { from: 1000, to: 2000 };
    expect(timeAt(view, 500, 250)).toBe(1500);
    expect(pxAt(view, 500, 1500)).toBe(250);
  });
  it('keeps the moment under the pointer while zooming', () => {
    const view = zoomAt({ from: 0, to: 100_000 }, 25_000, 0.5);
    expect(view).toEqual({ from: 12_500, to: 62_500 });
    expect(pxAt(view, 100, 25_000)).toBe(25);
  });
  it('never leaves the times the server takes, nor shows less than ten milliseconds', () => {
    expect(panBy({ from: 0, to: 1000 }, -500)).toEqual({ from: 0, to: 1000 });
    expect(zoomAt({ from: 5000, to: 5020 }, 5010, 0.01)).toEqual({ from: 5005, to: 5015 });
  });
  it('zooms alike for lines and pixels of the wheel, and bounded', () => {
    expect(wheelFactor(3, 1)).toBeCloseTo(wheelFactor(99, 0), 6);
    expect(wheelFactor(1e9, 0)).toBeLessThan(2);
  });
  it('spans six views and stands still while the view moves within', () => {
    const old = overviewOf({ from: 9000, to: 10_000 }, 10_000, null);
    expect(old).toEqual({ from: 4000, to: 10_000 });
    expect(overviewOf({ from: 8000, to: 9000 }, 10_000, old)).toBe(old);
    expect(overviewOf({ from: 3000, to: 4000 }, 10_000, old)).not.toBe(old);
  });
});

describe('ticks', () => {
  const day = Date.UTC(2026, 6, 13, 16);
  it('lie on round times of the zone', () => {
    const ticks = timeTicks({ from: day - 2 * 3_600_000, to: day + 6 * 3_600_000 }, 1000, 'Asia/Shanghai');
    expect(ticks.map((tick) => tick.label)).toEqual(['22:00', '23:00', '07-14', '01:00', '02:00', '03:00', '04:00', '05:00', '06:00']);
    expect(ticks[2]?.day).toBe(true);
  });
  it('go down to milliseconds and up to years', () => {
    expect(timeTicks({ from: day, to: day + 20 }, 400, 'UTC')[1]?.label).toBe('16:00:00.005');
    expect(timeTicks({ from: Date.UTC(2010), to: Date.UTC(2026) }, 800, 'UTC').map((t) => t.label)).toContain('2020');
  });
  it('know the change to summer time', () => {
    const from = Date.UTC(2026, 2, 28);
    expect(clockChanges({ from, to: from + 3 * 86_400_000 }, 'Europe/Berlin')).toEqual([{ at: Date.UTC(2026, 2, 29, 1), minutes: 60 }]);
    expect(clockChanges({ from, to: from + 3 * 86_400_000 }, 'Asia/Shanghai')).toEqual([]);
  });
  it('do not stumble over the twice-told hour', () => {
    const from = Date.UTC(2026, 9, 24, 22);
    expect(timeTicks({ from, to: from + 6 * 3_600_000 }, 700, 'Europe/Berlin').length).toBe(7);
  });
});

describe('lanes', () => {
  const point = (id: string, unit: string | null, type: 'double' | 'bool' = 'double') => ({ id, unit, type });
  const points = [point('a', 'Cel'), point('b', 'bar'), point('c', 'Cel'), point('d', 'A'), point('e', null, 'bool')];
  it('go by unit in the order of the points; states are no lane', () => {
    expect(layoutLanes(points, 'lanes').map((lane) => lane.axes.map((axis) => axis.ids))).toEqual([[['a', 'c']], [['b']], [['d']]]);
  });
  it('keep values without a unit apart', () => {
    expect(layoutLanes([point('a', null), point('b', null)], 'lanes').map((lane) => lane.key)).toEqual(['u:#a', 'u:#b']);
  });
  it('never get a third axis when overlaid', () => {
    expect(layoutLanes(points, 'overlay').map((lane) => lane.axes.map((axis) => axis.unit))).toEqual([['Cel', 'bar'], ['A']]);
  });
  it('fill the room and scroll when they are too many', () => {
    expect([laneHeight(3, 450, 90), laneHeight(9, 450, 90), laneHeight(0, 450, 90)]).toEqual([150, 90, 0]);
  });
  it('take the display limits, else what is seen with near limits', () => {
    const none = { display_low: null, display_high: null, limit_low: null, limit_high: null };
    const seen = trace([[0, 1], [5000, 9], [9000, 500]]);
    expect(axisRange([{ ...none, display_low: 0, display_high: 20 }], [seen], { from: 0, to: 6000 }, false)).toEqual([0, 20]);
    const [low, high] = axisRange([{ ...none, limit_high: 12 }], [seen], { from: 0, to: 6000 }, false);
    expect([low < 1, high > 12, high < 14]).toEqual([true, true, true]);
    expect(axisRange([none], [], { from: 0, to: 1 }, false)).toEqual([0, 1]);
  });
});

describe('gaps', () => {
  it('empty a lane only where no series of it has values', () => {
    const gap = (from: number, to: number, cause = '') => ({ from, to, cause, code: null });
    expect(commonGaps([[gap(0, 10)]])).toEqual([gap(0, 10)]);
    expect(commonGaps([[gap(0, 10)], []])).toEqual([]);
    expect(commonGaps([[gap(0, 10), gap(20, 30)], [gap(5, 25, 'lost')]])).toEqual([gap(5, 10, 'lost'), gap(20, 25, 'lost')]);
    expect(commonGaps([])).toEqual([]);
  });
  it('are pauses of more than three expected intervals', () => {
    const t = trace([[0, 1], [1000, 2], [4500, 3], [5500, 4]]);
    expect(gapsOf(t, gapLimit(facts, t), 6000)).toEqual([{ from: 1000, to: 4500, cause: '', code: null }]);
  });
  it('are not made up for sources that report changes only', () => {
    expect(gapLimit({ ...facts, expected_interval_ms: null, interpolation: 'step' }, trace([]))).toBeNull();
    const uneven = trace([[0, 1], [100, 1], [200, 1], [300, 1], [9000, 1], [9100, 1]]);
    expect(gapLimit({ ...facts, expected_interval_ms: null }, uneven)).toBeNull();
  });
  it('come from the server with their cause and are not told twice', () => {
    const named = { from: 1200, to: 4500, cause: 'link lost', code: 0x8031 };
    const t = trace([[0, 1], [1000, 2], [4500, 3]], { gaps: [named] });
    expect(gapsOf(t, 3000, 5000)).toEqual([named]);
  });
  it('reach to the end of the data and over an empty range', () => {
    expect(gapsOf(trace([[0, 1], [1000, 1]]), 3000, 9000)).toEqual([{ from: 1000, to: 9000, cause: '', code: null }]);
    expect(gapsOf(trace([]), null, 9000)).toEqual([{ from: 0, to: 9000, cause: '', code: null }]);
  });
  it('are never crossed by a piece and leave open ends', () => {
    const t = trace([[0, 1], [1000, 2], [4500, 3], [5500, 4]]);
    const pieces = piecesOf(t, gapsOf(t, 3000, 6000), false);
    expect(pieces).toEqual([
      { first: 0, last: 1, quality: GOOD, openStart: false, openEnd: true },
      { first: 2, last: 3, quality: GOOD, openStart: true, openEnd: false },
    ]);
  });
  it('cut columns apart unless they lie within one', () => {
    const columns = trace([[500, 1], [1500, 2], [2500, 3]], { reduced: true, step: 1000 });
    const gap = (from: number, to: number) => [{ from, to, cause: '', code: null }];
    expect(piecesOf(columns, gap(1100, 1900), false)).toHaveLength(1);
    expect(piecesOf(columns, gap(1700, 2300), false)).toHaveLength(2);
  });
});

describe('quality', () => {
  const t = trace([[0, 1], [1000, 2, SENSOR_FAILURE], [2000, 3, SENSOR_FAILURE], [3000, 4], [4000, 5, 0x4000], [5000, 6]]);
  it('splits the line; neighbours share a sample and the worse one rules between', () => {
    expect(piecesOf(t, [], false).map((p) => [p.first, p.last, p.quality])).toEqual([[0, 3, BAD], [3, 5, UNCERTAIN]]);
    expect(piecesOf(t, [], true).map((p) => [p.first, p.last, p.quality])).toEqual([[0, 1, GOOD], [1, 3, BAD], [3, 4, GOOD], [4, 5, UNCERTAIN]]);
  });
  it('gives the stretch of bad samples with its code, to the next that is not bad', () => {
    expect(badBands(t, [], 9000)).toEqual([{ from: 1000, to: 3000, code: SENSOR_FAILURE }]);
    expect(badBands(trace([[1000, 2, SENSOR_FAILURE]]), [{ from: 2000, to: 5000, cause: '', code: null }], 9000)).toEqual([{ from: 1000, to: 2000, code: SENSOR_FAILURE }]);
  });
  it('keeps runs of states apart by state, quality and gap', () => {
    const states = trace([[0, 1], [1000, 1], [2000, 0], [3000, 0], [6000, 0]], { type: 'bool' });
    const runs = stateRuns(states, [{ from: 4000, to: 6000, cause: '', code: null }], 8000, String);
    expect(runs.map((run) => [run.from, run.to, run.text])).toEqual([[0, 2000, '1'], [2000, 4000, '0'], [6000, 8000, '0']]);
  });
});

describe('cursor', () => {
  const t = trace([[0, 1], [1000, 2], [4500, 3]]);
  const gaps = gapsOf(t, 3000, 5000);
  it('reads the sample in force, nothing within a gap or before the first', () => {
    expect(readingAt(t, gaps, 999)?.value).toBe(1);
    expect(readingAt(t, gaps, 1000)?.value).toBe(2);
    expect(readingAt(t, gaps, 2000)).toBeNull();
    expect(readingAt(t, gaps, 4600)?.value).toBe(3);
    expect(readingAt(t, gaps, -1)).toBeNull();
  });
  it('finds the sample beside it in both directions', () => {
    const other = trace([[700, 1]]);
    expect([nextSample([t, other], 500, 1), nextSample([t, other], 1000, -1), nextSample([t], 4500, 1)]).toEqual([700, 700, null]);
  });
  it('sets the missing one, then the nearer one', () => {
    expect([cursorFor({ a: null, b: null }, 5), cursorFor({ a: 1, b: null }, 5), cursorFor({ a: 1, b: 9 }, 4), cursorFor({ a: 1, b: 9 }, 7)]).toEqual(['a', 'b', 'a', 'b']);
  });
  it('gives the view between the cursors in either order', () => {
    expect(cursorView({ a: 9000, b: 1000 }, { from: 0, to: 10_000 })).toEqual({ from: 1000, to: 9000 });
    expect(cursorView({ a: 5000, b: null }, { from: 0, to: 8000 })).toEqual({ from: 4000, to: 6000 });
    expect(cursorView({ a: null, b: null }, { from: 0, to: 1 })).toBeNull();
  });
  it('searches in order', () => {
    expect([indexAt([1, 2, 3], 2), indexAt([1, 2, 3], 0), indexAt([], 1)]).toEqual([1, -1, -1]);
  });
});

describe('address', () => {
  it('keeps a colour when others leave', () => {
    const three = parseEntries('a,b,c');
    const left = three.filter((entry) => entry.id !== 'a');
    expect(printEntries(left)).toBe('b~1,c~2');
    expect(parseEntries('b~1,c~2,b')).toEqual([{ id: 'b', colour: 1 }, { id: 'c', colour: 2 }]);
    expect(addEntries(left, ['d']).entries.at(-1)).toEqual({ id: 'd', colour: 0 });
  });
  it('refuses the 51st', () => {
    const ids = Array.from({ length: 51 }, (_, i) => `p${i}`);
    expect(addEntries([], ids)).toMatchObject({ refused: ['p50'] });
    expect(readAddress({ points: ids.join(',') }).refused).toBe(1);
  });
  it('shows twelve of a long link and reads only what it knows', () => {
    const state = readAddress({ points: Array.from({ length: 14 }, (_, i) => `p${i}`).join(','), a: '2026-07-14T06:00:00.000Z', b: 'soon', mode: 'fly' });
    expect([...state.hidden]).toEqual(['p12', 'p13']);
    expect([state.a, state.b, state.mode]).toEqual([Date.UTC(2026, 6, 14, 6), null, 'pan']);
  });
});

describe('trace', () => {
  const common = { point: 'p', unit: null, interpolation: 'linear', origin: 'real', samples_total: 2, t0: '1970-01-01T00:00:01Z' } as const;
  it('reads stored samples and leaves the gap sample out', () => {
    const read = traceOf({ ...common, type: 'int64', reduced: false, gaps: [], t_us: [-500_000, 0, 1000], v: ['7', null, '9'], q: [0, 0x8031, 0], f: [0, 16, 2] } as never, 0, 10_000, 100);
    expect([read.t, read.mid, read.flags]).toEqual([[500, 1001], [7, 9], [0, 2]]);
  });
  it('puts columns at their middle and knows columns without a good sample', () => {
    const read = traceOf({ ...common, type: 'double', reduced: true, gaps: [], t_us: [0, 100_000], first: [1, null], last: [2, null], min: [0, null], max: [3, null], count: [9, 9], worst_quality: [0, SENSOR_FAILURE] } as never, 0, 10_000, 100);
    expect([read.t, read.mid, read.q]).toEqual([[1050, 1150], [2, Number.NaN], [GOOD, BAD]]);
  });
  it('counts the samples that a stretch shows', () => {
    const columns = trace([[500, 1], [1500, 2], [2500, 3]], { reduced: true, step: 1000, count: [10, 20, 40] });
    expect([countIn(columns, 1000, 3000), countIn(trace([[0, 1], [9, 1]]), 0, 5)]).toEqual([{ samples: 60, entries: 2 }, { samples: 1, entries: 1 }]);
  });
  it('appends only live samples that are newer', () => {
    const grown = withTail(trace([[1000, 1]]), [{ t: 900, value: 5, code: 0, flags: 0 }, { t: 1100, value: 6, code: 0, flags: 0 }]);
    expect([grown.t, grown.mid]).toEqual([[1000, 1100], [1, 6]]);
  });
});
