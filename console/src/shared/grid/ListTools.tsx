// SPDX-License-Identifier: Apache-2.0
import { Button } from 'antd';
import { Bookmark, Columns3, X } from 'lucide-react';
import { useState } from 'react';
import { useT } from '@/shared/i18n/i18n';
import type { SearchState } from '@/shared/nav/address';
import { Popup } from '@/shared/ui/Popup';
import { switched, shownColumns, useViews } from './views';

interface ListToolsProps {
  /** Views are kept under this name, tenant included. */
  list: string;
  columns: readonly { id: string; label: string }[];
  search: SearchState;
  onSearch: (change: Record<string, string | undefined>) => void;
  /** Parameters of the address that belong to a view, beside `sort` and `cols`. */
  filters: readonly string[];
}

/** Which columns are shown, and named views of filters, order and columns. */
export function ListTools({ list, columns, search, onSearch, filters }: ListToolsProps) {
  const t = useT();
  const shown = new Set(shownColumns(columns, search['cols']).map((column) => column.id));
  return (
    <>
      <Popup label={t('common:grid.columns')} icon={<Columns3 size={14} />}>
        {() => columns.map((column, at) => (
          <label key={column.id}>
            <input type="checkbox" className="kz-check" checked={shown.has(column.id)} disabled={at === 0} onChange={() => onSearch({ cols: switched(columns, search['cols'], column.id) })} />
            {column.label}
          </label>
        ))}
      </Popup>
      <Popup label={t('common:grid.views')} icon={<Bookmark size={14} />}>
        {(close) => <Views list={list} keys={[...filters, 'sort', 'cols']} search={search} onSearch={onSearch} onDone={close} />}
      </Popup>
    </>
  );
}

interface ViewsProps {
  list: string;
  keys: readonly string[];
  search: SearchState;
  onSearch: (change: Record<string, string | undefined>) => void;
  onDone: () => void;
}

function Views({ list, keys, search, onSearch, onDone }: ViewsProps) {
  const t = useT();
  const { views, keep, forget } = useViews(list);
  const [name, setName] = useState('');
  const nothing = Object.fromEntries(keys.map((key) => [key, undefined]));
  const save = (): void => {
    if (name.trim() === '') return;
    keep({ name: name.trim(), search: Object.fromEntries(keys.flatMap((key) => (search[key] ? [[key, search[key]]] : []))) });
    setName('');
  };
  const show = (change: Record<string, string | undefined>): void => {
    onSearch({ ...nothing, ...change });
    onDone();
  };
  return (
    <>
      <ul>
        <li><Button type="text" onClick={() => show({})}>{t('common:grid.plainView')}</Button></li>
        {views.map((view) => (
          <li key={view.name}>
            <Button type="text" onClick={() => show(view.search)}>{view.name}</Button>
            <span className="kz-grow" />
            <button type="button" className="kz-icon-button" aria-label={t('common:grid.forgetView', { name: view.name })} onClick={() => forget(view.name)}><X size={14} /></button>
          </li>
        ))}
      </ul>
      <form className="kz-row" onSubmit={(event) => { event.preventDefault(); save(); }}>
        <input className="kz-input" value={name} maxLength={60} placeholder={t('common:grid.viewName')} aria-label={t('common:grid.viewName')} onChange={(event) => setName(event.target.value)} />
        <Button htmlType="submit" disabled={name.trim() === ''}>{t('common:action.save')}</Button>
      </form>
    </>
  );
}
