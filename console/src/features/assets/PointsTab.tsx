// SPDX-License-Identifier: Apache-2.0
import { Button } from 'antd';
import { Copy, Download, LineChart } from 'lucide-react';
import { useCallback, useMemo, useState } from 'react';
import { download, get, type Page } from '@/shared/api/client';
import type { Device, Point, QualityClass } from '@/shared/api/types';
import { NO_VALUE, unitText } from '@/shared/format/number';
import { DataGrid, type Column } from '@/shared/grid/DataGrid';
import { ListTools } from '@/shared/grid/ListTools';
import { orderOf, type SortKey } from '@/shared/grid/sort';
import { useRowWindow } from '@/shared/grid/useRowWindow';
import { useShownColumns } from '@/shared/grid/views';
import { useT } from '@/shared/i18n/i18n';
import { useLiveClient } from '@/shared/live/react';
import { useGo, useSearchState } from '@/shared/nav/address';
import { useHasPage } from '@/shared/nav/usePages';
import { LiveAgeCell, LiveQualityCell, LiveValueCell } from '@/shared/quality/cells';
import { LimitsBar } from '@/shared/quality/LimitsBar';
import { OriginSign } from '@/shared/quality/signs';
import { useWorkplace } from '@/shared/session/workplace';
import { ControlLine } from '@/shared/ui/Page';
import { SearchField } from '@/shared/ui/SearchField';
import { Empty, NoMatch } from '@/shared/ui/states';
import { usePoint } from './api';
import { Choice, ListStatus } from './DevicesPage';
import { PointInspector } from './PointInspector';
import { AddPoint } from './points/PointForm';

const qualities: QualityClass[] = ['good', 'uncertain', 'bad'];
const NO_TICKS: ReadonlySet<string> = new Set();

/** Points with live values; only the rows in view are subscribed. */
export function PointsTab({ device }: { device: Device }) {
  const t = useT();
  const { path, tenant } = useWorkplace();
  const [search, setSearch] = useSearchState();
  const { q, quality, point: chosen } = search;
  const columns = usePointColumns();
  const shown = useShownColumns(columns, search['cols']);
  const sort = orderOf(search['sort'], columns, 'name');
  const [ticked, setTicked] = useState<ReadonlySet<string>>(NO_TICKS);
  const [view, setView] = useState<[number, number]>([0, 0]);
  const onView = useCallback((first: number, last: number) => setView([first, last]), []);
  const source = useRowWindow<Point>({
    key: ['points', tenant.id, device.id, q, quality, sort],
    fetchPage: (cursor, limit, signal) => get<Page<Point>>(path('/points'), { device: device.id, q, quality, sort, cursor, limit }, signal),
  });
  const inRows = source.rows.find((row) => row.id === chosen);
  // A link may name a point that is not among the rows loaded so far.
  const alone = usePoint(inRows ? undefined : chosen);
  const active = inRows ?? alone.data;
  const clear = (): void => setSearch({ q: undefined, quality: undefined });
  return (
    <>
      {ticked.size > 0 ? <BulkBar ticked={ticked} onClear={() => setTicked(NO_TICKS)} /> : (
        <ControlLine>
          <SearchField value={q ?? ''} onChange={(text) => setSearch({ q: text })} label={t('assets:searchPoints')} />
          <Choice label={t('assets:anyQuality')} value={quality} options={qualities.map((key) => [key, t(`common:quality.${key}`)])} onChange={(value) => setSearch({ quality: value })} />
          <span className="kz-grow" />
          <ListTools list={`${tenant.id}.points`} columns={columns} search={search} onSearch={setSearch} filters={['q', 'quality']} />
          <Button icon={<Download size={14} />} onClick={() => download(path('/points/export'), { device: device.id, q, quality }, `${device.name}.csv`)}>{t('assets:csv')}</Button>
          <AddPoint device={device} />
        </ControlLine>
      )}
      <div style={{ flex: 1, display: 'flex', minHeight: 0, position: 'relative', borderTop: '1px solid var(--kz-line)' }}>
        <DataGrid label={t('assets:livePoints')} columns={shown} source={source} rowId={(row) => row.id} rowName={(row) => row.name} activeId={chosen} onActive={(row) => setSearch({ point: row.id })}
          ticked={ticked} onTicked={setTicked} sort={sort} onSort={(next) => setSearch({ sort: next })} onView={onView}
          empty={q || quality ? <NoMatch filter={[q, quality && t(`common:quality.${quality}`)].filter(Boolean).join(' · ')} onClear={clear} /> : <Empty title={t('assets:noPoints')} text={t('assets:noPointsText')} />} />
        {active && <PointInspector point={active} device={device} onClose={() => setSearch({ point: undefined })} />}
      </div>
      <ListStatus total={source.total} view={view} took={source.took} />
    </>
  );
}

function usePointColumns(): Column<Point, SortKey<'PointSort'>>[] {
  const t = useT();
  const live = useLiveClient();
  return useMemo<Column<Point, SortKey<'PointSort'>>[]>(
    () => [
      { id: 'name', label: t('assets:name'), width: 160, grow: 2, sortKey: 'name', text: (row) => row.name, cell: (row) => <span className="kz-cut kz-strong" title={row.name}>{row.name}</span> },
      { id: 'description', label: t('assets:description'), width: 120, grow: 2, text: (row) => row.description, cell: (row) => <span className="kz-cut" title={row.description}>{row.description}</span> },
      { id: 'value', label: t('assets:value'), width: 120, align: 'right', text: (row) => String(live.valueOf(row.id)?.value ?? ''), cell: (row) => <LiveValueCell point={row} /> },
      { id: 'unit', label: t('assets:unit'), width: 76, text: (row) => row.unit ?? '', cell: (row) => <span className="kz-cut kz-second" title={unitText(row.unit)}>{unitText(row.unit)}</span> },
      { id: 'limits', label: t('assets:limits'), width: 92, cell: (row) => <LimitsBar point={row} /> },
      { id: 'quality', label: t('common:quality.label'), width: 110, text: (row) => String(live.valueOf(row.id)?.code ?? ''), cell: (row) => <LiveQualityCell point={row} /> },
      { id: 'age', label: t('assets:age'), width: 84, align: 'right', text: (row) => live.valueOf(row.id)?.timeText ?? '', cell: (row) => <LiveAgeCell point={row} /> },
      { id: 'origin', label: t('assets:origin'), width: 64, text: (row) => row.origin, cell: (row) => row.origin === 'real' ? <span className="kz-third">{NO_VALUE}</span> : <span role="img" aria-label={t(`common:origin.${row.origin}`)} title={t(`common:origin.${row.origin}`)}><OriginSign origin={row.origin} /></span> },
      { id: 'address', label: t('assets:address'), width: 150, grow: 1, sortKey: 'address', text: (row) => row.address, cell: (row) => <span className="kz-cut kz-mono kz-second" title={row.address}>{row.address}</span> },
    ],
    [t, live],
  );
}

function BulkBar({ ticked, onClear }: { ticked: ReadonlySet<string>; onClear: () => void }) {
  const t = useT();
  const go = useGo();
  const trends = useHasPage('trends');
  const ids = [...ticked].join(',');
  return (
    <div className="kz-control-line" style={{ background: 'var(--kz-tint)' }} role="toolbar" aria-label={t('assets:bulk')}>
      <strong style={{ color: 'var(--kz-accent)' }}>{t('common:grid.selected', { count: ticked.size })}</strong>
      {trends && <Button type="text" icon={<LineChart size={14} />} onClick={() => go('trends', { points: ids })}>{t('assets:openTrend')}</Button>}
      <Button type="text" icon={<Copy size={14} />} onClick={() => void navigator.clipboard?.writeText([...ticked].join('\n'))}>{t('assets:copyIds')}</Button>
      <span className="kz-grow" />
      <Button type="text" onClick={onClear}>{t('common:action.clearAll')}</Button>
    </div>
  );
}
