// SPDX-License-Identifier: Apache-2.0
import type { BrowseNode, BrowsePage } from '../api';

// What has been seen of the address space of a source. The tree, the list of a folder, the ticks and
// the search all read from here; nothing is asked twice except to refresh values.

export const ROOT = '/';
const PAGE = 500;
const MAX_WALK = 50_000;
/** Folders read at the same time, whoever asks; more would press on small controllers. */
const AT_ONCE = 2;

export type Fetch = (node: string | null, continuation: string | null, limit: number, signal: AbortSignal) => Promise<BrowsePage>;

export interface Branch {
  ids: string[];
  next: string | null;
  loading: boolean;
  error: unknown;
  /** Milliseconds that the newest page took. */
  took: number;
}

export interface Walk {
  nodes: BrowseNode[];
  /** More than could be read at once. */
  cut: boolean;
}

export function selectable(node: BrowseNode): boolean {
  return node.address !== null && node.address !== undefined && node.type !== null;
}

export function opens(node: BrowseNode): boolean {
  return node.has_children;
}

export class BrowseStore {
  private nodes = new Map<string, BrowseNode>();
  private parents = new Map<string, string>();
  private branches = new Map<string, Branch>();
  private listeners = new Set<() => void>();
  private running = new Map<string, Promise<void>>();
  private version = 0;
  private abort = new AbortController();
  private free = AT_ONCE;
  private waiting: (() => void)[] = [];

  constructor(private readonly fetch: Fetch) {}

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };
  getVersion = (): number => this.version;

  /** Ends every request and walk; what is loaded afterwards starts anew. */
  close(): void {
    this.abort.abort();
    this.abort = new AbortController();
    this.running.clear();
  }

  private async ask(node: string | null, continuation: string | null, signal: AbortSignal): Promise<BrowsePage> {
    while (this.free === 0) await new Promise<void>((go) => this.waiting.push(go));
    this.free -= 1;
    try {
      signal.throwIfAborted();
      return await this.fetch(node, continuation, PAGE, signal);
    } finally {
      this.free += 1;
      this.waiting.shift()?.();
    }
  }

  node(id: string): BrowseNode | undefined {
    return this.nodes.get(id);
  }
  branch(id: string): Branch | undefined {
    return this.branches.get(id);
  }
  children(id: string): BrowseNode[] {
    return (this.branches.get(id)?.ids ?? []).flatMap((each) => this.nodes.get(each) ?? []);
  }
  all(): IterableIterator<BrowseNode> {
    return this.nodes.values();
  }
  get size(): number {
    return this.nodes.size;
  }

  /** Names from the top down to the node's folder. */
  pathOf(id: string): string[] {
    const path: string[] = [];
    for (let at = this.parents.get(id), steps = 0; at !== undefined && at !== ROOT && steps < 60; at = this.parents.get(at), steps += 1) path.unshift(this.nodes.get(at)?.display || (this.nodes.get(at)?.name ?? ''));
    return path;
  }

  private changed(): void {
    this.version += 1;
    for (const notify of this.listeners) notify();
  }

  /** Loads the next page below a node; nothing when all is there. Calls for the same node share one request. */
  load(id: string): Promise<void> {
    const branch = this.branches.get(id);
    if (branch && branch.next === null && !branch.error) return Promise.resolve();
    const old = this.running.get(id);
    if (old) return old;
    const run = this.page(id, branch).finally(() => this.running.delete(id));
    this.running.set(id, run);
    return run;
  }

  private async page(id: string, branch: Branch | undefined): Promise<void> {
    const have = branch?.ids ?? [];
    this.branches.set(id, { ids: have, next: branch?.next ?? null, loading: true, error: null, took: branch?.took ?? 0 });
    this.changed();
    const { signal } = this.abort;
    const start = performance.now();
    try {
      const page = await this.ask(id === ROOT ? null : id, branch?.next ?? null, signal);
      const known = new Set(have);
      const fresh = page.nodes.filter((node) => !known.has(node.id));
      for (const node of fresh) this.put(node, id);
      this.branches.set(id, { ids: [...have, ...fresh.map((node) => node.id)], next: page.continuation, loading: false, error: null, took: performance.now() - start });
    } catch (error) {
      if (signal.aborted) this.branches.delete(id);
      else this.branches.set(id, { ids: have, next: branch?.next ?? null, loading: false, error, took: 0 });
    }
    this.changed();
  }

  private put(node: BrowseNode, parent: string): void {
    this.nodes.set(node.id, node);
    // A source may show a node in several places; the first one counts.
    if (!this.parents.has(node.id)) this.parents.set(node.id, parent);
  }

  /** Reads the values of a folder again. */
  async refresh(id: string): Promise<void> {
    const branch = this.branches.get(id);
    if (!branch || branch.next !== null || branch.loading || branch.ids.length > PAGE) return;
    try {
      const page = await this.ask(id === ROOT ? null : id, null, this.abort.signal);
      for (const node of page.nodes) if (this.nodes.has(node.id)) this.nodes.set(node.id, node);
      this.changed();
    } catch {
      // The values shown stay; the next round may succeed.
    }
  }

  /** Forgets what is below a node and asks again. */
  reload(id: string): void {
    this.branches.delete(id);
    void this.load(id);
  }

  /** Every node below one, loading what is not there yet, a few folders at a time. Rejects when a page fails or the walk is stopped. */
  async walk(id: string, stopped: AbortSignal, onProgress: (seen: number) => void): Promise<Walk> {
    const signal = AbortSignal.any([stopped, this.abort.signal]);
    const out: BrowseNode[] = [];
    const seen = new Set<string>([id]);
    let level = [id];
    while (level.length > 0 && out.length <= MAX_WALK) {
      const next: string[] = [];
      for (let at = 0; at < level.length && out.length <= MAX_WALK; at += AT_ONCE) {
        const some = level.slice(at, at + AT_ONCE);
        await Promise.all(some.map((parent) => this.loadAll(parent, signal)));
        for (const node of some.flatMap((parent) => this.children(parent))) {
          if (seen.has(node.id)) continue;
          seen.add(node.id);
          out.push(node);
          if (opens(node)) next.push(node.id);
        }
        onProgress(out.length);
      }
      level = next;
    }
    return { nodes: out, cut: level.length > 0 };
  }

  private async loadAll(id: string, signal: AbortSignal): Promise<void> {
    for (let branch = this.branches.get(id); !branch || branch.next !== null || branch.loading; branch = this.branches.get(id)) {
      await this.load(id);
      if (signal.aborted) throw new DOMException('stopped', 'AbortError');
      const error = this.branches.get(id)?.error;
      if (error) throw error;
    }
  }

  /** Known and ticked points below each folder; `complete` when nothing is left to load there. */
  countAll(picked: ReadonlySet<string>): Map<string, { known: number; picked: number; complete: boolean }> {
    const counts = new Map<string, { known: number; picked: number; complete: boolean }>();
    const count = (id: string, trail: ReadonlySet<string>): { known: number; picked: number; complete: boolean } => {
      const done = counts.get(id);
      if (done) return done;
      const branch = this.branches.get(id);
      const own = { known: 0, picked: 0, complete: branch !== undefined && branch.next === null && !branch.loading && !branch.error };
      for (const node of this.children(id)) {
        if (selectable(node)) {
          own.known += 1;
          if (picked.has(node.address as string)) own.picked += 1;
        }
        if (!opens(node) || trail.has(node.id)) continue;
        const below = count(node.id, new Set(trail).add(node.id));
        own.known += below.known;
        own.picked += below.picked;
        own.complete &&= below.complete;
      }
      counts.set(id, own);
      return own;
    };
    count(ROOT, new Set([ROOT]));
    return counts;
  }
}

/** Wildcards `*` and `?`, else any part of the text; upper and lower case are alike. */
export function matcher(text: string): (candidate: string) => boolean {
  const wanted = text.trim().toLowerCase();
  if (!/[*?]/.test(wanted)) return (candidate) => candidate.toLowerCase().includes(wanted);
  const pattern = new RegExp(`^${wanted.replaceAll(/[.+^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*').replaceAll('?', '.')}$`);
  return (candidate) => pattern.test(candidate.toLowerCase());
}
