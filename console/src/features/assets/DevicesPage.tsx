// SPDX-License-Identifier: Apache-2.0
import { useCallback, useMemo, useState } from 'react';
import { get, type Page as ListPage } from '@/shared/api/client';
import type { ConnectionState, Device } from '@/shared/api/types';
import { formatCount } from '@/shared/format/number';
import { useSpanText } from '@/shared/format/useSpanText';
import { DataGrid } from '@/shared/grid/DataGrid';
import { ListTools } from '@/shared/grid/ListTools';
import { orderOf } from '@/shared/grid/sort';
import { useRowWindow } from '@/shared/grid/useRowWindow';
import { useShownColumns } from '@/shared/grid/views';
import { useT } from '@/shared/i18n/i18n';
import { Rich } from '@/shared/i18n/Rich';
import { useGo, useSearchState } from '@/shared/nav/address';
import { useWorkplace } from '@/shared/session/workplace';
import { FilterChips, splitTyped, type Chip } from '@/shared/ui/FilterChips';
import { ControlLine, Page as PageFrame, StatusLine } from '@/shared/ui/Page';
import { SearchField } from '@/shared/ui/SearchField';
import { Empty, NoMatch } from '@/shared/ui/states';
import { useEquipment, useLink } from './api';
import { useDeviceColumns } from './deviceColumns';
import { DeviceInspector } from './DeviceInspector';
import { classes } from './EditDevice';
import { Frame } from './Frame';

const states: ConnectionState[] = ['online', 'degraded', 'offline', 'backoff', 'connecting', 'disabled'];
const filterKeys = ['state', 'class', 'link'] as const;

/** Devices of the chosen equipment node and all below it. */
export function Page() {
  const t = useT();
  const go = useGo();
  const { path, tenant, site, siteName } = useWorkplace();
  const [search, setSearch] = useSearchState();
  const node = search['node'] ?? (site === 'all' ? undefined : site);
  const equipment = useEquipment(node).data?.data;
  const [view, setView] = useState<[number, number]>([0, 0]);
  const { q, state, class: cls, link } = search;
  const columns = useDeviceColumns();
  const shown = useShownColumns(columns, search['cols']);
  const sort = orderOf(search['sort'], columns, 'name');
  const source = useRowWindow<Device>({
    key: ['devices', tenant.id, node, q, state, cls, link, sort],
    fetchPage: (cursor, limit, signal) => get<ListPage<Device>>(path('/devices'), { equipment: node, q, state, class: cls, link, sort, cursor, limit }, signal),
  });
  const active = source.rows.find((row) => row.id === search['sel']);
  const onView = useCallback((first: number, last: number) => setView([first, last]), []);
  const chips = useChips(search);
  const clear = (): void => setSearch({ q: undefined, state: undefined, class: undefined, link: undefined });
  const find = (typed: string): void => {
    const { filters, rest } = splitTyped(typed, filterKeys);
    setSearch({ ...filters, q: rest });
  };
  const name = equipment?.name ?? (site === 'all' ? tenant.name : siteName);
  return (
    <Frame active={node}>
      <PageFrame title={t('assets:devices')} object={name}
        crumbs={equipment?.path?.map((step) => ({ label: step.name, path: 'assets', search: { node: step.id } })) ?? []}
        beside={equipment && <span className="kz-tag">{t(`common:level.${equipment.level}`)}</span>}>
        <ControlLine>
          <SearchField value={q ?? ''} onChange={find} label={t('assets:searchDevices')} />
          <Choice label={t('assets:state')} value={state} options={states.map((key) => [key, t(`common:connection.${key}`)])} onChange={(value) => setSearch({ state: value })} />
          <Choice label={t('assets:class')} value={cls} options={classes.map((key) => [key, t(`common:class.${key}`)])} onChange={(value) => setSearch({ class: value })} />
          <FilterChips chips={chips} onRemove={(key) => setSearch({ [key]: undefined })} onClear={clear} />
          <span className="kz-grow" />
          <ListTools list={`${tenant.id}.devices`} columns={columns} search={search} onSearch={setSearch} filters={['q', ...filterKeys]} />
        </ControlLine>
        <div style={{ flex: 1, display: 'flex', minHeight: 0, position: 'relative', borderTop: '1px solid var(--kz-line)' }}>
          <DataGrid label={t('assets:devices')} columns={shown} source={source} rowId={(row) => row.id} rowName={(row) => row.name} activeId={search['sel']}
            onActive={(row) => setSearch({ sel: row.id })} onOpen={(row) => go(`assets/dev/${row.id}`)} sort={sort} onSort={(next) => setSearch({ sort: next })} onView={onView}
            empty={chips.length > 0 || q ? <NoMatch filter={[q, ...chips.map((chip) => `${chip.label} ${chip.value}`)].filter(Boolean).join(' · ')} onClear={clear} /> : <Empty title={t('assets:noDevices')} text={t('assets:noDevicesText')} />} />
          {active && <DeviceInspector device={active} onClose={() => setSearch({ sel: undefined })} />}
        </div>
        <ListStatus total={source.total} view={view} took={source.took} />
      </PageFrame>
    </Frame>
  );
}

function useChips(search: Record<string, string>): Chip[] {
  const t = useT();
  const linkName = useLink(search['link']).data?.name;
  return useMemo(() => {
    const chips: Chip[] = [];
    if (search['state']) chips.push({ key: 'state', label: t('assets:state'), value: search['state'].split(',').map((key) => t(`common:connection.${key}`)).join(' · ') });
    if (search['class']) chips.push({ key: 'class', label: t('assets:class'), value: t(`common:class.${search['class']}`) });
    if (search['link']) chips.push({ key: 'link', label: t('assets:source'), value: linkName ?? search['link'] });
    return chips;
  }, [search, linkName, t]);
}

interface ChoiceProps {
  label: string;
  value: string | undefined;
  options: [key: string, label: string][];
  onChange: (value: string | undefined) => void;
}

export function Choice({ label, value, options, onChange }: ChoiceProps) {
  return (
    <select className="kz-input" style={{ width: 'auto' }} aria-label={label} value={options.some(([key]) => key === value) ? value : ''} onChange={(event) => onChange(event.target.value || undefined)}>
      <option value="">{label}</option>
      {options.map(([key, text]) => <option key={key} value={key}>{text}</option>)}
    </select>
  );
}

export function ListStatus({ total, view, took }: { total: number; view: [number, number]; took: number | null }) {
  const t = useT();
  const span = useSpanText();
  const [first, last] = view;
  return (
    <StatusLine>
      <span>{total > 0 && <Rich text={t('common:grid.rows', { from: formatCount(first + 1), to: formatCount(Math.min(last + 1, total)), total: formatCount(total) })} />}</span>
      {took !== null && <span><Rich text={t('common:grid.took', { span: span(took) })} /></span>}
    </StatusLine>
  );
}
