// SPDX-License-Identifier: Apache-2.0
import { createContext, useCallback, useContext, useEffect, useMemo, useSyncExternalStore, type ReactNode } from 'react';
import { LiveClient, type LiveStatus, type LiveValue } from './client';

const Context = createContext<LiveClient | null>(null);

/** One live connection for the tenant of the page. */
export function LiveProvider({ tenant, onSignedOut, children }: { tenant: string; onSignedOut: () => void; children: ReactNode }) {
  const client = useMemo(() => {
    const scheme = window.location.protocol === 'https:' ? 'wss' : 'ws';
    const url = `${scheme}://${window.location.host}/api/v1/t/${encodeURIComponent(tenant)}/live`;
    return new LiveClient({ url, onSignedOut });
  }, [tenant, onSignedOut]);
  useEffect(() => {
    const onVisibility = (): void => client.setHidden(document.hidden);
    client.start();
    onVisibility();
    document.addEventListener('visibilitychange', onVisibility);
    return () => {
      document.removeEventListener('visibilitychange', onVisibility);
      client.stop();
    };
  }, [client]);
  return <Context value={client}>{children}</Context>;
}

export function useLiveClient(): LiveClient {
  const client = useContext(Context);
  if (!client) throw new Error('useLiveClient outside LiveProvider');
  return client;
}

/** Newest value of a point while the component is mounted; undefined before the first message. */
export function useLiveValue(point: string): LiveValue | undefined {
  const client = useLiveClient();
  const subscribe = useCallback((notify: () => void) => client.watch(point, notify), [client, point]);
  return useSyncExternalStore(subscribe, () => client.valueOf(point));
}

export function useLiveStatus(): LiveStatus {
  const client = useLiveClient();
  return useSyncExternalStore(client.watchStatus, client.getStatus);
}

// One clock for the page: ages tick together, once a second, and stand still in a hidden tab.
let clockNow = Date.now();
const clockListeners = new Set<() => void>();
let clockTimer: ReturnType<typeof setInterval> | null = null;

function subscribeClock(notify: () => void): () => void {
  clockListeners.add(notify);
  if (clockTimer === null) clockNow = Date.now();
  clockTimer ??= setInterval(() => {
    if (document.hidden) return;
    clockNow = Date.now();
    for (const listener of clockListeners) listener();
  }, 1000);
  return () => {
    clockListeners.delete(notify);
    if (clockListeners.size === 0 && clockTimer) {
      clearInterval(clockTimer);
      clockTimer = null;
    }
  };
}

/** Now in Unix ms, changing once a second. */
export function useNow(): number {
  return useSyncExternalStore(subscribeClock, () => clockNow);
}

const STALE_MS = 5_000;
const LOST_MS = 30_000;

export interface Freshness {
  age: number | null;
  /** `fresh`, `stale` after 5 s without a message, `lost` after 30 s. */
  level: 'fresh' | 'stale' | 'lost';
  status: LiveStatus;
}

/** How old the newest message of the live channel is. */
export function useFreshness(): Freshness {
  const status = useLiveStatus();
  const now = useNow();
  const age = status.lastMessageAt === null ? null : Math.max(0, now - status.lastMessageAt);
  const silent = age ?? (status.attempts > 0 ? LOST_MS + 1 : 0);
  return { age, level: silent > LOST_MS ? 'lost' : silent > STALE_MS ? 'stale' : 'fresh', status };
}
