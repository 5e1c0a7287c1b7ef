// SPDX-License-Identifier: Apache-2.0
import type { components } from '@/shared/api/schema.gen';

type Orders = Pick<components['parameters'], 'LinkSort' | 'DeviceSort' | 'PointSort' | 'UserSort'>;

/** Names of columns that the server sorts a list by, without the minus of the other direction. */
export type SortKey<List extends keyof Orders> = Exclude<Orders[List], `-${string}`>;

/** The order in the address when a column offers it; an address that is old or typed by hand must not leave the list refused. */
export function orderOf(asked: string | undefined, columns: readonly { sortKey?: string }[], otherwise: string): string {
  const key = asked?.replace(/^-/, '');
  return asked !== undefined && columns.some((column) => column.sortKey === key) ? asked : otherwise;
}
