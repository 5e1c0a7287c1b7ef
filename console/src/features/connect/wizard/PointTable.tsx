// SPDX-License-Identifier: Apache-2.0
import { useMemo, type ReactNode } from 'react';
import type { Schema } from '@/shared/api/types';
import { formatNumber, NO_VALUE } from '@/shared/format/number';
import { DataGrid, staticSource, type Column } from '@/shared/grid/DataGrid';
import { useT } from '@/shared/i18n/i18n';
import { Cell } from './Cell';
import { isNumeric, lacksUnit, storedType, type PointDraft, type PointField, type PointIssue } from './state';
import { UNITS_LIST } from './units';

export type RowErrors = ReadonlyMap<string, ReadonlyMap<PointField, string>>;
type FirstValue = Schema<'FirstValue'>;
type ColumnId = 'name' | 'description' | 'address' | 'type' | 'unit' | 'scale' | 'offset' | 'period' | 'low' | 'high' | 'value' | 'write';

interface Props {
  points: readonly PointDraft[];
  /** Rows to show; all when absent. */
  shown?: readonly PointDraft[];
  columns: readonly ColumnId[];
  errors: RowErrors;
  onChange: (key: string, change: Partial<PointDraft>) => void;
  ticked: ReadonlySet<string>;
  onTicked: (keys: ReadonlySet<string>) => void;
  values?: ReadonlyMap<string, FirstValue>;
  addressHint?: string;
  empty: ReactNode;
}

const widths: Record<ColumnId, [width: number, grow?: number]> = {
  name: [170, 2], description: [150, 2], address: [190, 2], type: [84], unit: [100], scale: [84], offset: [84], period: [104], low: [92], high: [92], value: [130, 1], write: [90],
};
const right = new Set<ColumnId>(['scale', 'offset', 'period', 'low', 'high', 'value']);

/** Sentence for something wrong in a row. */
export function useIssueText(): (issue: PointIssue, point: PointDraft | undefined) => string {
  const t = useT();
  return useMemo(() => (issue, point) => (issue === 'address' ? (point?.trouble ?? '') : t(`connect:issue.${issue}`)), [t]);
}

/** The rows of the new device as fields; drawn by window, so ten thousand are no burden. */
export function PointTable(props: Props) {
  const { points, columns: ids, errors, onChange, values, addressHint } = props;
  const t = useT();
  const index = useMemo(() => new Map(points.map((point, at) => [point.key, at])), [points]);
  const columns = useMemo<Column<PointDraft>[]>(() => {
    const field = (row: PointDraft, id: PointField | 'description', more: { list?: string; placeholder?: string; mono?: boolean; disabled?: boolean } = {}): ReactNode => (
      <Cell
        name={`points.${index.get(row.key) ?? 0}.${id}`} label={t('connect:cell', { column: t(`connect:col.${id}`), name: row.name || row.address })} value={row[id]}
        onChange={(value) => onChange(row.key, id === 'address' ? { address: value, native: null, trouble: '' } : { [id]: value })}
        error={id === 'description' ? undefined : errors.get(row.key)?.get(id)} {...(right.has(id) ? { align: 'right' as const } : {})} {...more}
      />
    );
    const cells: Record<ColumnId, (row: PointDraft) => ReactNode> = {
      name: (row) => field(row, 'name'),
      description: (row) => field(row, 'description'),
      address: (row) => field(row, 'address', { mono: true, ...(addressHint ? { placeholder: addressHint } : {}) }),
      type: (row) => (row.native === null ? NO_VALUE : t(`common:type.${storedType(row)}`)),
      unit: (row) => field(row, 'unit', { list: UNITS_LIST, disabled: !isNumeric(row), ...(lacksUnit(row) ? { placeholder: t('connect:noUnit') } : {}) }),
      scale: (row) => field(row, 'scale', { disabled: !isNumeric(row) }),
      offset: (row) => field(row, 'offset', { disabled: !isNumeric(row) }),
      period: (row) => field(row, 'period'),
      low: (row) => field(row, 'low', { disabled: !isNumeric(row) }),
      high: (row) => field(row, 'high', { disabled: !isNumeric(row) }),
      value: (row) => <FirstValueText value={values?.get(row.address)} />,
      write: (row) => (
        <input type="checkbox" className="kz-check" name={`points.${index.get(row.key) ?? 0}.write`} checked={row.write} disabled={!row.writable} aria-label={t('connect:cell', { column: t('connect:col.write'), name: row.name })}
          onClick={(event) => event.stopPropagation()} onChange={(event) => onChange(row.key, { write: event.target.checked })} />
      ),
    };
    return ids.map((id) => {
      const [width, grow] = widths[id];
      return { id, label: t(`connect:col.${id}`), width, cell: cells[id], ...(grow ? { grow } : {}), ...(right.has(id) ? { align: 'right' as const } : {}) };
    });
  }, [ids, index, errors, onChange, values, addressHint, t]);
  const rows = props.shown ?? points;
  const source = useMemo(() => staticSource(rows), [rows]);
  return (
    <DataGrid label={t('connect:points')} columns={columns} source={source} rowId={rowId} rowName={rowName} ticked={props.ticked} onTicked={props.onTicked} empty={props.empty} />
  );
}

const rowId = (row: PointDraft): string => row.key;
const rowName = (row: PointDraft): string => row.name || row.address;

/** A value as the source gave it, with its quality when it is not good. */
export function FirstValueText({ value }: { value: Pick<FirstValue, 'value' | 'quality'> | undefined }) {
  if (!value) return <>{NO_VALUE}</>;
  const good = value.quality.class === 'good';
  // Long fractions are rounded for the eye; the title has them in full.
  const text = /^-?\d+\.\d{4,}$/.test(value.value ?? '') ? formatNumber(Number(value.value)) : (value.value ?? NO_VALUE);
  return <span className={good ? 'kz-cut kz-strong' : 'kz-cut'} title={good ? (value.value ?? '') : value.quality.text}>{good ? text : value.quality.name}</span>;
}
