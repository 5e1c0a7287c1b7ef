// SPDX-License-Identifier: Apache-2.0
import { useMemo } from 'react';
import type { Device } from '@/shared/api/types';
import { formatCount, NO_VALUE } from '@/shared/format/number';
import { parseTime } from '@/shared/format/time';
import { useAgeText } from '@/shared/format/useSpanText';
import type { Column } from '@/shared/grid/DataGrid';
import type { SortKey } from '@/shared/grid/sort';
import { useT } from '@/shared/i18n/i18n';
import { useNow } from '@/shared/live/react';
import { ConnectionWord } from '@/shared/quality/cells';
import { OriginSign } from '@/shared/quality/signs';
import { AppLink } from '@/shared/ui/AppLink';
import { sourceText } from './api';

export function useDeviceColumns(): Column<Device, SortKey<'DeviceSort'>>[] {
  const t = useT();
  return useMemo<Column<Device, SortKey<'DeviceSort'>>[]>(
    () => [
      {
        id: 'name', label: t('assets:name'), width: 200, grow: 2, sortKey: 'name', text: (row) => row.name,
        cell: (row) => <><AppLink path={`assets/dev/${row.id}`} className="kz-cut kz-strong" title={row.name} tabIndex={-1}>{row.name}</AppLink>{row.origin !== 'real' && <span style={{ marginLeft: 6 }} title={t(`common:origin.${row.origin}`)}><OriginSign origin={row.origin} /></span>}</>,
      },
      { id: 'state', label: t('assets:state'), width: 130, text: (row) => row.state, cell: (row) => <ConnectionWord state={row.state} /> },
      { id: 'reason', label: t('assets:reason'), width: 160, grow: 2, text: (row) => row.reason?.text ?? '', cell: (row) => <span className="kz-cut kz-second" title={row.reason?.text}>{row.reason?.text ?? NO_VALUE}</span> },
      { id: 'class', label: t('assets:class'), width: 130, sortKey: 'class', text: (row) => row.class, cell: (row) => <span className="kz-cut">{t(`common:class.${row.class}`)}</span> },
      { id: 'source', label: t('assets:source'), width: 140, grow: 1, sortKey: 'link_name', text: (row) => row.link_name ?? '', cell: (row) => <span className="kz-cut" title={sourceText(row)}>{row.link_name ?? NO_VALUE}</span> },
      { id: 'points', label: t('assets:goodPoints'), width: 110, align: 'right', text: (row) => `${row.good_points}/${row.total_points}`, cell: (row) => `${formatCount(row.good_points)} / ${formatCount(row.total_points)}` },
      { id: 'last', label: t('assets:lastValue'), width: 100, align: 'right', text: (row) => row.last_value_at ?? '', cell: (row) => <Age time={row.last_value_at} /> },
    ],
    [t],
  );
}

/** How long ago a time was, ticking. */
export function Age({ time }: { time: string | null }) {
  const now = useNow();
  const span = useAgeText();
  const at = parseTime(time);
  return <span className="kz-second">{at === null ? NO_VALUE : span(Math.max(0, now - at))}</span>;
}
