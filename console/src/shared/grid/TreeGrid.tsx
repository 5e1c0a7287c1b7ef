// SPDX-License-Identifier: Apache-2.0
import { ChevronRight } from 'lucide-react';
import { useCallback, useEffect, useMemo, useState, type KeyboardEvent, type ReactNode } from 'react';
import { useT } from '@/shared/i18n/i18n';
import { errorTitle, ErrorState, Loading } from '@/shared/ui/states';
import type { TreeState } from './useTree';
import { VirtualRows, type CoreColumn } from './VirtualRows';

export interface TreeColumn<T> extends CoreColumn {
  cell: (node: T) => ReactNode;
}

interface TreeGridProps<T> {
  label: string;
  tree: TreeState<T>;
  nameOf: (node: T) => string;
  /** Whether the node can be opened. */
  hasChildren: (node: T) => boolean;
  /** Drawn in the first column behind arrow and tick: icon, name. */
  node: (node: T) => ReactNode;
  /** Columns after the first. */
  columns?: readonly TreeColumn<T>[];
  /** Name and least width of the first column; the head is shown when there are more columns. */
  firstLabel?: string;
  firstWidth?: number;
  activeId?: string | undefined;
  onActive?: (node: T, id: string) => void;
  onOpen?: (node: T, id: string) => void;
  /** Tick of a node: on, off, or some below it; without `onTick` there are no boxes. */
  tickOf?: (node: T, id: string) => boolean | 'mixed' | 'disabled';
  onTick?: (node: T, id: string) => void;
  empty: ReactNode;
}

const INDENT = 18;

/** The one tree of the console: children on demand, virtual rows, arrow keys as in a file manager, tri-state ticks. */
export function TreeGrid<T>(props: TreeGridProps<T>) {
  const { tree, onActive, onTick, tickOf, columns = [] } = props;
  const t = useT();
  const [active, setActive] = useState(-1);
  const { rows, need } = tree;
  useEffect(() => {
    if (props.activeId !== undefined) setActive(rows.findIndex((row) => row.id === props.activeId));
  }, [props.activeId, rows]);
  const seen = useCallback((first: number, last: number) => need(first, last), [need]);
  const all = useMemo<CoreColumn[]>(
    () => [{ id: '_node', label: props.firstLabel ?? '', width: props.firstWidth ?? 160, grow: 1 }, ...columns],
    [props.firstLabel, props.firstWidth, columns],
  );

  const activate = (index: number): void => {
    setActive(index);
    const row = rows[index];
    if (row?.node) onActive?.(row.node, row.id);
  };
  const onKey = (event: KeyboardEvent, index: number): boolean => {
    const row = rows[index];
    if (!row?.node) return false;
    const can = props.hasChildren(row.node);
    if (event.key === 'ArrowRight' && can) {
      if (row.open) activate(index + 1);
      else tree.setOpen(row.id, true);
    } else if (event.key === 'ArrowLeft') {
      if (row.open) tree.setOpen(row.id, false);
      else activate(Math.max(0, rows.findIndex((candidate) => candidate.id === row.parent)));
    } else if (event.key === ' ' && onTick && tickOf?.(row.node, row.id) !== 'disabled') onTick(row.node, row.id);
    else return false;
    return true;
  };

  if (tree.isPending) return <Loading rows={8} />;
  if (tree.error) return <ErrorState error={tree.error} onRetry={() => tree.reload()} />;
  if (rows.length === 0) return <>{props.empty}</>;
  const first = (index: number): ReactNode => {
    const row = rows[index];
    if (!row) return null;
    const indent = <span className="kz-tree-indent" style={{ width: (row.level - 1) * INDENT }} />;
    if (!row.node) return <>{indent}<span className="kz-grid-wait" style={{ paddingLeft: 24 }}>{row.error ? errorTitle(row.error, t) : t('common:grid.loadingRow')}</span></>;
    const name = props.nameOf(row.node);
    const state = tickOf?.(row.node, row.id);
    return (
      <>
        {indent}
        {props.hasChildren(row.node) ? (
          <button type="button" className="kz-tree-toggle" data-open={row.open} tabIndex={-1} aria-label={t(row.open ? 'common:grid.collapse' : 'common:grid.expand', { name })}
            onClick={(event) => { event.stopPropagation(); tree.toggle(row.id); }}><ChevronRight size={14} aria-hidden /></button>
        ) : <span className="kz-tree-indent" style={{ width: 24 }} />}
        <span className="kz-tree-label">
          {onTick && <TriState state={state} label={t('common:grid.select', { name })} onTick={() => row.node && onTick(row.node, row.id)} />}
          {props.node(row.node)}
        </span>
      </>
    );
  };
  return (
    <VirtualRows
      role="treegrid" label={props.label} columns={all} count={rows.length} active={active} onActive={activate} onKey={onKey} showHead={columns.length > 0} onView={seen}
      cell={(index, at) => { const row = rows[index]; return at === 0 ? first(index) : row?.node ? columns[at - 1]?.cell(row.node) : null; }}
      rowProps={(index) => {
        const row = rows[index];
        if (!row) return {};
        const can = row.node !== undefined && props.hasChildren(row.node);
        return { 'aria-level': row.level, 'aria-setsize': row.size, 'aria-posinset': row.offset + 1, ...(can ? { 'aria-expanded': row.open } : {}) };
      }}
      onOpen={(index) => { const row = rows[index]; if (row?.node) props.onOpen?.(row.node, row.id); }}
    />
  );
}

function TriState({ state, label, onTick }: { state: boolean | 'mixed' | 'disabled' | undefined; label: string; onTick: () => void }) {
  return (
    <input type="checkbox" className="kz-check" tabIndex={-1} checked={state === true} disabled={state === 'disabled'} aria-label={label}
      ref={(box) => { if (box) box.indeterminate = state === 'mixed'; }} onClick={(event) => event.stopPropagation()} onChange={onTick} />
  );
}
