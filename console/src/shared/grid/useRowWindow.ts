// SPDX-License-Identifier: Apache-2.0
import { keepPreviousData, useInfiniteQuery, type QueryKey } from '@tanstack/react-query';
import { useCallback, useMemo, useRef } from 'react';
import type { Page } from '@/shared/api/client';

const WINDOW = 100;
const MAX_WINDOW = 1000;

export interface RowSource<T> {
  /** Rows loaded so far, without holes from the start. */
  rows: readonly T[];
  /** Rows the server has; the scroll bar is true to it. */
  total: number;
  /** Loads until this row is there. */
  need: (index: number) => void;
  /** Nothing has come yet. */
  isPending: boolean;
  /** The query changed and the old rows are still shown. */
  isOld: boolean;
  error: unknown;
  refetch: () => void;
  /** Milliseconds from question to answer of the newest window. */
  took: number | null;
}

interface Options<T> {
  key: QueryKey;
  fetchPage: (cursor: string | undefined, limit: number, signal: AbortSignal) => Promise<Page<T>>;
  enabled?: boolean;
}

/** Rows in windows of 100 by cursor; a jump far down takes windows of up to 1,000 until it is there. */
export function useRowWindow<T>({ key, fetchPage, enabled = true }: Options<T>): RowSource<T> {
  const limit = useRef(WINDOW);
  const took = useRef<number | null>(null);
  const query = useInfiniteQuery({
    queryKey: key,
    enabled,
    initialPageParam: undefined as string | undefined,
    queryFn: async ({ pageParam, signal }) => {
      const start = performance.now();
      const page = await fetchPage(pageParam, pageParam === undefined ? WINDOW : limit.current, signal);
      took.current = performance.now() - start;
      return page;
    },
    getNextPageParam: (last) => last.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
  });
  const { data, fetchNextPage, hasNextPage, isFetchingNextPage, error } = query;
  const rows = useMemo(() => data?.pages.flatMap((page) => page.items) ?? [], [data]);
  const total = data?.pages.at(-1)?.total ?? 0;
  const loaded = rows.length;
  const need = useCallback(
    (index: number) => {
      if (index < loaded || !hasNextPage || isFetchingNextPage || error) return;
      limit.current = Math.min(MAX_WINDOW, Math.max(WINDOW, Math.ceil((index + 1 - loaded) / WINDOW) * WINDOW));
      void fetchNextPage();
    },
    [loaded, hasNextPage, isFetchingNextPage, fetchNextPage, error],
  );
  const refetch = useCallback(() => void query.refetch(), [query]);
  return { rows, total: Math.max(total, loaded), need, isPending: query.isPending && enabled, isOld: query.isPlaceholderData, error, refetch, took: took.current };
}
