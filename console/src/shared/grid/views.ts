// SPDX-License-Identifier: Apache-2.0
import { useCallback, useMemo, useState } from 'react';

// A view is filters, order and columns of a list. All of it stands in the address, so that a link shows a colleague the
// same; views with a name are kept in this browser.

export interface View {
  name: string;
  search: Record<string, string>;
}

const MAX_VIEWS = 50;

function read(key: string): View[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(key) ?? '[]');
    if (!Array.isArray(stored)) return [];
    return stored.filter((view): view is View => typeof view === 'object' && view !== null && typeof (view as View).name === 'string' && typeof (view as View).search === 'object').slice(0, MAX_VIEWS);
  } catch {
    return [];
  }
}

/** Named views of a list; a name is there once. */
export function useViews(list: string): { views: View[]; keep: (view: View) => void; forget: (name: string) => void } {
  const key = `karez.views.${list}`;
  const [views, setViews] = useState(() => read(key));
  const set = useCallback((next: View[]) => {
    setViews(next);
    try {
      localStorage.setItem(key, JSON.stringify(next));
    } catch {
      // Kept until reload.
    }
  }, [key]);
  const keep = useCallback((view: View) => set([view, ...read(key).filter((each) => each.name !== view.name)].slice(0, MAX_VIEWS)), [key, set]);
  const forget = useCallback((name: string) => set(read(key).filter((each) => each.name !== name)), [key, set]);
  return { views, keep, forget };
}

/** The columns that the address names, in the order of the list; all when it names none. The first is always there. */
export function shownColumns<C extends { id: string }>(columns: readonly C[], cols: string | undefined): C[] {
  if (cols === undefined) return [...columns];
  const wanted = new Set(cols.split(','));
  return columns.filter((column, at) => at === 0 || wanted.has(column.id));
}

export function useShownColumns<C extends { id: string }>(columns: readonly C[], cols: string | undefined): C[] {
  return useMemo(() => shownColumns(columns, cols), [columns, cols]);
}

/** What the address says when a column is switched; undefined when all are shown. */
export function switched(columns: readonly { id: string }[], cols: string | undefined, id: string): string | undefined {
  const now = new Set(shownColumns(columns, cols).map((column) => column.id));
  if (now.has(id)) now.delete(id);
  else now.add(id);
  return columns.every((column) => now.has(column.id)) ? undefined : columns.filter((column) => now.has(column.id)).map((column) => column.id).join(',');
}
