// SPDX-License-Identifier: Apache-2.0
import { useCallback, useEffect, useMemo, useState, useSyncExternalStore } from 'react';
import { request } from '@/shared/api/client';
import type { FormValue } from '@/shared/form/schema';
import type { TreeRow, TreeState } from '@/shared/grid/useTree';
import { useWorkplace } from '@/shared/session/workplace';
import type { BrowseNode, BrowsePage } from '../api';
import { BrowseStore, opens, ROOT } from './browseStore';

/** The address space of one source; another source or other settings give another store. */
export function useBrowseStore(driver: string, link: string | null, config: FormValue): BrowseStore {
  const { path } = useWorkplace();
  const source = JSON.stringify(link === null ? { link: config } : { link_id: link });
  const store = useMemo(() => {
    const body = JSON.parse(source) as Record<string, unknown>;
    return new BrowseStore(async (node, continuation, limit, signal) =>
      (await request<BrowsePage>(path(`/drivers/${encodeURIComponent(driver)}/browse`), { method: 'POST', body: { ...body, node, continuation, limit }, signal })).data);
  }, [driver, source, path]);
  useEffect(() => {
    void store.load(ROOT);
    return () => store.close();
  }, [store]);
  useSyncExternalStore(store.subscribe, store.getVersion);
  return store;
}

/** Folders of the store as rows of the tree; the source itself is the topmost row. */
export function useBrowseTree(store: BrowseStore, root: BrowseNode): TreeState<BrowseNode> {
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set([ROOT]));
  const version = store.getVersion();
  const rows = useMemo(() => {
    void version;
    const out: TreeRow<BrowseNode>[] = [{ id: ROOT, node: root, parent: '', offset: 0, level: 1, size: 1, open: opened.has(ROOT), error: null }];
    const walk = (parent: string, level: number, trail: ReadonlySet<string>): void => {
      const branch = store.branch(parent);
      const wait = (error: unknown): void => void out.push({ id: `${parent}\n`, node: undefined, parent, offset: 0, level, size: 1, open: false, error });
      const folders = store.children(parent).filter((node) => opens(node) || node.kind !== 'variable');
      folders.forEach((node, offset) => {
        const open = opened.has(node.id) && opens(node);
        out.push({ id: node.id, node, parent, offset, level, size: folders.length, open, error: null });
        if (open && !trail.has(node.id)) walk(node.id, level + 1, new Set(trail).add(node.id));
      });
      if (!branch || branch.loading || branch.next !== null || branch.error) wait(branch?.error ?? null);
    };
    if (opened.has(ROOT)) walk(ROOT, 2, new Set([ROOT]));
    return out;
  }, [store, version, opened, root]);
  const setOpen = useCallback((id: string, open: boolean) => {
    if (open) void store.load(id);
    setOpened((old) => {
      const next = new Set(old);
      if (open) next.add(id);
      else next.delete(id);
      return next;
    });
  }, [store]);
  const toggle = useCallback((id: string) => setOpen(id, !opened.has(id)), [opened, setOpen]);
  const need = useCallback((first: number, last: number) => {
    for (const row of rows.slice(first, last + 1)) if (!row.node && !row.error && !store.branch(row.parent)?.loading) void store.load(row.parent);
  }, [rows, store]);
  const reload = useCallback((parent: string = ROOT) => store.reload(parent), [store]);
  const top = store.branch(ROOT);
  return { rows, toggle, setOpen, need, reload, isPending: !top || (top.loading && top.ids.length === 0), error: top?.ids.length ? null : (top?.error ?? null) };
}
