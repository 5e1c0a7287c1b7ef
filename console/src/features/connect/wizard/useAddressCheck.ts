// SPDX-License-Identifier: Apache-2.0
import { useEffect, useRef, useState } from 'react';
import { request } from '@/shared/api/client';
import type { Schema } from '@/shared/api/types';
import { useWorkplace } from '@/shared/session/workplace';
import type { AddressResult } from '../api';
import type { PointDraft } from './state';

const WAIT_MS = 350;

type Ask = (addresses: string[], signal: AbortSignal) => Promise<AddressResult[]>;

/** Asks the driver about addresses; no connection is made for it. */
export function useAskDriver(driver: string): Ask {
  const { path } = useWorkplace();
  const latest = useRef<Ask>(() => Promise.resolve([]));
  latest.current = async (addresses, signal) =>
    (await request<Schema<'AddressValidationReport'>>(path(`/drivers/${encodeURIComponent(driver)}/validate`), { method: 'POST', body: { addresses }, signal })).data.items;
  return useRef<Ask>((addresses, signal) => latest.current(addresses, signal)).current;
}

/** Rows whose address has not been judged are judged after the last key has rested. */
export function useAddressCheck(driver: string, points: readonly PointDraft[], onJudged: (judged: ReadonlyMap<string, AddressResult>) => void): unknown {
  const ask = useAskDriver(driver);
  const [error, setError] = useState<unknown>(null);
  const latest = useRef(onJudged);
  latest.current = onJudged;
  const open = [...new Set(points.flatMap((point) => (point.native === null && point.trouble === '' && point.address.trim() !== '' ? [point.address.trim()] : [])))].slice(0, 10_000);
  const key = open.join('\n');
  useEffect(() => {
    if (key === '') return undefined;
    const abort = new AbortController();
    const timer = setTimeout(() => {
      const addresses = key.split('\n');
      ask(addresses, abort.signal).then(
        (results) => { setError(null); latest.current(new Map(addresses.map((address, at) => [address, results[at] as AddressResult]))); },
        (cause: unknown) => { if (!abort.signal.aborted) setError(cause); },
      );
    }, WAIT_MS);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [key, ask]);
  return error;
}

/** Takes the driver's verdict into the rows with that address. */
export function judged(points: readonly PointDraft[], verdicts: ReadonlyMap<string, AddressResult>): PointDraft[] {
  return points.map((point) => {
    const verdict = point.native === null ? verdicts.get(point.address.trim()) : undefined;
    if (!verdict) return point;
    if (!verdict.ok) return { ...point, trouble: verdict.text ?? verdict.slug ?? '?' };
    const native = verdict.type ?? 'double';
    // Switches and texts carry no unit, though the row may have taken one over from its neighbour.
    return { ...point, native, unit: native === 'bool' || native === 'string' ? '' : point.unit, writable: verdict.writable ?? false, trouble: '' };
  });
}
