// SPDX-License-Identifier: Apache-2.0
import { useEffect, useRef } from 'react';
import { getPreferences } from '@/shared/theme/preferences';
import type { TrendContext } from './context';
import { cursorView, nextSample } from './model/cursor';
import type { Prepared } from './model/prepare';
import { spanOfView, timeAt, zoomAt } from './model/view';

const GO_WAIT_MS = 1500;

function typing(event: KeyboardEvent): boolean {
  const target = event.target as HTMLElement | null;
  return event.isComposing || (target?.closest?.('input, textarea, select, [contenteditable="true"], [role="dialog"], [role="menu"]') ?? null) !== null;
}

/** Arrows belong to what has the focus, unless that is the plot or nothing. */
function arrowsFree(event: KeyboardEvent): boolean {
  const target = event.target as HTMLElement | null;
  return target === null || target === document.body || target.id === 'main' || target.closest('.tr-stack') !== null || target.closest('.kz-main') === target;
}

/** A and B set cursors, arrows move the active one, Z shows the stretch between, Backspace goes back, + and − zoom. */
export function useTrendKeys(context: TrendContext, series: readonly Prepared[], back: () => void): void {
  const latest = useRef({ context, series, back });
  latest.current = { context, series, back };
  useEffect(() => {
    let goAt = 0;
    const act = (event: KeyboardEvent): boolean => {
      const { context: now, series: drawn } = latest.current;
      const { store, address } = now;
      if (event.key === 'ArrowLeft' || event.key === 'ArrowRight') {
        const at = address[now.active];
        if (at === null || event.altKey || !arrowsFree(event)) return false;
        const direction = event.key === 'ArrowLeft' ? -1 : 1;
        if (event.ctrlKey || event.metaKey) {
          const next = nextSample(drawn.map((one) => one.trace), at, direction);
          if (next !== null) now.setCursor(now.active, next);
        } else {
          now.setCursor(now.active, at + (direction * (event.shiftKey ? 10 : 1) * spanOfView(store.view)) / Math.max(1, store.width));
        }
        return true;
      }
      if (event.ctrlKey || event.metaKey || event.altKey || !getPreferences().singleKeys) return false;
      if (goAt > Date.now()) {
        goAt = 0;
        return false;
      }
      const key = event.key.toLowerCase();
      if (key === 'g') {
        goAt = Date.now() + GO_WAIT_MS;
        return false;
      }
      if (key === 'a' || key === 'b') {
        now.setActive(key);
        now.setCursor(key, store.hover ?? timeAt(store.view, 1, key === 'a' ? 1 / 3 : 2 / 3));
        return true;
      }
      if (key === 'z') {
        const view = cursorView(address, store.view);
        if (view) now.setView(view);
        return view !== null;
      }
      if (key === 'backspace') {
        latest.current.back();
        return true;
      }
      if (key === '+' || key === '=' || key === '-') {
        const middle = store.hover ?? (store.view.from + store.view.to) / 2;
        now.setView(zoomAt(store.view, middle, key === '-' ? 1.5 : 1 / 1.5));
        return true;
      }
      if (key === 'escape' && (address.a !== null || address.b !== null) && arrowsFree(event)) {
        now.setCursor('a', null);
        now.setCursor('b', null);
        return true;
      }
      return false;
    };
    const onKey = (event: KeyboardEvent): void => {
      if (!event.defaultPrevented && !typing(event) && act(event)) event.preventDefault();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
}
