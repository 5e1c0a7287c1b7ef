// SPDX-License-Identifier: Apache-2.0
import { useCallback, useEffect, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import { useT } from '@/shared/i18n/i18n';
import { ErrorState, Loading } from '@/shared/ui/states';
import type { RowSource } from './useRowWindow';
import { VirtualRows, type CoreColumn } from './VirtualRows';

export interface Column<T, Key extends string = string> extends CoreColumn {
  /** Name the server sorts by, of those in the contract (see `SortKey`); without it the column cannot be sorted. */
  sortKey?: Key;
  /** No Ant component in here: it runs for every row in view. */
  cell: (row: T) => ReactNode;
  /** Plain text with full precision, for copying; without it the cell is left out of copies. */
  text?: (row: T) => string;
}

interface DataGridProps<T> {
  label: string;
  columns: readonly Column<T>[];
  source: RowSource<T>;
  rowId: (row: T) => string;
  rowName: (row: T) => string;
  /** Id of the row whose object is in the inspector. */
  activeId?: string | undefined;
  onActive?: (row: T) => void;
  onOpen?: (row: T) => void;
  /** Ticked rows; without `onTicked` there are no boxes. */
  ticked?: ReadonlySet<string>;
  onTicked?: (ids: ReadonlySet<string>) => void;
  sort?: string;
  onSort?: (sort: string) => void;
  /** Shown when the server has no rows. */
  empty: ReactNode;
  onView?: (first: number, last: number) => void;
}

/** The one list of the console: windows from the server, virtual rows, keyboard, ticks, copy as TSV. */
export function DataGrid<T>(props: DataGridProps<T>) {
  const { source, columns, rowId, onActive, onOpen, ticked, onTicked, onView } = props;
  const t = useT();
  const [active, setActive] = useState(-1);
  const anchor = useRef(-1);
  const view = useRef(0);
  const { rows, total, need } = source;
  useEffect(() => need(view.current), [need]);
  useEffect(() => {
    if (props.activeId === undefined) return;
    const at = rows.findIndex((row) => rowId(row) === props.activeId);
    setActive(at);
  }, [props.activeId, rows, rowId]);
  const seen = useCallback((first: number, last: number) => {
    view.current = last;
    need(last);
    onView?.(first, last);
  }, [need, onView]);

  const activate = (index: number): void => {
    setActive(index);
    const row = rows[index];
    if (row) onActive?.(row);
  };
  const tick = (index: number, range: boolean): void => {
    const row = rows[index];
    if (!row || !onTicked) return;
    const next = new Set(ticked);
    const on = !next.has(rowId(row));
    const [low, high] = range && anchor.current >= 0 ? [Math.min(anchor.current, index), Math.max(anchor.current, index)] : [index, index];
    for (const each of rows.slice(low, high + 1)) if (on) next.add(rowId(each)); else next.delete(rowId(each));
    anchor.current = index;
    onTicked(next);
  };
  const copy = (): void => {
    const chosen = ticked && ticked.size > 0 ? rows.filter((row) => ticked.has(rowId(row))) : rows.slice(active, active + 1);
    const lines = chosen.map((row) => columns.flatMap((column) => (column.text ? [column.text(row).replaceAll(/[\t\r\n]/g, ' ')] : [])).join('\t'));
    void navigator.clipboard?.writeText(lines.join('\n'));
  };
  const onKey = (event: KeyboardEvent, index: number): boolean => {
    if (event.key === ' ' && onTicked) tick(index, event.shiftKey);
    else if (event.shiftKey && event.key === 'ArrowDown' && onTicked && index + 1 < rows.length) { tick(index, false); activate(index + 1); }
    else if ((event.ctrlKey || event.metaKey) && event.key === 'a' && onTicked) onTicked(new Set(rows.map(rowId)));
    else if ((event.ctrlKey || event.metaKey) && event.key === 'c') copy();
    else return false;
    return true;
  };

  if (source.isPending) return <Loading rows={10} />;
  if (source.error && rows.length === 0) return <ErrorState error={source.error} onRetry={source.refetch} />;
  if (total === 0) return <>{props.empty}</>;
  const all: CoreColumn[] = onTicked ? [tickColumn(rows, rowId, ticked, onTicked, t('common:grid.selectAll')), ...columns] : [...columns];
  const cell = (index: number, at: number): ReactNode => {
    const row = rows[index];
    if (!row) return at === (onTicked ? 1 : 0) ? <span className="kz-grid-wait">{t('common:grid.loadingRow')}</span> : null;
    if (onTicked && at === 0) {
      return (
        <input type="checkbox" className="kz-check" tabIndex={-1} checked={ticked?.has(rowId(row)) ?? false} aria-label={t('common:grid.select', { name: props.rowName(row) })}
          onClick={(event) => { event.stopPropagation(); tick(index, event.shiftKey); }} onChange={() => {}} />
      );
    }
    return columns[onTicked ? at - 1 : at]?.cell(row);
  };
  return (
    <VirtualRows
      role="grid" label={props.label} columns={all} count={total} active={active} onActive={activate} cell={cell} onKey={onKey} pinned={onTicked ? 1 : 0}
      rowProps={(index) => { const row = rows[index]; const on = row !== undefined && (ticked?.has(rowId(row)) ?? false); return { 'aria-selected': on, 'data-ticked': on || undefined, ...(source.isOld ? { style: { opacity: 0.6 } } : {}) }; }}
      onOpen={(index) => { const row = rows[index]; if (row) onOpen?.(row); }} onView={seen} sort={props.sort} onSort={props.onSort}
      note={source.error ? <ErrorState error={source.error} onRetry={source.refetch} compact /> : undefined}
    />
  );
}

function tickColumn<T>(rows: readonly T[], rowId: (row: T) => string, ticked: ReadonlySet<string> | undefined, onTicked: (ids: ReadonlySet<string>) => void, label: string): CoreColumn {
  const count = rows.reduce((sum, row) => sum + (ticked?.has(rowId(row)) ? 1 : 0), 0);
  const allOn = count > 0 && count === rows.length;
  return {
    id: '_tick', label, width: 36, className: 'kz-grid-tick',
    head: (
      <input type="checkbox" className="kz-check" tabIndex={-1} checked={allOn} aria-label={label} ref={(box) => { if (box) box.indeterminate = count > 0 && !allOn; }}
        onChange={() => onTicked(allOn ? new Set() : new Set(rows.map(rowId)))} />
    ),
  };
}

/** A source over rows that are already here (≤ a few thousand), so that small lists look and act the same. */
export function staticSource<T>(rows: readonly T[]): RowSource<T> {
  return { rows, total: rows.length, need: () => {}, isPending: false, isOld: false, error: null, refetch: () => {}, took: null };
}
