// SPDX-License-Identifier: Apache-2.0
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useSearchState } from '@/shared/nav/address';
import { fixedRange } from '@/shared/time/range';
import { useRange, type RangeState } from '@/shared/time/useRange';
import type { TrendContext } from './context';
import { addEntries, printEntries, printHidden, printMoment, readAddress } from './model/address';
import type { CursorName, Cursors } from './model/cursor';
import { spanOfView, type View } from './model/view';
import { PlotStore } from './plot/store';

const REST_MS = 180;
const STEP_MS = 900;

export interface Workspace {
  context: TrendContext;
  range: RangeState;
  change: (change: Record<string, string | undefined>) => void;
  /** Back to the view before, as far as this page made steps. */
  back: () => void;
  /** Points that did not fit, of the last try. */
  refused: number;
}

/** The workspace's state. It lives in the address; what moves under the hand is held here and written when the hand rests. */
export function useWorkspace(): Workspace {
  const range = useRange();
  const [search, setSearch] = useSearchState();
  const [store] = useState(() => new PlotStore({ from: range.resolved.from, to: range.resolved.to }));
  const [active, setActive] = useState<CursorName>('a');
  const [refused, setRefused] = useState(0);
  const written = useMemo(() => readAddress(search), [search]);
  const [cursors, moveCursor, clearCursors] = useCursors(written, setSearch);
  const address = useMemo(() => ({ ...written, ...cursors }), [written, cursors]);
  const { setView, back } = useViewSteps(store, range, setSearch);

  const latest = useRef(address);
  latest.current = address;
  const change = useCallback((next: Record<string, string | undefined>) => setSearch(next), [setSearch]);
  const setCursor = useCallback((name: CursorName, at: number | null) => {
    setActive(name);
    if (at === null) clearCursors(name);
    else moveCursor(name, at);
  }, [moveCursor, clearCursors]);
  const add = useCallback((ids: readonly string[]) => {
    const { entries, hidden } = latest.current;
    const next = addEntries(entries, ids);
    const shown = new Set([...hidden].filter((id) => !ids.includes(id)));
    setRefused(next.refused.length);
    setSearch({ points: printEntries(next.entries), hide: printHidden(next.entries, shown) });
  }, [setSearch]);
  const remove = useCallback((id: string) => {
    const entries = latest.current.entries.filter((entry) => entry.id !== id);
    setRefused(0);
    setSearch({ points: printEntries(entries), hide: printHidden(entries, latest.current.hidden) });
  }, [setSearch]);
  const toggle = useCallback((key: 'hide' | 'fit', id: string) => {
    const next = new Set(key === 'hide' ? latest.current.hidden : latest.current.fit);
    if (!next.delete(id)) next.add(id);
    setSearch(key === 'hide' ? { hide: printHidden(latest.current.entries, next) } : { fit: [...next].join(',') });
  }, [setSearch]);
  const context = useMemo<TrendContext>(
    () => ({
      store, address, active, setActive, setCursor, setView, add, remove,
      toggleHidden: (id) => toggle('hide', id), toggleFit: (lane) => toggle('fit', lane),
      select: (id) => setSearch({ sel: latest.current.selected === id ? undefined : id }),
    }),
    [store, address, active, setCursor, setView, add, remove, toggle, setSearch],
  );
  return { context, range, change, back, refused };
}

type SetSearch = ReturnType<typeof useSearchState>[1];

function useCursors(written: Cursors, setSearch: SetSearch): [Cursors, (name: CursorName, at: number) => void, (name: CursorName) => void] {
  const [cursors, setCursors] = useState<Cursors>({ a: written.a, b: written.b });
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);
  useEffect(() => {
    if (timer.current === null) setCursors({ a: written.a, b: written.b });
  }, [written.a, written.b]);
  const write = useCallback((change: (old: Cursors) => Cursors) => {
    setCursors((old) => {
      const next = change(old);
      if (timer.current) clearTimeout(timer.current);
      timer.current = setTimeout(() => {
        timer.current = null;
        setSearch({ a: printMoment(next.a), b: printMoment(next.b) });
      }, REST_MS);
      return next;
    });
  }, [setSearch]);
  useEffect(() => () => { if (timer.current) clearTimeout(timer.current); }, []);
  const move = useCallback((name: CursorName, at: number) => write((old) => ({ ...old, [name]: Math.round(at) })), [write]);
  const clear = useCallback((name: CursorName) => write((old) => ({ ...old, [name]: null })), [write]);
  return [cursors, move, clear];
}

/** Moves the picture at once and the address when the hand rests; a rest is a step of the browser's history, throttled. */
function useViewSteps(store: PlotStore, range: RangeState, setSearch: SetSearch) {
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);
  const pushedAt = useRef(0);
  const steps = useRef(0);
  const { from, to } = range.resolved;
  useEffect(() => {
    if (timer.current !== null) return;
    const { view } = store;
    const perPx = (to - from) / Math.max(1, store.width);
    // Sliding by less than half a pixel draws the same picture.
    const slid = Math.abs(spanOfView(view) - (to - from)) < perPx && Math.abs(view.to - to) < perPx / 2;
    if (!slid || !range.resolved.running) store.setView({ from, to });
  }, [store, from, to, range.resolved.running]);
  useEffect(() => () => { if (timer.current) clearTimeout(timer.current); }, []);
  const setView = useCallback((view: View) => {
    store.setView(view);
    if (timer.current) clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      timer.current = null;
      const now = Date.now();
      const same = now - pushedAt.current < STEP_MS;
      pushedAt.current = now;
      if (!same) steps.current += 1;
      setSearch({ range: fixedRange(store.view.from, store.view.to) }, same);
    }, REST_MS);
  }, [store, setSearch]);
  const back = useCallback(() => {
    if (steps.current === 0) return;
    steps.current -= 1;
    window.history.back();
  }, []);
  return { setView, back };
}
