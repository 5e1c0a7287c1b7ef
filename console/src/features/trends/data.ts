// SPDX-License-Identifier: Apache-2.0
import { keepPreviousData, useQueries, useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useRef, useState } from 'react';
import { get, request } from '@/shared/api/client';
import { ApiError } from '@/shared/api/problem';
import type { Point, Schema } from '@/shared/api/types';
import { useLiveClient, useNow } from '@/shared/live/react';
import { useWorkplace } from '@/shared/session/workplace';
import { traceOf, traceOfTexts, withTail, type LiveSample, type Trace } from './model/trace';

// Answers of old views are large and of no further use: they leave memory soon.
const KEEP_MS = 5_000;
const TAIL_MAX = 4_000;
const LIVE_MS = 500;

const iso = (ms: number): string => new Date(Math.round(ms)).toISOString();

export interface PointState {
  id: string;
  point: Point | undefined;
  error: unknown;
}

/** What is known of each point; a point that is gone or not permitted carries its error. */
export function usePoints(ids: readonly string[]): PointState[] {
  const { path, tenant } = useWorkplace();
  return useQueries({
    queries: ids.map((id) => ({
      queryKey: ['point', tenant.id, id],
      queryFn: ({ signal }: { signal: AbortSignal }) => get<Point>(path(`/points/${encodeURIComponent(id)}`), {}, signal),
      staleTime: 60_000,
      retry: (count: number, error: Error) => count < 2 && !(error instanceof ApiError && error.status >= 400 && error.status < 500),
    })),
    combine: (results) => results.map((result, index) => ({ id: ids[index] ?? '', point: result.data, error: result.error })),
  });
}

export interface TrendFrame {
  traces: Map<string, Trace>;
  tookMs: number;
}

interface Asked {
  ids: readonly string[];
  from: number;
  to: number;
  width: number;
  enabled: boolean;
  name: string;
}

function useTrendQuery({ ids, from, to, width, enabled, name }: Asked) {
  const { path, tenant } = useWorkplace();
  return useQuery({
    queryKey: ['trend', tenant.id, name, ids.join(','), from, to, width],
    queryFn: async ({ signal }): Promise<TrendFrame> => {
      const body: Schema<'TrendQuery'> = { points: [...ids], from: iso(from), to: iso(to), width };
      const { data } = await request<Schema<'TrendAnswer'>>(path('/history/trend'), { method: 'POST', body, signal });
      return { traces: new Map(data.series.map((series) => [series.point, traceOf(series, from, to, width)])), tookMs: data.took_ms };
    },
    enabled: enabled && ids.length > 0 && width > 0,
    placeholderData: keepPreviousData,
    gcTime: KEEP_MS,
    staleTime: Infinity,
    refetchOnWindowFocus: false,
    retry: (count, error) => count < 2 && !(error instanceof ApiError && error.status >= 400 && error.status < 500),
  });
}

/** How often a running picture is asked for anew; live samples fill the time between. */
const refreshMs = (span: number): number => Math.max(5_000, Math.min(60_000, span / 200));

const MARGIN = 0.15;

/**
 * Traces for the present range at pixel width. A fixed range asks for whole columns more on both sides, so that lines
 * run to the edges and a pan has something to show; a running one asks a little wider, so that it can slide.
 */
export function useTraces(ids: readonly string[], view: { from: number; to: number }, running: boolean, width: number) {
  const span = view.to - view.from;
  const every = refreshMs(span);
  const margin = running || width === 0 ? 0 : (Math.ceil(width * MARGIN) * span) / width;
  const end = running ? Math.ceil(view.to / every) * every : view.to + margin;
  const from = running ? end - span - every : Math.max(0, view.from - margin);
  const columns = Math.min(4000, Math.max(1, Math.round((width * (end - from)) / span)));
  return useTrendQuery({ ids, from, to: end, width: width > 0 ? columns : 0, enabled: true, name: 'main' });
}

export function useCompareTraces(ids: readonly string[], view: { from: number; to: number }, running: boolean, width: number, shift: number) {
  const every = refreshMs(view.to - view.from);
  const end = (running ? Math.ceil(view.to / every) * every : view.to) - shift;
  return useTrendQuery({ ids, from: end - (view.to - view.from) - (running ? every : 0), to: end, width: Math.min(4000, width), enabled: shift > 0, name: 'compare' });
}

export function useOverviewTrace(id: string | undefined, view: { from: number; to: number }, width: number) {
  const quiet = Math.max(5_000, (view.to - view.from) / 300);
  const to = Math.ceil(view.to / quiet) * quiet;
  return useTrendQuery({ ids: id === undefined ? [] : [id], from: to - (view.to - view.from), to, width: Math.min(4000, width), enabled: true, name: 'overview' });
}

/** Live samples since the last answer, at most twice a second; `on` is false for a fixed range. */
export function useTails(ids: readonly string[], on: boolean): ReadonlyMap<string, LiveSample[]> {
  const client = useLiveClient();
  const key = ids.join(',');
  const tails = useRef(new Map<string, LiveSample[]>());
  const [shown, setShown] = useState<ReadonlyMap<string, LiveSample[]>>(new Map());
  useEffect(() => {
    tails.current = new Map();
    setShown(new Map());
    if (!on || key === '') return undefined;
    const wanted = key.split(',');
    let changed = false;
    const take = (id: string): void => {
      const value = client.valueOf(id);
      if (!value || value.time === null) return;
      const tail = tails.current.get(id) ?? [];
      if ((tail.at(-1)?.t ?? -Infinity) >= value.time) return;
      tail.push({ t: value.time, value: value.value, code: value.code, flags: value.flags });
      if (tail.length > TAIL_MAX) tail.splice(0, TAIL_MAX / 4);
      tails.current.set(id, tail);
      changed = true;
    };
    const stops = wanted.map((id) => client.watch(id, () => take(id)));
    const timer = setInterval(() => {
      if (!changed || document.hidden) return;
      changed = false;
      setShown(new Map([...tails.current].map(([id, tail]) => [id, tail.slice()])));
    }, LIVE_MS);
    return () => {
      clearInterval(timer);
      stops.forEach((stop) => stop());
    };
  }, [client, key, on]);
  return shown;
}

export function mergeTails(frame: TrendFrame | undefined, tails: ReadonlyMap<string, LiveSample[]>): ReadonlyMap<string, Trace> {
  if (!frame) return new Map();
  return new Map([...frame.traces].map(([id, trace]) => [id, withTail(trace, tails.get(id) ?? [])]));
}

const TEXT_PAGES = 4;
const TEXT_PAGE = 10_000;

/**
 * Stored samples of text series that the trend answer reduced, for columns cannot hold texts. Series with more samples
 * than four pages stay reduced; their strip then asks to zoom in.
 */
export function useTexts(traces: ReadonlyMap<string, Trace>): ReadonlyMap<string, Trace> {
  const { path, tenant } = useWorkplace();
  const wanted = [...traces.values()].filter((trace) => trace.type === 'string' && trace.reduced && trace.samples <= TEXT_PAGES * TEXT_PAGE);
  return useQueries({
    queries: wanted.map((trace) => ({
      queryKey: ['texts', tenant.id, trace.id, trace.from, trace.to],
      queryFn: ({ signal }: { signal: AbortSignal }) => readTexts(path, trace, signal),
      gcTime: KEEP_MS,
      staleTime: Infinity,
      refetchOnWindowFocus: false,
    })),
    combine: combineTexts,
  });
}

const combineTexts = (results: { data?: Trace | undefined }[]): ReadonlyMap<string, Trace> => new Map(results.flatMap((result) => (result.data ? [[result.data.id, result.data] as const] : [])));

async function readTexts(path: (path: string) => string, trace: Trace, signal: AbortSignal): Promise<Trace> {
  const body: Schema<'TrendQuery'> = { points: [trace.id], from: iso(trace.from), to: iso(trace.from + 1), width: 1 };
  const before = (await request<Schema<'TrendAnswer'>>(path('/history/trend'), { method: 'POST', body, signal })).data.series[0];
  const samples: Schema<'RawSample'>[] = [];
  let cursor: string | undefined;
  do {
    const page = await get<Schema<'RawHistory'>>(path(`/history/${encodeURIComponent(trace.id)}/raw`), { from: iso(trace.from + 1), to: iso(trace.to), limit: TEXT_PAGE, cursor }, signal);
    samples.push(...page.items);
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined && samples.length < TEXT_PAGES * TEXT_PAGE);
  return traceOfTexts(before && !before.reduced ? traceOf(before, trace.from, trace.from + 1, 1) : null, samples, trace);
}

export interface Figures {
  count: number;
  good: number;
  min: number | null;
  mean: number | null;
  max: number | null;
}

/** Count, minimum, time-weighted mean and maximum of each point over one stretch, from the server. */
export function useFigures(points: readonly Point[], from: number, to: number, running: boolean) {
  const { path, tenant } = useWorkplace();
  const every = running ? 5_000 : 1;
  const [start, end] = [Math.floor(from / every) * every, Math.floor(to / every) * every];
  const ids = points.map((point) => point.id);
  return useQuery({
    queryKey: ['figures', tenant.id, ids.join(','), start, end],
    queryFn: async ({ signal }): Promise<Map<string, Figures>> => {
      const span = Math.max(1, end - start);
      const body: Schema<'BucketQuery'> = {
        points: ids, from: iso(start), to: iso(start + span), step: span < 9e9 ? `${span}ms` : `${Math.ceil(span / 1000)}s`, aggregates: ['count', 'good', 'min', 'twa', 'max'],
      };
      const { data } = await request<Schema<'BucketAnswer'>>(path('/history/buckets'), { method: 'POST', body, signal });
      return new Map(data.series.map((one) => [one.point, { count: one.count?.[0] ?? 0, good: one.good?.[0] ?? 0, min: one.min?.[0] ?? null, mean: one.twa?.[0] ?? null, max: one.max?.[0] ?? null }]));
    },
    enabled: ids.length > 0 && end > start,
    placeholderData: keepPreviousData,
    gcTime: KEEP_MS,
    refetchOnWindowFocus: false,
  });
}

/** Stored samples in force at a cursor, for series that are drawn reduced: one answer for all points. */
export function useExact(ids: readonly string[], at: number | null) {
  const rested = useRested(at, 250);
  const { path, tenant } = useWorkplace();
  const query = useQuery({
    queryKey: ['exact', tenant.id, ids.join(','), rested],
    queryFn: async ({ signal }): Promise<{ at: number; traces: Map<string, Trace> }> => {
      const from = rested ?? 0;
      const body: Schema<'TrendQuery'> = { points: [...ids], from: iso(from), to: iso(from + 1), width: 1 };
      const { data } = await request<Schema<'TrendAnswer'>>(path('/history/trend'), { method: 'POST', body, signal });
      return { at: from, traces: new Map(data.series.filter((series) => !series.reduced).map((series) => [series.point, traceOf(series, from, from + 1, 1)])) };
    },
    enabled: rested !== null && ids.length > 0,
    gcTime: KEEP_MS,
    staleTime: 60_000,
    refetchOnWindowFocus: false,
  });
  return query.data?.at === at ? query.data?.traces : undefined;
}

/** The value after it has not changed for a while. */
export function useRested<T>(value: T, ms: number): T {
  const [rested, setRested] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setRested(value), ms);
    return () => clearTimeout(timer);
  }, [value, ms]);
  return rested;
}

/** Now in steps that fit the span, so that a long range is not redrawn every second. */
export function useCoarseNow(step: number): number {
  const now = useNow();
  return useMemo(() => Math.floor(now / step) * step, [now, step]);
}
