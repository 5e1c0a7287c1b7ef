// SPDX-License-Identifier: Apache-2.0
import { Button } from 'antd';
import { Plus } from 'lucide-react';
import { useCallback, useEffect, useState } from 'react';
import { get, type Page as ListPage } from '@/shared/api/client';
import type { Link } from '@/shared/api/types';
import { formatCount } from '@/shared/format/number';
import { formatDateTime } from '@/shared/format/time';
import { useSpanText } from '@/shared/format/useSpanText';
import { DataGrid } from '@/shared/grid/DataGrid';
import { orderOf } from '@/shared/grid/sort';
import { useRowWindow } from '@/shared/grid/useRowWindow';
import { useT } from '@/shared/i18n/i18n';
import { Rich } from '@/shared/i18n/Rich';
import { useGo, useSearchState } from '@/shared/nav/address';
import { roleAtLeast } from '@/shared/session/session';
import { useWorkplace } from '@/shared/session/workplace';
import { ControlLine, Page as PageFrame, StatusLine } from '@/shared/ui/Page';
import { SearchField } from '@/shared/ui/SearchField';
import { Empty, NoMatch } from '@/shared/ui/states';
import { useDrivers } from './api';
import { useDriverName, useLinkColumns } from './linkColumns';
import { LinkInspector } from './LinkInspector';
import { forgetDraft, readDraft } from './wizard/draft';

const REFRESH_MS = 3_000;

/** Sources with state, reason and traffic; the place from which devices are added. */
export function Page() {
  const t = useT();
  const go = useGo();
  const span = useSpanText();
  const { path, tenant, role } = useWorkplace();
  const [search, setSearch] = useSearchState();
  const { q, driver, sel } = search;
  const drivers = useDrivers().data;
  const driverName = useDriverName(drivers);
  const columns = useLinkColumns(driverName);
  const sort = orderOf(search['sort'], columns, 'name');
  const source = useRowWindow<Link>({
    key: ['links', tenant.id, q, driver, sort],
    fetchPage: (cursor, limit, signal) => get<ListPage<Link>>(path('/links'), { q, driver, sort, cursor, limit }, signal),
  });
  const { refetch } = source;
  useEffect(() => {
    const timer = setInterval(() => { if (!document.hidden) refetch(); }, REFRESH_MS);
    return () => clearInterval(timer);
  }, [refetch]);
  const [view, setView] = useState<[number, number]>([0, 0]);
  const onView = useCallback((first: number, last: number) => setView([first, last]), []);
  const close = useCallback(() => setSearch({ sel: undefined }), [setSearch]);
  const active = source.rows.find((row) => row.id === sel);
  const may = roleAtLeast(role, 'engineer');
  const add = <Button type="primary" icon={<Plus size={16} />} disabled={!may} title={may ? undefined : t('connect:needsEngineer')} onClick={() => go('connect/add')}>{t('connect:add')}</Button>;
  const filtered = Boolean(q || driver);
  return (
    <PageFrame title={t('connect:title')} actions={add}>
      {may && <DraftLine />}
      <ControlLine>
        <SearchField value={q ?? ''} onChange={(text) => setSearch({ q: text })} label={t('connect:search')} width={300} />
        <select className="kz-input" style={{ width: 'auto' }} name="driver" aria-label={t('connect:protocol')} value={driver ?? ''} onChange={(event) => setSearch({ driver: event.target.value || undefined })}>
          <option value="">{t('connect:anyProtocol')}</option>
          {(drivers ?? []).map((item) => <option key={item.id} value={item.id}>{driverName(item.id)}</option>)}
        </select>
      </ControlLine>
      <div style={{ flex: 1, display: 'flex', minHeight: 0, position: 'relative', borderTop: '1px solid var(--kz-line)' }}>
        <DataGrid label={t('connect:title')} columns={columns} source={source} rowId={(row) => row.id} rowName={(row) => row.name} activeId={sel} onActive={(row) => setSearch({ sel: row.id })}
          sort={sort} onSort={(next) => setSearch({ sort: next })} onView={onView}
          empty={filtered ? <NoMatch filter={[q, driver && driverName(driver)].filter(Boolean).join(' · ')} onClear={() => setSearch({ q: undefined, driver: undefined })} /> : <Empty title={t('connect:empty')} text={t('connect:emptyText')} action={add} />} />
        {active && <LinkInspector key={active.id} link={active} driver={drivers?.find((item) => item.id === active.driver)} driverName={driverName(active.driver)} onClose={close} onChanged={refetch} />}
      </div>
      <StatusLine>
        <span>{source.total > 0 && <Rich text={t('common:grid.rows', { from: formatCount(view[0] + 1), to: formatCount(Math.min(view[1] + 1, source.total)), total: formatCount(source.total) })} />}</span>
        {source.took !== null && <span><Rich text={t('common:grid.took', { span: span(source.took) })} /></span>}
      </StatusLine>
    </PageFrame>
  );
}

/** A device whose setting up was interrupted. */
function DraftLine() {
  const t = useT();
  const go = useGo();
  const { tenant, zone } = useWorkplace();
  const [draft, setDraft] = useState(() => readDraft(tenant.id));
  if (!draft) return null;
  return (
    <div className="kz-row" role="status" style={{ padding: '6px 16px', background: 'var(--kz-tint)', flexWrap: 'wrap' }}>
      <span><Rich text={t('connect:draft.line', { name: draft.state.device.name || t('connect:draft.unnamed'), time: formatDateTime(draft.at, zone) })} /></span>
      <Button size="small" onClick={() => go('connect/add')}>{t('connect:draft.continue')}</Button>
      <Button size="small" type="text" onClick={() => { forgetDraft(tenant.id); setDraft(null); }}>{t('connect:draft.discard')}</Button>
    </div>
  );
}
