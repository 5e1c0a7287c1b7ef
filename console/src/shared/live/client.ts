// SPDX-License-Identifier: Apache-2.0
import type { Schema } from '@/shared/api/types';
import { parseTime } from '@/shared/format/time';

/** The newest value of a point as the live channel tells it. */
export interface LiveValue {
  /** Source time, Unix ms; null when the point never had a value. */
  time: number | null;
  /** Source time as sent, with its nanoseconds. */
  timeText: string | null;
  value: Schema<'Scalar'>;
  /** The newest value that was one; a lost source delivers bad samples without any. */
  known: Schema<'Scalar'>;
  /** Upper 16 bits of the OPC UA StatusCode. */
  code: number;
  flags: number;
  /** The server's judgement: older than the point allows, and its source does not say that it holds. */
  stale: boolean;
}

export type LiveState = 'connecting' | 'open' | 'waiting' | 'closed';

export interface LiveStatus {
  state: LiveState;
  /** When the last message came (Unix ms), null before the first. */
  lastMessageAt: number | null;
  /** Failed attempts since the last message. */
  attempts: number;
  /** When the next attempt is made, while `waiting`. */
  retryAt: number | null;
}

interface SocketLike {
  readonly readyState: number;
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number }) => void) | null;
  send(data: string): void;
  close(code?: number): void;
}

export interface LiveOptions {
  url: string;
  open?: (url: string) => SocketLike;
  now?: () => number;
  onSignedOut?: () => void;
}

export const MAX_POINTS = 1000;
const CHANGE_DELAY_MS = 150;
const INTERVAL_MS = 500;
const HIDDEN_INTERVAL_MS = 10_000;
const MAX_BACKOFF_MS = 30_000;
/** After a refused subscription the whole of it is asked for again; the wait grows up to the back-off above. */
const REFUSED_WAIT_MS = 1_000;
/** The server writes at least every 4 s; silence this long means the connection is dead. */
const SILENCE_MS = 15_000;
const SIGNED_OUT = 4001;
/** An ack that came too late; it says nothing about the subscription. */
const WRONG_SEQ = 'live.wrong_seq';
const OPEN = 1;

/**
 * One WebSocket for the whole page. Points are counted by user; changes of the subscription are
 * gathered for 150 ms, so that scrolling a grid does not flood the server. The server sends one
 * message at a time and waits for the ack, which is our brake: it is given after the values are taken.
 */
export class LiveClient {
  private readonly options: Required<Pick<LiveOptions, 'open' | 'now'>> & LiveOptions;
  private readonly users = new Map<string, number>();
  private readonly values = new Map<string, LiveValue>();
  private readonly listeners = new Map<string, Set<() => void>>();
  private readonly statusListeners = new Set<() => void>();
  private readonly anyListeners = new Set<(changed: ReadonlySet<string>) => void>();
  private subscribed = new Set<string>();
  /** Points the server says it does not have; they are not asked for again until they are watched anew. */
  private missing = new Set<string>();
  /** Points the server may still send though nobody wants them, because a message was refused. */
  private doubtful = new Set<string>();
  private lastGone: string[] = [];
  private refusals = 0;
  private refusedAt = 0;
  private refusedTimer: ReturnType<typeof setTimeout> | null = null;
  private socket: SocketLike | null = null;
  private changeTimer: ReturnType<typeof setTimeout> | null = null;
  private retryTimer: ReturnType<typeof setTimeout> | null = null;
  private silenceTimer: ReturnType<typeof setTimeout> | null = null;
  private hidden = false;
  private undrawn = new Set<string>();
  private status: LiveStatus = { state: 'closed', lastMessageAt: null, attempts: 0, retryAt: null };

  constructor(options: LiveOptions) {
    this.options = { open: (url) => new WebSocket(url) as unknown as SocketLike, now: Date.now, ...options };
  }

  start(): void {
    if (this.socket || this.retryTimer) return;
    this.connect();
  }

  stop(): void {
    for (const timer of [this.changeTimer, this.retryTimer, this.silenceTimer, this.refusedTimer]) if (timer) clearTimeout(timer);
    this.changeTimer = this.retryTimer = this.silenceTimer = this.refusedTimer = null;
    const socket = this.socket;
    this.socket = null;
    if (socket) {
      socket.onclose = socket.onmessage = socket.onopen = null;
      socket.close();
    }
    this.setStatus({ state: 'closed', retryAt: null });
  }

  /** Tries at once instead of waiting for the back-off. */
  retry(): void {
    if (this.status.state !== 'waiting') return;
    if (this.retryTimer) clearTimeout(this.retryTimer);
    this.retryTimer = null;
    this.connect();
  }

  /** Asks for a point; `listener` runs when its value has changed. Returns how to stop. */
  watch(point: string, listener: () => void): () => void {
    this.users.set(point, (this.users.get(point) ?? 0) + 1);
    const set = this.listeners.get(point) ?? new Set();
    set.add(listener);
    this.listeners.set(point, set);
    this.plan();
    return () => {
      const left = (this.users.get(point) ?? 1) - 1;
      if (left > 0) this.users.set(point, left);
      else {
        this.users.delete(point);
        this.missing.delete(point);
      }
      set.delete(listener);
      if (set.size === 0) this.listeners.delete(point);
      this.plan();
    };
  }

  /** Runs after each message with the points that changed; for charts and "sort again". */
  watchAll(listener: (changed: ReadonlySet<string>) => void): () => void {
    this.anyListeners.add(listener);
    return () => this.anyListeners.delete(listener);
  }

  valueOf(point: string): LiveValue | undefined {
    return this.values.get(point);
  }

  getStatus = (): LiveStatus => this.status;

  watchStatus = (listener: () => void): (() => void) => {
    this.statusListeners.add(listener);
    return () => this.statusListeners.delete(listener);
  };

  /** A hidden tab takes one message in ten seconds and draws nothing. */
  setHidden(hidden: boolean): void {
    if (this.hidden === hidden) return;
    this.hidden = hidden;
    this.send({ op: 'subscribe', points: [], interval_ms: hidden ? HIDDEN_INTERVAL_MS : INTERVAL_MS });
    if (!hidden) this.draw();
  }

  private connect(): void {
    this.setStatus({ state: 'connecting', retryAt: null });
    const socket = this.options.open(this.options.url);
    this.socket = socket;
    this.subscribed = new Set();
    this.missing = new Set();
    this.doubtful = new Set();
    this.lastGone = [];
    if (this.refusedTimer) clearTimeout(this.refusedTimer);
    this.refusedTimer = null;
    this.armSilence();
    socket.onopen = () => {
      this.setStatus({ state: 'open' });
      this.sync();
    };
    socket.onmessage = (event) => this.take(event.data);
    socket.onclose = (event) => this.lost(event.code);
  }

  private lost(code: number): void {
    this.socket = null;
    if (this.silenceTimer) clearTimeout(this.silenceTimer);
    if (code === SIGNED_OUT) this.options.onSignedOut?.();
    const attempts = this.status.attempts + 1;
    const wait = Math.min(MAX_BACKOFF_MS, 500 * 2 ** Math.min(attempts, 10)) * (0.75 + Math.random() / 2);
    this.setStatus({ state: 'waiting', attempts, retryAt: this.options.now() + wait });
    this.retryTimer = setTimeout(() => {
      this.retryTimer = null;
      this.connect();
    }, wait);
  }

  private armSilence(): void {
    if (this.silenceTimer) clearTimeout(this.silenceTimer);
    this.silenceTimer = setTimeout(() => {
      const socket = this.socket;
      if (!socket) return;
      socket.onclose = socket.onmessage = socket.onopen = null;
      socket.close();
      this.lost(0);
    }, SILENCE_MS);
  }

  private take(data: unknown): void {
    let message: Partial<Schema<'LiveValues'>> & { error?: { slug?: string }; missing?: unknown };
    try {
      message = JSON.parse(String(data)) as typeof message;
    } catch {
      return;
    }
    if (typeof message !== 'object' || message === null) return;
    if (Array.isArray(message.missing)) this.takeMissing(message.missing);
    if (message.error && message.error.slug !== WRONG_SEQ) this.refused();
    if (typeof message.seq !== 'number' || !Array.isArray(message.values)) return;
    for (const [point, time, value, code, flags, stale] of message.values as [string, string | null, Schema<'Scalar'>, number, number, boolean][]) {
      if (!this.users.has(point)) continue;
      this.values.set(point, { time: parseTime(time), timeText: time, value, known: value ?? this.values.get(point)?.known ?? null, code, flags, stale });
      this.undrawn.add(point);
    }
    this.armSilence();
    this.setStatus({ lastMessageAt: this.options.now(), attempts: 0 });
    if (!this.hidden) this.draw();
    this.send({ op: 'ack', seq: message.seq });
  }

  private takeMissing(ids: unknown[]): void {
    for (const id of ids) {
      if (typeof id !== 'string' || !this.users.has(id)) continue;
      this.missing.add(id);
      this.subscribed.delete(id);
      this.values.delete(id);
      this.undrawn.add(id);
    }
    if (!this.hidden) this.draw();
  }

  /** The server did not take a message and does not say which; so nothing counts as subscribed and all is asked for again. */
  private refused(): void {
    for (const point of [...this.subscribed, ...this.lastGone]) this.doubtful.add(point);
    this.subscribed = new Set();
    if (this.refusedTimer) return;
    const now = this.options.now();
    if (now - this.refusedAt > 2 * MAX_BACKOFF_MS) this.refusals = 0;
    this.refusedAt = now;
    const wait = Math.min(MAX_BACKOFF_MS, REFUSED_WAIT_MS * 2 ** Math.min(this.refusals, 10));
    this.refusals += 1;
    this.refusedTimer = setTimeout(() => {
      this.refusedTimer = null;
      this.sync();
    }, wait);
  }

  private draw(): void {
    const changed = this.undrawn;
    this.undrawn = new Set();
    if (changed.size === 0) return;
    for (const point of changed) for (const listener of this.listeners.get(point) ?? []) listener();
    for (const listener of this.anyListeners) listener(changed);
  }

  private plan(): void {
    if (this.changeTimer) return;
    this.changeTimer = setTimeout(() => {
      this.changeTimer = null;
      this.sync();
    }, CHANGE_DELAY_MS);
  }

  private sync(): void {
    if (this.socket?.readyState !== OPEN || this.refusedTimer) return;
    const wanted = new Set([...this.users.keys()].filter((point) => !this.missing.has(point)).slice(0, MAX_POINTS));
    const gone = [...new Set([...this.subscribed, ...this.doubtful])].filter((point) => !wanted.has(point)).slice(0, MAX_POINTS);
    const fresh = [...wanted].filter((point) => !this.subscribed.has(point));
    for (const point of gone) this.values.delete(point);
    if (gone.length > 0) this.send({ op: 'unsubscribe', points: gone });
    if (fresh.length > 0) {
      this.send({ op: 'subscribe', points: fresh, interval_ms: this.hidden ? HIDDEN_INTERVAL_MS : INTERVAL_MS });
    }
    this.subscribed = wanted;
    this.doubtful = new Set();
    this.lastGone = gone;
  }

  private send(message: Schema<'LiveClientMessage'>): void {
    if (this.socket?.readyState === OPEN) this.socket.send(JSON.stringify(message));
  }

  private setStatus(change: Partial<LiveStatus>): void {
    this.status = { ...this.status, ...change };
    for (const listener of this.statusListeners) listener();
  }
}
