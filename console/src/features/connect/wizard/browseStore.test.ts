// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import type { BrowseNode } from '../api';
import { BrowseStore, matcher, ROOT } from './browseStore';
import { addNodes } from './pick';

const folder = (id: string): BrowseNode => ({ id, name: id, display: id, description: '', kind: 'folder', type: null, unit: null, value: null, quality: null, has_children: true, address: null });
const variable = (id: string, name = id): BrowseNode => ({ id, name, display: name, description: '', kind: 'variable', type: 'double', unit: null, value: '1', quality: null, has_children: false, address: id });

/** Pages of two; `b` hangs below itself, as sources sometimes have it. */
const space: Record<string, BrowseNode[]> = {
  '': [folder('a'), folder('b'), variable('top')], a: [variable('a1', 'T'), variable('a2'), variable('a3'), folder('sub')], b: [variable('b1', 'T'), folder('b')], sub: [variable('s1')],
};

function store(calls: string[] = []): BrowseStore {
  return new BrowseStore((node, continuation) => {
    calls.push(`${node ?? ''}@${continuation ?? '0'}`);
    const all = space[node ?? ''] ?? [];
    const from = Number(continuation ?? 0);
    return Promise.resolve({ nodes: all.slice(from, from + 2), continuation: from + 2 < all.length ? String(from + 2) : null });
  });
}

describe('BrowseStore', () => {
  it('walks every page below a folder once, loops included', async () => {
    const calls: string[] = [];
    const own = store(calls);
    await own.load(ROOT);
    const { nodes, cut } = await own.walk(ROOT, new AbortController().signal, () => {});
    expect(cut).toBe(false);
    expect(nodes.map((node) => node.id).sort()).toEqual(['a', 'a1', 'a2', 'a3', 'b', 'b1', 's1', 'sub', 'top']);
    expect(new Set(calls).size).toBe(calls.length);
  });
  it('knows whether all, some or none below a folder are ticked', async () => {
    const own = store();
    await own.load(ROOT);
    await own.load('a');
    expect(own.countAll(new Set(['a1'])).get('a')).toEqual({ known: 2, picked: 1, complete: false });
    await own.walk('a', new AbortController().signal, () => {});
    expect(own.countAll(new Set(['a1', 'a2', 'a3', 's1'])).get('a')).toEqual({ known: 4, picked: 4, complete: true });
    expect(own.countAll(new Set(['s1'])).get('sub')).toEqual({ known: 1, picked: 1, complete: true });
  });
  it('stops a walk when asked', async () => {
    const abort = new AbortController();
    abort.abort();
    await expect(store().walk(ROOT, abort.signal, () => {})).rejects.toThrow('stopped');
  });
  it('asks at most two folders at a time, whoever asks', async () => {
    let now = 0, most = 0;
    const own = new BrowseStore(async (node) => {
      most = Math.max(most, ++now);
      await new Promise((resolve) => setTimeout(resolve, 1));
      now -= 1;
      return { nodes: node === null ? ['1', '2', '3', '4', '5', '6'].map(folder) : [], continuation: null };
    });
    await own.load(ROOT);
    await Promise.all([own.walk(ROOT, new AbortController().signal, () => {}), own.load('5'), own.load('6')]);
    expect(most).toBe(2);
  });
  it('ends requests and walks when it is closed, and asks nothing more', async () => {
    const calls: AbortSignal[] = [];
    const own = new BrowseStore((node, _continuation, _limit, signal) => {
      calls.push(signal);
      if (node === null) return Promise.resolve({ nodes: ['1', '2', '3', '4', '5'].map(folder), continuation: null });
      return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new DOMException('stopped', 'AbortError'))));
    });
    await own.load(ROOT);
    const walk = own.walk(ROOT, new AbortController().signal, () => {});
    const ended = expect(walk).rejects.toThrow();
    await new Promise((resolve) => setTimeout(resolve, 0));
    own.close();
    await ended;
    await new Promise((resolve) => setTimeout(resolve, 0));
    expect(calls).toHaveLength(3);
    expect(calls.slice(1).every((signal) => signal.aborted)).toBe(true);
  });
  it('shows the error of a page and tries again', async () => {
    let fail = true;
    const own = new BrowseStore(() => (fail ? Promise.reject(new Error('no')) : Promise.resolve({ nodes: [variable('v')], continuation: null })));
    await own.load(ROOT);
    expect(own.branch(ROOT)?.error).toBeInstanceOf(Error);
    fail = false;
    await own.load(ROOT);
    expect(own.children(ROOT)).toHaveLength(1);
  });
});

describe('addNodes', () => {
  it('gives equal names the names of their folders and takes nothing twice', async () => {
    const own = store();
    await own.load(ROOT);
    const { nodes } = await own.walk(ROOT, new AbortController().signal, () => {});
    const first = addNodes([], nodes, own);
    expect(first.points.map((point) => point.name).sort()).toEqual(['T', 'a2', 'a3', 'b.T', 's1', 'top']);
    expect(addNodes(first.points, nodes, own).added).toBe(0);
  });
});

describe('matcher', () => {
  it('finds parts, and whole names by wildcard', () => {
    expect(matcher('bowl')('Line.Bowl.P')).toBe(true);
    expect(matcher('V*.c')('V14.c')).toBe(true);
    expect(matcher('V*.c')('xV14.c')).toBe(false);
    expect(matcher('a?c')('a.c')).toBe(true);
  });
});
