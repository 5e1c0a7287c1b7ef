// SPDX-License-Identifier: Apache-2.0
import { newPoint, type PointDraft } from './state';

// Points from a file: RFC 4180, first line names the columns as the import of the server does.

export interface CsvRow {
  /** Line of the file on which the row starts, from 1. */
  line: number;
  cells: string[];
}

export interface CsvError {
  line: number;
  /** Null when the whole line is wrong. */
  column: string | null;
  value: string;
  /** Names the sentence of what is expected. */
  expect: 'columns' | 'cells' | 'quote' | 'name' | 'unique' | 'address' | 'number' | 'nonzero' | 'period' | 'access' | 'type';
  /** What the driver says, when it was asked. */
  said?: string;
}

export const columns = ['name', 'address', 'type', 'unit', 'scale', 'offset', 'period_ms', 'access', 'limit_low', 'limit_high', 'description'] as const;
type ColumnName = (typeof columns)[number];
const known = new Set<string>(columns);
/** Members that the server's export has and this form does not carry. */
const passed = new Set(['precision', 'deadband', 'display_low', 'display_high', 'normal_low', 'normal_high', 'interpolation', 'expected_interval_ms', 'history', 'enabled', 'device']);

export const MAX_ROWS = 10_000;

/** Splits text into rows; a quote that never ends is an error on its line. */
export function parseCsv(text: string): { rows: CsvRow[]; open: number | null } {
  const rows: CsvRow[] = [];
  let cells: string[] = [];
  let cell = '';
  let quoted = false;
  let line = 1;
  let start = 1;
  const source = text.startsWith('\uFEFF') ? text.slice(1) : text;
  const endRow = (): void => {
    cells.push(cell);
    if (cells.length > 1 || cell.trim() !== '') rows.push({ line: start, cells });
    cells = [];
    cell = '';
  };
  for (let at = 0; at < source.length; at += 1) {
    const c = source[at];
    if (quoted) {
      if (c === '"' && source[at + 1] === '"') { cell += '"'; at += 1; }
      else if (c === '"') quoted = false;
      else { cell += c; if (c === '\n') line += 1; }
    } else if (c === '"' && cell === '') quoted = true;
    else if (c === ',') { cells.push(cell); cell = ''; }
    else if (c === '\n' || c === '\r') {
      if (c === '\r' && source[at + 1] === '\n') at += 1;
      endRow();
      line += 1;
      start = line;
    } else cell += c;
  }
  if (quoted) return { rows, open: start };
  endRow();
  return { rows, open: null };
}

export interface CsvResult {
  points: { line: number; point: PointDraft }[];
  errors: CsvError[];
  /** Data rows of the file. */
  total: number;
}

/** Reads and judges a file without looking at addresses, which only the driver can. */
export function readPoints(text: string, taken: ReadonlySet<string> = new Set()): CsvResult {
  const { rows, open } = parseCsv(text);
  const errors: CsvError[] = [];
  if (open !== null) errors.push({ line: open, column: null, value: '', expect: 'quote' });
  const [head, ...data] = rows;
  const names = (head?.cells ?? []).map((name) => name.trim().toLowerCase());
  if (!names.includes('name') || !names.includes('address')) {
    return { points: [], errors: [{ line: head?.line ?? 1, column: null, value: names.join(','), expect: 'columns' }, ...errors], total: data.length };
  }
  for (const name of names) if (!known.has(name) && !passed.has(name)) errors.push({ line: head?.line ?? 1, column: name, value: name, expect: 'columns' });
  const seen = new Set(taken);
  const points: CsvResult['points'] = [];
  for (const row of data.slice(0, MAX_ROWS)) {
    const wrong = judgeRow(row, names, seen);
    if (wrong.length > 0) errors.push(...wrong);
    else points.push({ line: row.line, point: pointOf(row, names) });
    const name = cellOf(row, names, 'name');
    if (name !== '') seen.add(name);
  }
  return { points, errors, total: data.length };
}

// A spreadsheet's guard before formulas is taken off again.
const plain = (cell: string): string => (/^'[=+\-@]/.test(cell) ? cell.slice(1) : cell).trim();

function cellOf(row: CsvRow, names: readonly string[], column: ColumnName): string {
  const at = names.indexOf(column);
  return at < 0 ? '' : plain(row.cells[at] ?? '');
}

function judgeRow(row: CsvRow, names: readonly string[], seen: ReadonlySet<string>): CsvError[] {
  if (row.cells.length > names.length) return [{ line: row.line, column: null, value: String(row.cells.length), expect: 'cells' }];
  const wrong: CsvError[] = [];
  const no = (column: ColumnName, expect: CsvError['expect']): void => void wrong.push({ line: row.line, column, value: cellOf(row, names, column), expect });
  const name = cellOf(row, names, 'name');
  if (name === '' || name.length > 200) no('name', 'name');
  else if (seen.has(name)) no('name', 'unique');
  if (cellOf(row, names, 'address') === '') no('address', 'address');
  for (const column of ['scale', 'offset', 'limit_low', 'limit_high'] as const) if (!Number.isFinite(Number(cellOf(row, names, column)))) no(column, 'number');
  const scale = cellOf(row, names, 'scale');
  if (scale !== '' && Number(scale) === 0) no('scale', 'nonzero');
  const period = cellOf(row, names, 'period_ms');
  if (period !== '' && !(Number.isInteger(Number(period)) && Number(period) >= 10 && Number(period) <= 86_400_000)) no('period_ms', 'period');
  const access = cellOf(row, names, 'access');
  if (access !== '' && !['read', 'read_write', 'write'].includes(access)) no('access', 'access');
  const type = cellOf(row, names, 'type');
  if (type !== '' && !['bool', 'int64', 'double', 'string'].includes(type)) no('type', 'type');
  return wrong;
}

function pointOf(row: CsvRow, names: readonly string[]): PointDraft {
  const cell = (column: ColumnName): string => cellOf(row, names, column);
  return newPoint({
    name: cell('name'), address: cell('address'), description: cell('description'), unit: cell('unit'), scale: cell('scale') || '1', offset: cell('offset') || '0',
    period: cell('period_ms') || '1000', low: cell('limit_low'), high: cell('limit_high'), write: cell('access') === 'read_write' || cell('access') === 'write',
  });
}

/** A cell that no spreadsheet runs as a formula. */
function guarded(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) && !/^-?\d/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

const asCsv = (rows: readonly (readonly string[])[]): string => `\uFEFF${rows.map((row) => row.map(guarded).join(',')).join('\r\n')}\r\n`;

export function csvOfPoints(points: readonly PointDraft[]): string {
  return asCsv([columns, ...points.map((p) => [p.name, p.address, p.native ?? '', p.unit, p.scale, p.offset, p.period, p.write ? 'read_write' : 'read', p.low, p.high, p.description])]);
}

/** An example in the notation of the driver. */
export function templateCsv(addresses: readonly string[]): string {
  const [first = '', second = ''] = addresses;
  return asCsv([columns, ['Temperature', first, '', 'Cel', '0.1', '0', '1000', 'read', '', '90', 'Product temperature'], ['Pressure', second, '', 'bar', '1', '0', '1000', 'read', '', '', '']]);
}

export function csvOfErrors(errors: readonly CsvError[], sentence: (error: CsvError) => string): string {
  return asCsv([['line', 'column', 'value', 'expected'], ...errors.map((error) => [String(error.line), error.column ?? '', error.value, sentence(error)])]);
}

/** Lets the browser save a text under a name. */
export function saveText(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/csv;charset=utf-8' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
