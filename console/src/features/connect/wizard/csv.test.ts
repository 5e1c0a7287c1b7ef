// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { csvOfPoints, parseCsv, readPoints } from './csv';
import { newPoint } from './state';

describe('parseCsv', () => {
  it('reads quotes, commas and line breaks in cells and counts lines of the file', () => {
    const { rows, open } = parseCsv('\uFEFFname,address\r\n"a ""b"", c","x\ny"\r\n\r\nd,e');
    expect(open).toBeNull();
    expect(rows).toEqual([{ line: 1, cells: ['name', 'address'] }, { line: 2, cells: ['a "b", c', 'x\ny'] }, { line: 5, cells: ['d', 'e'] }]);
  });
  it('names the line on which an endless quote begins', () => {
    expect(parseCsv('name,address\n"a,b\nc').open).toBe(2);
  });
});

describe('readPoints', () => {
  const head = 'name,address,unit,scale,period_ms,access';
  it('lets good rows through beside bad ones, each error with line, column and value', () => {
    const { points, errors, total } = readPoints(`${head}\nT,hr:1,Cel,0.1,500,read\nT,hr:2,,1,,\n,hr:3,,0,5,steal\nU,,,abc,,`);
    expect(total).toBe(4);
    expect(points.map(({ line, point }) => [line, point.name, point.unit, point.scale, point.period])).toEqual([[2, 'T', 'Cel', '0.1', '500']]);
    expect(errors.map((error) => [error.line, error.column, error.value, error.expect])).toEqual([
      [3, 'name', 'T', 'unique'],
      [4, 'name', '', 'name'], [4, 'scale', '0', 'nonzero'], [4, 'period_ms', '5', 'period'], [4, 'access', 'steal', 'access'],
      [5, 'address', '', 'address'], [5, 'scale', 'abc', 'number'],
    ]);
  });
  it('refuses a file without the needed columns, and rows with too many cells', () => {
    expect(readPoints('tag,register\na,b').errors[0]?.expect).toBe('columns');
    expect(readPoints('name,address\na,b,c').errors).toEqual([{ line: 2, column: null, value: '3', expect: 'cells' }]);
  });
  it('reads back what it wrote, formula-like names included', () => {
    const point = newPoint({ name: '=SUM(A1)', address: 'hr:1', description: 'a "b", c\nd', low: '-5', unit: 'Cel' });
    const text = csvOfPoints([point]);
    expect(text).toContain("'=SUM(A1)");
    expect(readPoints(text).points[0]?.point).toMatchObject({ name: '=SUM(A1)', address: 'hr:1', description: 'a "b", c\nd', low: '-5', unit: 'Cel' });
  });
});
