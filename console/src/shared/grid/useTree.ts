// SPDX-License-Identifier: Apache-2.0
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { Page } from '@/shared/api/client';

const WINDOW = 100;
const MAX_WINDOW = 1000;

interface Branch<T> {
  items: T[];
  next: string | null;
  total: number;
  loading: boolean;
  error: unknown;
}

export interface TreeRow<T> {
  id: string;
  /** Undefined while the row is not loaded; `parent` and `offset` say which one it is. */
  node: T | undefined;
  parent: string;
  offset: number;
  level: number;
  size: number;
  open: boolean;
  error: unknown;
}

export interface TreeState<T> {
  rows: TreeRow<T>[];
  toggle: (id: string) => void;
  setOpen: (id: string, open: boolean) => void;
  /** Loads the children that the rows in view stand for. */
  need: (first: number, last: number) => void;
  reload: (parent?: string) => void;
  isPending: boolean;
  error: unknown;
}

interface Options<T> {
  /** Changes when the tree is another one (tenant, filter): everything is forgotten. */
  key: string;
  idOf: (node: T) => string;
  fetchChildren: (parent: string | null, cursor: string | undefined, limit: number) => Promise<Page<T>>;
  initiallyOpen?: readonly string[];
}

const ROOT = '';

/** Children come in windows of 100; what is not loaded yet is a row too, so that the scroll bar is true. */
export function useTree<T>({ key, idOf, fetchChildren, initiallyOpen = [] }: Options<T>): TreeState<T> {
  const [branches, setBranches] = useState<ReadonlyMap<string, Branch<T>>>(new Map());
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set(initiallyOpen));
  const live = useRef({ key, branches, fetchChildren });
  live.current = { key, branches, fetchChildren };
  const busy = useRef(new Set<string>());

  const load = useCallback(async (parent: string, upTo = 0, again = false): Promise<void> => {
    const { key: forKey, branches: now, fetchChildren: fetch } = live.current;
    const slot = `${forKey}\n${parent}`;
    const branch = again ? undefined : now.get(parent);
    if (busy.current.has(slot) || (branch && branch.next === null)) return;
    busy.current.add(slot);
    const have = branch?.items ?? [];
    const limit = Math.min(MAX_WINDOW, Math.max(WINDOW, Math.ceil((upTo + 1 - have.length) / WINDOW) * WINDOW));
    const put = (next: Branch<T>): void => {
      if (live.current.key === forKey) setBranches((old) => new Map(old).set(parent, next));
    };
    try {
      const page = await fetch(parent === ROOT ? null : parent, branch?.next ?? undefined, limit);
      put({ items: [...have, ...page.items], next: page.next_cursor, total: Math.max(page.total, have.length + page.items.length), loading: false, error: null });
    } catch (error) {
      put({ items: have, next: branch?.next ?? null, total: branch?.total ?? 0, loading: false, error });
    } finally {
      busy.current.delete(slot);
    }
  }, []);

  useEffect(() => {
    setBranches(new Map());
    void load(ROOT, 0, true);
  }, [key, load]);
  useEffect(() => {
    for (const id of opened) if (!branches.has(id)) void load(id);
  }, [opened, branches, load]);

  const rows = useMemo(() => flatten(branches, opened, idOf), [branches, opened, idOf]);
  const setOpen = useCallback((id: string, open: boolean) => setOpened((old) => {
    if (old.has(id) === open) return old;
    const next = new Set(old);
    if (open) next.add(id);
    else next.delete(id);
    return next;
  }), []);
  const toggle = useCallback((id: string) => setOpened((old) => {
    const next = new Set(old);
    if (!next.delete(id)) next.add(id);
    return next;
  }), []);
  const need = useCallback((first: number, last: number) => {
    const wanted = new Map<string, number>();
    for (const row of rows.slice(first, last + 1)) if (!row.node) wanted.set(row.parent, Math.max(row.offset, wanted.get(row.parent) ?? 0));
    for (const [parent, upTo] of wanted) void load(parent, upTo);
  }, [rows, load]);
  const reload = useCallback((parent: string = ROOT) => void load(parent, 0, true), [load]);
  const root = branches.get(ROOT);
  return { rows, toggle, setOpen, need, reload, isPending: root === undefined, error: root?.items.length ? null : (root?.error ?? null) };
}

function flatten<T>(branches: ReadonlyMap<string, Branch<T>>, opened: ReadonlySet<string>, idOf: (node: T) => string): TreeRow<T>[] {
  const rows: TreeRow<T>[] = [];
  const walk = (parent: string, level: number, trail: ReadonlySet<string>): void => {
    const branch = branches.get(parent);
    if (!branch) {
      if (level > 1) rows.push({ id: `${parent}/wait`, node: undefined, parent, offset: 0, level, size: 1, open: false, error: null });
      return;
    }
    branch.items.forEach((node, offset) => {
      const id = idOf(node);
      const open = opened.has(id);
      rows.push({ id, node, parent, offset, level, size: branch.total, open, error: null });
      // A source may answer with loops; a node is never opened below itself.
      if (open && !trail.has(id)) walk(id, level + 1, new Set(trail).add(id));
    });
    for (let offset = branch.items.length; offset < branch.total; offset += 1) {
      rows.push({ id: `${parent}/${offset}`, node: undefined, parent, offset, level, size: branch.total, open: false, error: null });
    }
    if (branch.error && level > 1 && branch.items.length === 0) rows.push({ id: `${parent}/error`, node: undefined, parent, offset: 0, level, size: 1, open: false, error: branch.error });
  };
  walk(ROOT, 1, new Set());
  return rows;
}
