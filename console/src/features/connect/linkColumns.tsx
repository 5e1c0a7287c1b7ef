// SPDX-License-Identifier: Apache-2.0
import { useMemo } from 'react';
import type { Driver, Link } from '@/shared/api/types';
import { formatCount, NO_VALUE } from '@/shared/format/number';
import { parseTime } from '@/shared/format/time';
import { useAgeText, useSpanText } from '@/shared/format/useSpanText';
import type { Column } from '@/shared/grid/DataGrid';
import type { SortKey } from '@/shared/grid/sort';
import { useLanguage, useT } from '@/shared/i18n/i18n';
import { useNow } from '@/shared/live/react';
import { ConnectionWord } from '@/shared/quality/cells';
import { addressOf } from './api';

export function useDriverName(drivers: readonly Driver[] | undefined): (id: string) => string {
  const language = useLanguage();
  return useMemo(() => {
    const names = new Map((drivers ?? []).map((driver) => [driver.id, driver.name[language]]));
    return (id) => names.get(id) ?? id;
  }, [drivers, language]);
}

export function useLinkColumns(driverName: (id: string) => string): Column<Link, SortKey<'LinkSort'>>[] {
  const t = useT();
  const span = useSpanText();
  return useMemo<Column<Link, SortKey<'LinkSort'>>[]>(
    () => [
      { id: 'name', label: t('connect:name'), width: 150, grow: 2, sortKey: 'name', text: (row) => row.name, cell: (row) => <span className="kz-cut kz-strong" title={row.name}>{row.name}</span> },
      { id: 'state', label: t('connect:state'), width: 120, text: (row) => row.state, cell: (row) => <ConnectionWord state={row.state} /> },
      { id: 'since', label: t('connect:since'), width: 80, align: 'right', text: (row) => row.since ?? '', cell: (row) => <Since time={row.since} /> },
      {
        id: 'reason', label: t('connect:reason'), width: 150, grow: 3, text: (row) => row.reason?.text ?? '',
        cell: (row) => <span className="kz-cut kz-second" title={row.reason?.text}>{row.reason?.text ?? NO_VALUE}</span>,
      },
      { id: 'driver', label: t('connect:protocol'), width: 120, sortKey: 'driver', text: (row) => row.driver, cell: (row) => <span className="kz-cut">{driverName(row.driver)}</span> },
      {
        id: 'address', label: t('connect:address'), width: 150, grow: 1, text: (row) => addressOf(row.config),
        cell: (row) => <code className="kz-cut" title={addressOf(row.config)}>{addressOf(row.config)}</code>,
      },
      { id: 'devices', label: t('connect:devices'), width: 68, align: 'right', text: (row) => String(row.device_count), cell: (row) => formatCount(row.device_count) },
      { id: 'points', label: t('connect:points'), width: 64, align: 'right', text: (row) => String(row.point_count), cell: (row) => formatCount(row.point_count) },
      { id: 'samples', label: t('connect:samples'), width: 84, align: 'right', text: (row) => String(row.stats.samples_good), cell: (row) => formatCount(row.stats.samples_good) },
      {
        id: 'rtt', label: t('connect:rtt'), width: 90, align: 'right', text: (row) => String(row.stats.rtt_p95_ms ?? ''),
        cell: (row) => (row.stats.rtt_p95_ms === null ? NO_VALUE : span(row.stats.rtt_p95_ms)),
      },
      { id: 'last', label: t('connect:lastSample'), width: 92, align: 'right', text: (row) => row.stats.last_sample_at ?? '', cell: (row) => <Since time={row.stats.last_sample_at} /> },
    ],
    [t, span, driverName],
  );
}

/** How long ago, ticking. */
export function Since({ time }: { time: string | null }) {
  const now = useNow();
  const age = useAgeText();
  const at = parseTime(time);
  return <span className="kz-second">{at === null ? NO_VALUE : age(Math.max(0, now - at))}</span>;
}
