// SPDX-License-Identifier: Apache-2.0
import { useMemo } from 'react';
import { useNow } from '@/shared/live/react';
import { useSearchState } from '@/shared/nav/address';
import { useWorkplace } from '@/shared/session/workplace';
import { resolveRange, stepRange, type Range, type Resolved } from './range';

export const DEFAULT_RANGE: Range = '1h';

export interface RangeState {
  range: Range;
  /** Moments of now; a running range moves once a second. */
  resolved: Resolved;
  zone: string;
  setRange: (range: Range) => void;
  step: (direction: -1 | 1) => void;
}

/** The time range of the page; it lives in the address as `range`. */
export function useRange(): RangeState {
  const now = useNow();
  const { zone } = useWorkplace();
  const [search, setSearch] = useSearchState();
  const wanted = search['range'] ?? DEFAULT_RANGE;
  return useMemo(() => {
    const good = resolveRange(wanted, now, zone);
    const range = good ? wanted : DEFAULT_RANGE;
    const resolved = good ?? { from: now - 3_600_000, to: now, running: true };
    const setRange = (next: Range): void => setSearch({ range: next }, false);
    return { range, resolved, zone, setRange, step: (direction) => setRange(stepRange(range, direction, now, zone)) };
  }, [wanted, now, zone, setSearch]);
}
