// SPDX-License-Identifier: Apache-2.0
import { useQuery } from '@tanstack/react-query';
import { get, request, type Page } from '@/shared/api/client';
import type { Driver, Link, Schema } from '@/shared/api/types';
import { useWorkplace } from '@/shared/session/workplace';

export type BrowseNode = Schema<'BrowseNode'>;
export type BrowsePage = Schema<'BrowsePage'>;
export type TestReport = Schema<'DriverTestReport'>;
export type PointSpec = Schema<'PointSpec'>;
export type AddressResult = Schema<'AddressResult'>;

/** Installed drivers with their forms; they do not change while the server runs. */
export function useDrivers() {
  const { path, tenant } = useWorkplace();
  return useQuery({
    queryKey: ['drivers', tenant.id],
    queryFn: async ({ signal }) => (await get<Page<Driver>>(path('/drivers'), { limit: 1000 }, signal)).items,
    staleTime: 300_000,
  });
}

export function useLinks(driver: string | null) {
  const { path, tenant } = useWorkplace();
  return useQuery({
    queryKey: ['links', tenant.id, 'of', driver],
    queryFn: async ({ signal }) => (await get<Page<Link>>(path('/links'), { driver: driver ?? undefined, limit: 1000 }, signal)).items,
    enabled: driver !== null,
  });
}

/** One source with the ETag that deleting it needs. */
export function useLinkAnswer(id: string | undefined) {
  const { path, tenant } = useWorkplace();
  return useQuery({
    queryKey: ['link-answer', tenant.id, id],
    queryFn: ({ signal }) => request<Link>(path(`/links/${encodeURIComponent(id ?? '')}`), { signal }),
    enabled: id !== undefined,
    refetchInterval: 2_000,
  });
}

/** Where the source is, for people: the member of the configuration that names it. */
export function addressOf(config: Record<string, unknown>): string {
  const endpoint = config['endpoint'] ?? config['url'];
  if (typeof endpoint === 'string') return endpoint;
  const host = config['host'] ?? config['broker'];
  if (typeof host !== 'string') return '';
  const port = config['port'];
  return typeof port === 'number' || typeof port === 'string' ? `${host}:${port}` : host;
}
