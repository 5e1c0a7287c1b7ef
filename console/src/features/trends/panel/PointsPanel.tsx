// SPDX-License-Identifier: Apache-2.0
import { useInfiniteQuery } from '@tanstack/react-query';
import { useVirtualizer } from '@tanstack/react-virtual';
import { ChevronDown, ChevronRight, GripVertical, Plus, X } from 'lucide-react';
import { useLayoutEffect, useMemo, useRef, useState } from 'react';
import { get, type Page } from '@/shared/api/client';
import type { Device, Point } from '@/shared/api/types';
import { formatCount } from '@/shared/format/number';
import { useT } from '@/shared/i18n/i18n';
import { LiveValueText } from '@/shared/quality/cells';
import { lookOf } from '../model/prepare';
import { useWorkplace } from '@/shared/session/workplace';
import { SearchField } from '@/shared/ui/SearchField';
import { Empty, ErrorState, Loading, NoMatch } from '@/shared/ui/states';
import type { TrendContext } from '../context';

const ROW_PX = 28;
const PAGE = 100;

type Row =
  | { kind: 'group'; text: string }
  | { kind: 'device'; id: string; name: string; open: boolean }
  | { kind: 'point'; point: Point }
  | { kind: 'more'; load: () => void; busy: boolean; text: string };

/** Finds points on the server and puts them into the trend: by button, Enter or drag. */
export function PointsPanel({ context, chosen }: { context: TrendContext; chosen: readonly Point[] }) {
  const t = useT();
  const [q, setQ] = useState('');
  const [open, setOpen] = useState('');
  const devices = useDevices(q === '');
  const points = usePointPages(q, q === '' ? open : '');
  const failed = q === '' ? devices.error ?? points.error : points.error;
  const rows = useRows(q, open, devices, points, chosen);
  return (
    <div className="tr-panel">
      <div className="tr-panel-head"><SearchField value={q} onChange={setQ} label={t('trends:find')} width={400} /></div>
      {failed ? <ErrorState error={failed} compact onRetry={() => { void devices.refetch(); void points.refetch(); }} />
        : q !== '' && points.isPending ? <Loading rows={8} />
          : q === '' && devices.isPending ? <Loading rows={8} />
            : rows.length === 0 ? (q === '' ? <Empty title={t('trends:noDevices')} text={t('trends:noDevicesText')} /> : <NoMatch filter={q} onClear={() => setQ('')} />)
              : <Rows rows={rows} context={context} onToggle={(id) => setOpen((old) => (old === id ? '' : id))} />}
    </div>
  );
}

function useDevices(on: boolean) {
  const { path, tenant, site } = useWorkplace();
  return useInfiniteQuery({
    queryKey: ['trend-devices', tenant.id, site],
    queryFn: ({ pageParam, signal }) => get<Page<Device>>(path('/devices'), { equipment: site === 'all' ? undefined : site, sort: 'name', limit: PAGE, cursor: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    enabled: on,
    staleTime: 60_000,
  });
}

function usePointPages(q: string, device: string) {
  const { path, tenant, site } = useWorkplace();
  return useInfiniteQuery({
    queryKey: ['trend-points', tenant.id, site, q, device],
    queryFn: ({ pageParam, signal }) =>
      get<Page<Point>>(path('/points'), { q, device, equipment: site === 'all' || device !== '' ? undefined : site, sort: device === '' ? 'device_name' : 'name', limit: PAGE, cursor: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    enabled: q !== '' || device !== '',
    staleTime: 30_000,
  });
}

type Devices = ReturnType<typeof useDevices>;
type Points = ReturnType<typeof usePointPages>;

function useRows(q: string, open: string, devices: Devices, points: Points, chosen: readonly Point[]): Row[] {
  const t = useT();
  return useMemo(() => {
    const found = points.data?.pages.flatMap((page) => page.items) ?? [];
    const rows: Row[] = [];
    const more = (query: Devices | Points, total: number, have: number): void => {
      if (query.hasNextPage) rows.push({ kind: 'more', load: () => void query.fetchNextPage(), busy: query.isFetchingNextPage, text: t('trends:more', { count: formatCount(total - have) }) });
    };
    if (q !== '') {
      let group = '';
      for (const point of found) {
        if (point.device !== group) rows.push({ kind: 'device', id: point.device, name: point.device_name, open: true });
        group = point.device;
        rows.push({ kind: 'point', point });
      }
      more(points, points.data?.pages[0]?.total ?? 0, found.length);
      return rows;
    }
    if (chosen.length > 0) rows.push({ kind: 'group', text: t('trends:inTrend') });
    for (const point of chosen) rows.push({ kind: 'point', point });
    if (chosen.length > 0) rows.push({ kind: 'group', text: t('trends:devices') });
    const list = devices.data?.pages.flatMap((page) => page.items) ?? [];
    for (const device of list) {
      rows.push({ kind: 'device', id: device.id, name: device.name, open: device.id === open });
      if (device.id !== open) continue;
      for (const point of found) rows.push({ kind: 'point', point });
      if (points.isPending) rows.push({ kind: 'more', load: () => {}, busy: true, text: t('common:state.loading') });
      else if (found.length === 0) rows.push({ kind: 'more', load: () => {}, busy: true, text: t('trends:noPoints') });
      more(points, points.data?.pages[0]?.total ?? 0, found.length);
    }
    more(devices, devices.data?.pages[0]?.total ?? 0, list.length);
    return rows;
  }, [q, open, devices, points, chosen, t]);
}

function Rows({ rows, context, onToggle }: { rows: Row[]; context: TrendContext; onToggle: (id: string) => void }) {
  const t = useT();
  const scroll = useRef<HTMLDivElement>(null);
  // Points that join the group above must not push the list from under the pointer.
  const above = rows.findIndex((row) => row.kind === 'device');
  const before = useRef(above);
  useLayoutEffect(() => {
    const moved = above - before.current;
    before.current = above;
    if (scroll.current && scroll.current.scrollTop > 0 && moved !== 0) scroll.current.scrollTop += moved * ROW_PX;
  }, [above]);
  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => scroll.current, estimateSize: () => ROW_PX, overscan: 6 });
  return (
    <div ref={scroll} className="tr-panel-rows">
      <ul aria-label={t('trends:points')} style={{ height: virtual.getTotalSize(), position: 'relative' }}>
        {virtual.getVirtualItems().map((item) => {
          const row = rows[item.index];
          if (!row) return null;
          return (
            <li key={item.key} style={{ position: 'absolute', top: 0, left: 0, right: 0, height: ROW_PX, transform: `translateY(${item.start}px)` }}>
              {row.kind === 'group' && <span className="tr-group">{row.text}</span>}
              {row.kind === 'device' && (
                <button type="button" className="tr-device" aria-expanded={row.open} onClick={() => onToggle(row.id)}>
                  {row.open ? <ChevronDown size={14} aria-hidden /> : <ChevronRight size={14} aria-hidden />}<span className="kz-cut" title={row.name}>{row.name}</span>
                </button>
              )}
              {row.kind === 'point' && <PointRow point={row.point} context={context} />}
              {row.kind === 'more' && <button type="button" className="tr-more" disabled={row.busy} onClick={row.load}>{row.text}</button>}
            </li>
          );
        })}
      </ul>
    </div>
  );
}

function PointRow({ point, context }: { point: Point; context: TrendContext }) {
  const t = useT();
  const entry = context.address.entries.find((candidate) => candidate.id === point.id);
  const act = (): void => (entry ? context.remove(point.id) : context.add([point.id]));
  return (
    <div className="tr-point" data-chosen={entry !== undefined} draggable onDragStart={(event) => event.dataTransfer.setData('text/plain', point.id)} onDoubleClick={act}>
      <GripVertical size={12} aria-hidden className="tr-grip" />
      <i className="tr-swatch-box" style={entry ? { background: `var(--kz-${lookOf(entry.colour).name})`, borderColor: 'transparent' } : undefined} aria-hidden />
      <span className="kz-cut kz-grow" title={[point.name, point.description].filter(Boolean).join(' · ')}>{point.name}</span>
      <span className="tr-point-value"><LiveValueText point={point} /></span>
      <button type="button" className="kz-icon-button tr-small" onClick={act} aria-label={t(entry ? 'trends:remove' : 'trends:add', { name: point.name })} title={t(entry ? 'common:action.remove' : 'common:action.add')}>
        {entry ? <X size={14} /> : <Plus size={14} />}
      </button>
    </div>
  );
}
