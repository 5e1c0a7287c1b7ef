// SPDX-License-Identifier: Apache-2.0
import { useMemo } from 'react';
import { useT } from '@/shared/i18n/i18n';
import { mergeTails, useCoarseNow, useCompareTraces, useTails, useTexts, useTraces, type PointState } from './data';
import type { TrendAddress } from './model/address';
import { prepare, type Prepared } from './model/prepare';
import { shifted, withTail, type Trace } from './model/trace';

interface PictureArgs {
  address: TrendAddress;
  points: readonly PointState[];
  view: { from: number; to: number };
  running: boolean;
  width: number;
  shift: number;
}

const NONE: readonly string[] = [];
const NO_TRACES: ReadonlyMap<string, Trace> = new Map();

/** Points, traces and live samples joined to what the plot draws. */
export function usePicture({ address, points, view, running, width, shift }: PictureArgs) {
  const t = useT();
  const hidden = address.hidden;
  // Only points that are there are asked for: one that is gone would refuse the whole answer.
  const known = points.filter((state) => state.point && !hidden.has(state.id)).map((state) => state.id).join(',');
  const settled = points.every((state) => state.point !== undefined || state.error);
  const shownIds = useMemo(() => (known === '' ? NONE : known.split(',')), [known]);
  const trend = useTraces(settled ? shownIds : NONE, view, running, width);
  const compare = useCompareTraces(settled ? shownIds : NONE, view, running, width, shift).data;
  const tails = useTails(shownIds, running);
  const traces = useMemo(() => mergeTails(trend.data, tails), [trend.data, tails]);
  const texts = useTexts(trend.data?.traces ?? NO_TRACES);
  const now = useCoarseNow(Math.max(2000, (view.to - view.from) / 500));
  const series = useMemo(() => {
    const prepared: Prepared[] = [];
    for (const entry of address.entries) {
      const point = points.find((state) => state.id === entry.id)?.point;
      const told = texts.get(entry.id);
      const trace = told ? withTail(told, tails.get(entry.id) ?? []) : traces.get(entry.id);
      if (!point || !trace || hidden.has(entry.id)) continue;
      const before = shift > 0 ? compare?.traces.get(entry.id) : undefined;
      prepared.push(prepare(point, entry.colour, trace, before ? shifted(before, shift) : null, now, (value) => (point.type === 'bool' ? t(value === 0 ? 'common:bool.false' : 'common:bool.true') : String(value))));
    }
    return prepared;
  }, [address.entries, hidden, points, traces, texts, tails, compare, shift, now, t]);
  return { series, trend };
}
