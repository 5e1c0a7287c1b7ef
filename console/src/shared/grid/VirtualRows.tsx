// SPDX-License-Identifier: Apache-2.0
import { useVirtualizer } from '@tanstack/react-virtual';
import { ArrowDown, ArrowUp } from 'lucide-react';
import { useEffect, useId, useMemo, useRef, useState, type HTMLAttributes, type KeyboardEvent, type ReactNode } from 'react';
import { usePreferences } from '@/shared/theme/preferences';
import { rowHeight } from '@/shared/theme/tokens';
import './grid.css';

export interface CoreColumn {
  id: string;
  label: string;
  /** Pixels; the least width when `grow` is set. */
  width: number;
  /** Share of the room that is left over. */
  grow?: number;
  align?: 'right';
  /** Name the server sorts by; without it the column cannot be sorted. */
  sortKey?: string;
  /** Instead of the label, for instance the box that ticks all. */
  head?: ReactNode;
  className?: string;
}

export interface VirtualRowsProps {
  role: 'grid' | 'treegrid';
  label: string;
  columns: readonly CoreColumn[];
  count: number;
  active: number;
  onActive: (index: number, how: 'key' | 'pointer') => void;
  cell: (index: number, column: number) => ReactNode;
  rowProps: (index: number) => HTMLAttributes<HTMLDivElement> & Record<`data-${string}`, unknown>;
  /** Keys of the row; true when the key was used. */
  onKey?: (event: KeyboardEvent, index: number) => boolean;
  onOpen?: ((index: number) => void) | undefined;
  /** First and last row in view, for the status line and for loading. */
  onView?: ((first: number, last: number) => void) | undefined;
  showHead?: boolean;
  sort?: string | undefined;
  onSort?: ((sort: string) => void) | undefined;
  /** Index of the pinned column, the tick column before it included. */
  pinned?: number;
  note?: ReactNode;
}

const VIRTUAL_COLUMNS_FROM = 15;

/** Body of every large list: only what is seen is in the page, focus stays on the container and names the active cell. */
export function VirtualRows(props: VirtualRowsProps) {
  const { columns, count, active, onActive, onView, showHead = true, pinned = 0 } = props;
  const id = useId();
  const box = useRef<HTMLDivElement>(null);
  const height = rowHeight[usePreferences().density];
  const headHeight = showHead ? height + 2 : 0;
  const [cellAt, setCellAt] = useState(-1);
  const virtual = useVirtualizer({ count, getScrollElement: () => box.current, estimateSize: () => height, overscan: 6, scrollPaddingStart: headHeight, paddingStart: 0 });
  useEffect(() => virtual.measure(), [height, virtual]);
  const items = virtual.getVirtualItems();
  const first = items[0]?.index ?? 0;
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => onView?.(first, last), [onView, first, last]);
  const shown = useShownColumns(columns, box.current, pinned);
  const template = columns.map((column) => (column.grow && columns.length <= VIRTUAL_COLUMNS_FROM ? `minmax(${column.width}px, ${column.grow}fr)` : `${column.width}px`)).join(' ');
  const minWidth = columns.reduce((sum, column) => sum + column.width, 0);

  const move = (to: number): void => {
    const index = Math.max(0, Math.min(count - 1, to));
    onActive(index, 'key');
    virtual.scrollToIndex(index, { align: 'auto' });
  };
  const pageRows = Math.max(1, Math.floor(((box.current?.clientHeight ?? height * 10) - headHeight) / height) - 1);
  const moves: Record<string, (ctrl: boolean) => void> = {
    ArrowDown: () => move(active + 1), j: () => move(active + 1), ArrowUp: () => move(active - 1), k: () => move(active - 1),
    PageDown: () => move(active + pageRows), PageUp: () => move(active - pageRows),
    Home: (ctrl) => (ctrl ? move(0) : setCellAt(0)), End: (ctrl) => (ctrl ? move(count - 1) : setCellAt(columns.length - 1)),
    ArrowRight: () => setCellAt(Math.min(columns.length - 1, cellAt + 1)), ArrowLeft: () => setCellAt(Math.max(-1, cellAt - 1)),
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.target !== event.currentTarget || count === 0) return;
    if (active >= 0 && props.onKey?.(event, active)) {
      event.preventDefault();
      return;
    }
    if (event.key === 'Enter' && active >= 0) props.onOpen?.(active);
    else if (moves[event.key] && !event.altKey && !event.metaKey && !(event.ctrlKey && !['Home', 'End'].includes(event.key))) moves[event.key]?.(event.ctrlKey);
    else return;
    event.preventDefault();
  };
  const rowId = (index: number): string => `${id}-r${index}`;
  const activeId = active >= 0 && active < count ? (cellAt >= 0 ? `${rowId(active)}c${cellAt}` : rowId(active)) : undefined;

  return (
    <div ref={box} className="kz-grid" role={props.role} aria-label={props.label} aria-rowcount={count + (showHead ? 1 : 0)} aria-colcount={columns.length}
      tabIndex={0} aria-activedescendant={activeId} onKeyDown={onKeyDown} onFocus={(event) => { if (event.target === event.currentTarget && active < 0 && count > 0) onActive(0, 'key'); }}>
      {showHead && (
        <div role="rowgroup" className="kz-grid-head" style={{ width: `max(100%, ${minWidth}px)` }}>
          <div role="row" aria-rowindex={1} style={{ display: 'grid', gridTemplateColumns: template, height: headHeight }}>
            {shown.map((at) => <HeadCell key={columns[at]?.id} column={columns[at] as CoreColumn} at={at} pinned={at === pinned} sort={props.sort} onSort={props.onSort} />)}
          </div>
        </div>
      )}
      <div role="rowgroup" style={{ height: virtual.getTotalSize(), minWidth, position: 'relative' }}>
        {items.map((item) => (
          <div key={item.key} id={rowId(item.index)} role="row" aria-rowindex={item.index + (showHead ? 2 : 1)} className="kz-grid-row" {...props.rowProps(item.index)} data-active={item.index === active || undefined}
            style={{ gridTemplateColumns: template, height: item.size, transform: `translateY(${item.start}px)`, width: `max(100%, ${minWidth}px)` }}
            onClick={() => onActive(item.index, 'pointer')} onDoubleClick={() => props.onOpen?.(item.index)}>
            {shown.map((at) => (
              <div key={columns[at]?.id} id={`${rowId(item.index)}c${at}`} role="gridcell" aria-colindex={at + 1} className={`kz-grid-cell ${columns[at]?.className ?? ''}`} data-align={columns[at]?.align}
                data-pinned={at === pinned || undefined} data-active-cell={(item.index === active && at === cellAt) || undefined} style={{ gridColumn: at + 1 }}>
                {props.cell(item.index, at)}
              </div>
            ))}
          </div>
        ))}
      </div>
      {props.note && <div className="kz-grid-note">{props.note}</div>}
    </div>
  );
}

/** Past 15 columns only those in view (and the pinned one) are drawn. */
function useShownColumns(columns: readonly CoreColumn[], box: HTMLElement | null, pinned: number): number[] {
  const [view, setView] = useState<[number, number]>([0, 4000]);
  const wide = columns.length > VIRTUAL_COLUMNS_FROM;
  useEffect(() => {
    if (!wide || !box) return undefined;
    const onScroll = (): void => setView([Math.floor(box.scrollLeft / 100) * 100, box.clientWidth]);
    onScroll();
    box.addEventListener('scroll', onScroll, { passive: true });
    return () => box.removeEventListener('scroll', onScroll);
  }, [wide, box]);
  return useMemo(() => {
    let left = 0;
    return columns.flatMap((column, at) => {
      const start = left;
      left += column.width;
      const inView = !wide || at <= pinned || (left >= view[0] - 200 && start <= view[0] + view[1] + 300);
      return inView ? [at] : [];
    });
  }, [columns, wide, pinned, view]);
}

interface HeadProps {
  column: CoreColumn;
  at: number;
  pinned: boolean;
  sort: string | undefined;
  onSort: ((sort: string) => void) | undefined;
}

function HeadCell({ column, at, pinned, sort, onSort }: HeadProps) {
  const key = column.sortKey;
  const state = key && sort === key ? 'ascending' : key && sort === `-${key}` ? 'descending' : undefined;
  return (
    <div role="columnheader" aria-colindex={at + 1} aria-sort={state} className={`kz-grid-cell ${column.className ?? ''}`} data-align={column.align} data-pinned={pinned || undefined} style={{ gridColumn: at + 1 }}>
      {column.head ??
        (key && onSort ? (
          <button type="button" tabIndex={-1} onClick={() => onSort(state === 'ascending' ? `-${key}` : key)}>
            <span className="kz-cut">{column.label}</span>
            {state === 'ascending' && <ArrowUp size={12} aria-hidden />}
            {state === 'descending' && <ArrowDown size={12} aria-hidden />}
          </button>
        ) : (
          <span className="kz-cut">{column.label}</span>
        ))}
    </div>
  );
}
