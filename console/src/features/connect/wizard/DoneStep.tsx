// SPDX-License-Identifier: Apache-2.0
import { Button } from 'antd';
import { useQuery } from '@tanstack/react-query';
import { CircleCheck } from 'lucide-react';
import { useEffect, useMemo, useState } from 'react';
import { get, type Page } from '@/shared/api/client';
import type { Device, Point, Schema } from '@/shared/api/types';
import { unitText } from '@/shared/format/number';
import { useAgeText } from '@/shared/format/useSpanText';
import { DataGrid, staticSource, type Column } from '@/shared/grid/DataGrid';
import { useT } from '@/shared/i18n/i18n';
import { useLiveClient, useNow } from '@/shared/live/react';
import { useGo } from '@/shared/nav/address';
import { ConnectionWord, LiveAgeCell, LiveQualityCell, LiveValueCell } from '@/shared/quality/cells';
import { useWorkplace } from '@/shared/session/workplace';
import { Empty, Loading } from '@/shared/ui/states';

const SHOWN = 100;

/** What was saved, and the values as they begin to arrive. */
export function DoneStep({ result, onAnother }: { result: Schema<'DeviceWizardResult'>; onAnother: () => void }) {
  const t = useT();
  const go = useGo();
  const { path, tenant } = useWorkplace();
  const id = result.device.id;
  const points = useQuery({
    queryKey: ['new-points', tenant.id, id],
    queryFn: async ({ signal }) => (await get<Page<Point>>(path('/points'), { device: id, limit: SHOWN }, signal)).items,
  });
  const device = useQuery({
    queryKey: ['device-watch', tenant.id, id],
    queryFn: ({ signal }) => get<Device>(path(`/devices/${encodeURIComponent(id)}`), {}, signal),
    refetchInterval: 1_000,
  });
  const now = device.data ?? result.device;
  const columns = useMemo<Column<Point>[]>(() => [
    { id: 'name', label: t('connect:col.name'), width: 180, grow: 2, text: (row) => row.name, cell: (row) => <span className="kz-cut kz-strong" title={row.name}>{row.name}</span> },
    { id: 'value', label: t('connect:browse.value'), width: 150, align: 'right', className: 'kz-value-column', cell: (row) => <LiveValueCell point={row} /> },
    { id: 'unit', label: t('connect:col.unit'), width: 90, cell: (row) => <span className="kz-second">{unitText(row.unit)}</span> },
    { id: 'quality', label: t('common:quality.label'), width: 120, cell: (row) => <LiveQualityCell point={row} /> },
    { id: 'age', label: t('connect:age'), width: 90, align: 'right', cell: (row) => <LiveAgeCell point={row} /> },
    { id: 'address', label: t('connect:col.address'), width: 200, grow: 2, text: (row) => row.address, cell: (row) => <code className="kz-cut" title={row.address}>{row.address}</code> },
  ], [t]);
  return (
    <div className="kz-wizard-body">
      <div className="kz-row" style={{ padding: '14px 16px', flexWrap: 'wrap', gap: 12 }}>
        <CircleCheck size={18} className="kz-passed" aria-hidden />
        <h2 data-testid="saved"><Saved count={result.points_created} points={points.data ?? []} since={now} /></h2>
        <ConnectionWord state={now.state} />
        {now.reason && <span>{now.reason.text} <strong>{now.reason.cure}</strong></span>}
        <span className="kz-grow" />
        <Button onClick={onAnother}>{t('connect:done.another')}</Button>
        <Button onClick={() => go('connect')}>{t('connect:done.sources')}</Button>
        <Button type="primary" onClick={() => go(`assets/dev/${id}`)}>{t('connect:done.open')}</Button>
      </div>
      <section className="kz-card kz-table-pane" aria-label={t('connect:points')}>
        {points.isPending ? <Loading /> : <DataGrid label={t('connect:points')} columns={columns} source={staticSource(points.data ?? [])} rowId={(row) => row.id} rowName={(row) => row.name} onOpen={(row) => go(`assets/point/${row.id}`)} empty={<Empty title={t('connect:noPoints')} text={t('connect:noPointsText')} />} />}
      </section>
    </div>
  );
}

/** "148 points saved. First value 0.6 s ago.", ticking; until then what is being waited for. */
function Saved({ count, points, since }: { count: number; points: readonly Point[]; since: Device }) {
  const t = useT();
  const live = useLiveClient();
  const now = useNow();
  const age = useAgeText();
  const [first, setFirst] = useState<number | null>(null);
  useEffect(() => {
    const ids = new Set(points.map((point) => point.id));
    const look = (): void => setFirst((old) => old ?? [...ids].reduce<number | null>((found, id) => {
      const value = live.valueOf(id);
      return value && value.time !== null && value.value !== null ? Math.min(found ?? Infinity, Date.now()) : found;
    }, null));
    look();
    return live.watchAll(look);
  }, [live, points]);
  if (count === 0) return <>{t('connect:done.deviceOnly', { name: since.name })}</>;
  return <span aria-live={first === null ? 'polite' : 'off'}>{first === null ? t('connect:done.waiting', { count }) : t('connect:done.first', { count, span: age(Math.max(0, now - first)) })}</span>;
}
