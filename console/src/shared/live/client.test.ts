// SPDX-License-Identifier: Apache-2.0
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LiveClient } from './client';

class FakeSocket {
  static all: FakeSocket[] = [];
  readyState = 0;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  sent: { op: string; points?: string[]; seq?: number; interval_ms?: number }[] = [];
  constructor() {
    FakeSocket.all.push(this);
  }
  send(data: string): void {
    this.sent.push(JSON.parse(data) as FakeSocket['sent'][number]);
  }
  close(): void {
    this.readyState = 3;
  }
  accept(): void {
    this.readyState = 1;
    this.onopen?.();
  }
  say(message: unknown): void {
    this.onmessage?.({ data: typeof message === 'string' ? message : JSON.stringify(message) });
  }
  drop(code = 1006): void {
    this.readyState = 3;
    this.onclose?.({ code });
  }
}

const newest = (): FakeSocket => FakeSocket.all.at(-1) as FakeSocket;
let client: LiveClient;
const signedOut = vi.fn();

beforeEach(() => {
  vi.useFakeTimers();
  FakeSocket.all = [];
  client = new LiveClient({ url: 'ws://x', open: () => new FakeSocket(), onSignedOut: signedOut });
  client.start();
});
afterEach(() => {
  client.stop();
  vi.useRealTimers();
});

describe('LiveClient', () => {
  it('gathers subscriptions and lets points go that nobody watches any more', () => {
    newest().accept();
    const stopA = client.watch('a', () => {});
    client.watch('b', () => {});
    const stopA2 = client.watch('a', () => {});
    expect(newest().sent).toEqual([]);
    vi.advanceTimersByTime(150);
    expect(newest().sent).toEqual([{ op: 'subscribe', points: ['a', 'b'], interval_ms: 500 }]);
    stopA();
    vi.advanceTimersByTime(150);
    expect(newest().sent).toHaveLength(1);
    stopA2();
    vi.advanceTimersByTime(150);
    expect(newest().sent.at(-1)).toEqual({ op: 'unsubscribe', points: ['a'] });
  });

  it('remembers the last value that was one when a lost source delivers none', () => {
    client.watch('a', () => {});
    newest().accept();
    newest().say({ seq: 1, values: [['a', '2026-07-14T05:42:08Z', 5.63, 0, 0, false]] });
    newest().say({ seq: 2, values: [['a', '2026-07-14T05:42:09Z', null, 0x8031, 0, false]] });
    newest().say({ seq: 3, values: [['a', '2026-07-14T05:42:10Z', null, 0x8031, 0, false]] });
    expect(client.valueOf('a')).toMatchObject({ value: null, known: 5.63, code: 0x8031 });
  });

  it('takes values, tells the watcher and acknowledges', () => {
    const listener = vi.fn();
    client.watch('a', listener);
    newest().accept();
    newest().say({ seq: 7, values: [['a', '2026-07-14T05:42:08.123456789Z', 5.63, 0, 0, false], ['z', null, null, 0, 0, false]] });
    expect(client.valueOf('a')).toMatchObject({ value: 5.63, code: 0, timeText: '2026-07-14T05:42:08.123456789Z' });
    expect(client.valueOf('z')).toBeUndefined();
    expect(listener).toHaveBeenCalledOnce();
    expect(newest().sent.at(-1)).toEqual({ op: 'ack', seq: 7 });
  });

  it('comes back by itself with its subscription, waiting longer each time', () => {
    client.watch('a', () => {});
    newest().accept();
    newest().drop();
    expect(client.getStatus()).toMatchObject({ state: 'waiting', attempts: 1 });
    vi.advanceTimersByTime(1500);
    expect(FakeSocket.all).toHaveLength(2);
    newest().drop();
    vi.advanceTimersByTime(1000);
    expect(FakeSocket.all).toHaveLength(2);
    vi.advanceTimersByTime(2000);
    newest().accept();
    expect(newest().sent[0]).toMatchObject({ op: 'subscribe', points: ['a'] });
  });

  it('gives a silent connection up', () => {
    newest().accept();
    vi.advanceTimersByTime(15_000);
    expect(client.getStatus().state).toBe('waiting');
  });

  it('does not draw in a hidden tab and asks for fewer messages', () => {
    const listener = vi.fn();
    client.watch('a', listener);
    newest().accept();
    client.setHidden(true);
    newest().say({ seq: 1, values: [['a', null, 1, 0, 0, false]] });
    expect(listener).not.toHaveBeenCalled();
    expect(newest().sent).toContainEqual({ op: 'subscribe', points: [], interval_ms: 10_000 });
    client.setHidden(false);
    expect(listener).toHaveBeenCalledOnce();
  });

  it('asks again for everything when the server refused, waiting longer each time', () => {
    client.watch('a', () => {});
    newest().accept();
    const asked = () => newest().sent.filter((message) => message.op === 'subscribe').length;
    expect(asked()).toBe(1);
    newest().say({ error: { slug: 'request.busy' } });
    newest().say({ error: { slug: 'request.busy' } });
    vi.advanceTimersByTime(999);
    expect(asked()).toBe(1);
    vi.advanceTimersByTime(1);
    expect(newest().sent.at(-1)).toMatchObject({ op: 'subscribe', points: ['a'] });
    newest().say({ error: { slug: 'request.busy' } });
    vi.advanceTimersByTime(1_999);
    expect(asked()).toBe(2);
    vi.advanceTimersByTime(1);
    expect(asked()).toBe(3);
  });

  it('still lets go of what nobody watches after a refusal', () => {
    const stop = client.watch('a', () => {});
    client.watch('b', () => {});
    newest().accept();
    stop();
    newest().say({ error: { slug: 'request.busy' } });
    vi.advanceTimersByTime(1_000);
    expect(newest().sent.slice(-2)).toEqual([{ op: 'unsubscribe', points: ['a'] }, { op: 'subscribe', points: ['b'], interval_ms: 500 }]);
  });

  it('does not ask again for points the server does not have, until they are watched anew', () => {
    const told = vi.fn();
    const stop = client.watch('gone', told);
    client.watch('a', () => {});
    newest().accept();
    newest().say({ missing: ['gone', 'never asked'] });
    expect(told).toHaveBeenCalledOnce();
    client.watch('b', () => {});
    vi.advanceTimersByTime(150);
    expect(newest().sent.at(-1)).toMatchObject({ op: 'subscribe', points: ['b'] });
    stop();
    client.watch('gone', told);
    vi.advanceTimersByTime(150);
    expect(newest().sent.at(-1)).toMatchObject({ op: 'subscribe', points: ['gone'] });
  });

  it('survives rubbish and reports an ended log-in', () => {
    newest().accept();
    newest().say('{');
    newest().say('null');
    newest().say({ error: { slug: 'live.wrong_seq' } });
    vi.advanceTimersByTime(5_000);
    expect(newest().sent).toEqual([]);
    newest().drop(4001);
    expect(signedOut).toHaveBeenCalledOnce();
  });
});
