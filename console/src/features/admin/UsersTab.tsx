// SPDX-License-Identifier: Apache-2.0
import { Button } from 'antd';
import { Plus } from 'lucide-react';
import { useCallback, useMemo, useState } from 'react';
import { get, type Page as ListPage } from '@/shared/api/client';
import type { User } from '@/shared/api/types';
import { formatCount, NO_VALUE } from '@/shared/format/number';
import { formatDateTime, parseTime } from '@/shared/format/time';
import { DataGrid, type Column } from '@/shared/grid/DataGrid';
import { orderOf, type SortKey } from '@/shared/grid/sort';
import { useRowWindow } from '@/shared/grid/useRowWindow';
import { useT } from '@/shared/i18n/i18n';
import { useSearchState } from '@/shared/nav/address';
import { useWorkplace } from '@/shared/session/workplace';
import { ControlLine, StatusLine } from '@/shared/ui/Page';
import { SearchField } from '@/shared/ui/SearchField';
import { Empty, NoMatch } from '@/shared/ui/states';
import { NewUser } from './NewUser';
import { UserInspector } from './UserInspector';

/** People of the tenant, what they may do and when they were last here. */
export function UsersTab() {
  const t = useT();
  const { path, tenant, zone } = useWorkplace();
  const [search, setSearch] = useSearchState();
  const [adding, setAdding] = useState(false);
  const { q, sel } = search;
  const columns = useUserColumns(zone);
  const sort = orderOf(search['sort'], columns, 'name');
  const source = useRowWindow<User>({
    key: ['users', tenant.id, q, sort],
    fetchPage: (cursor, limit, signal) => get<ListPage<User>>(path('/users'), { q, sort, cursor, limit }, signal),
  });
  const close = useCallback(() => setSearch({ sel: undefined }), [setSearch]);
  const active = source.rows.find((row) => row.id === sel);
  return (
    <>
      <ControlLine>
        <SearchField value={q ?? ''} onChange={(text) => setSearch({ q: text })} label={t('admin:searchUsers')} width={260} />
        <span className="kz-grow" />
        <Button type="primary" icon={<Plus size={16} />} onClick={() => setAdding(true)} data-testid="new-user">{t('admin:newUser')}</Button>
      </ControlLine>
      <div className="kz-admin-list">
        <DataGrid label={t('admin:users')} columns={columns} source={source} rowId={(row) => row.id} rowName={(row) => row.name} activeId={sel} onActive={(row) => setSearch({ sel: row.id })} sort={sort} onSort={(next) => setSearch({ sort: next })}
          empty={q ? <NoMatch filter={q} onClear={() => setSearch({ q: undefined })} /> : <Empty title={t('admin:noUsers')} />} />
        {active && <UserInspector key={active.id} user={active} onClose={close} onChanged={source.refetch} />}
      </div>
      <StatusLine><span>{t('admin:userCount', { count: source.total, value: formatCount(source.total) })}</span></StatusLine>
      <NewUser open={adding} onClose={() => setAdding(false)} onMade={source.refetch} />
    </>
  );
}

function useUserColumns(zone: string): Column<User, SortKey<'UserSort'>>[] {
  const t = useT();
  return useMemo<Column<User, SortKey<'UserSort'>>[]>(() => {
    const time = (text: string | null): string => {
      const at = parseTime(text);
      return at === null ? NO_VALUE : formatDateTime(at, zone);
    };
    return [
      { id: 'name', label: t('admin:logInName'), width: 160, grow: 1, sortKey: 'name', text: (row) => row.name, cell: (row) => <span className="kz-cut kz-strong">{row.name}</span> },
      { id: 'display', label: t('admin:displayName'), width: 160, grow: 1, text: (row) => row.display_name, cell: (row) => <span className="kz-cut">{row.display_name || NO_VALUE}</span> },
      { id: 'role', label: t('admin:role'), width: 120, sortKey: 'role', text: (row) => row.role, cell: (row) => t(`common:role.${row.role}`) },
      { id: 'state', label: t('admin:state'), width: 190, text: (row) => stateOf(row), cell: (row) => <span className={row.enabled && !row.must_change_password ? 'kz-second' : 'kz-strong'}>{t(`admin:userState.${stateOf(row)}`)}</span> },
      { id: 'last', label: t('admin:lastLogIn'), width: 150, align: 'right', sortKey: 'last_login_at', text: (row) => row.last_login_at ?? '', cell: (row) => <span className="kz-second">{time(row.last_login_at)}</span> },
      { id: 'created', label: t('admin:created'), width: 150, align: 'right', text: (row) => row.created_at, cell: (row) => <span className="kz-second">{time(row.created_at)}</span> },
    ];
  }, [t, zone]);
}

function stateOf(user: User): 'locked' | 'oneTime' | 'active' {
  if (!user.enabled) return 'locked';
  return user.must_change_password ? 'oneTime' : 'active';
}
