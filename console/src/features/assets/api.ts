// SPDX-License-Identifier: Apache-2.0
import { useQuery } from '@tanstack/react-query';
import { get, request, type Page } from '@/shared/api/client';
import type { Device, Equipment, Link, Point, Schema, ValueList } from '@/shared/api/types';
import type { ValueState } from '@/shared/quality/quality';
import { useWorkplace } from '@/shared/session/workplace';

export type EquipmentPage = Page<Equipment>;

/** Source and protocol; undefined when values come without a driver (line protocol, CSV). */
export function sourceText(device: Pick<Device, 'link_name' | 'driver'>): string | undefined {
  return device.link_name === null ? undefined : [device.link_name, device.driver].filter(Boolean).join(' · ');
}

export function useDevice(id: string) {
  const { path, tenant } = useWorkplace();
  return useQuery({
    queryKey: ['device', tenant.id, id],
    queryFn: ({ signal }) => request<Device>(path(`/devices/${encodeURIComponent(id)}`), { signal }),
    refetchInterval: 5_000,
  });
}

export function useEquipment(id: string | null | undefined) {
  const { path, tenant } = useWorkplace();
  return useQuery({
    queryKey: ['equipment', tenant.id, id],
    queryFn: ({ signal }) => request<Equipment>(path(`/equipment/${encodeURIComponent(id ?? '')}`), { signal }),
    enabled: Boolean(id),
    staleTime: 30_000,
  });
}

export function useLink(id: string | null | undefined) {
  const { path, tenant } = useWorkplace();
  return useQuery({
    queryKey: ['link', tenant.id, id],
    queryFn: ({ signal }) => get<Link>(path(`/links/${encodeURIComponent(id ?? '')}`), {}, signal),
    enabled: Boolean(id),
    refetchInterval: 5_000,
  });
}

export function usePoint(id: string | undefined) {
  const { path, tenant } = useWorkplace();
  return useQuery({
    queryKey: ['point', tenant.id, id],
    queryFn: ({ signal }) => get<Point>(path(`/points/${encodeURIComponent(id ?? '')}`), {}, signal),
    enabled: id !== undefined && id !== '',
  });
}

/** The value with what the live channel does not carry: words of the quality, receive time, last good one. */
export function useFullValue(id: string) {
  const { path, tenant } = useWorkplace();
  return useQuery({
    queryKey: ['value', tenant.id, id],
    queryFn: async ({ signal }) => (await get<ValueList>(path('/values'), { points: [id] }, signal)).items[0] ?? null,
    refetchInterval: 5_000,
  });
}

/** The newest good sample of the last thousand, for "last good" beside a value that is not; asked for anew when the value turns. */
export function useLastGood(id: string, state: ValueState) {
  const { path, tenant } = useWorkplace();
  return useQuery({
    queryKey: ['last-good', tenant.id, id, state],
    enabled: state === 'bad' || state === 'stale' || state === 'uncertain' || state === 'never',
    staleTime: 0,
    refetchInterval: 10_000,
    queryFn: async ({ signal }) => {
      const newest = await get<Schema<'RawHistory'>>(path(`/history/${encodeURIComponent(id)}/raw`), { from: '1970-01-01T00:00:00Z', to: new Date().toISOString(), order: 'desc', limit: 1000 }, signal);
      return newest.items.find((sample) => sample.q < 0x4000 && sample.v !== null) ?? null;
    },
  });
}
