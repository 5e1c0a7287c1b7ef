// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { formatBytes, formatNumber, formatPercent, unitText, withUnit } from './number';

describe('formatNumber', () => {
  it('uses a true minus, groups and the digits asked for', () => {
    expect(formatNumber(-2.14, 2)).toBe('\u22122.14');
    expect(formatNumber(1204118)).toBe('1,204,118');
    expect(formatNumber(5.6, 2)).toBe('5.60');
  });
  it('keeps six significant digits when the precision is not known', () => {
    expect(formatNumber(0.1 + 0.2)).toBe('0.3');
    expect(formatNumber(123456.789)).toBe('123,456.8');
  });
  it('prints what is not a plain number', () => {
    expect(formatNumber(Number.NaN)).toBe('NaN');
    expect(formatNumber(-Infinity)).toBe('\u2212\u221E');
    expect(formatNumber(1.5e20)).toBe('1.500e+20');
  });
});

describe('units', () => {
  it('puts a narrow no-break space before every unit, also % and ℃', () => {
    expect(withUnit('5.6', 'Cel')).toBe('5.6\u202F℃');
    expect(withUnit('5.6', '%')).toBe('5.6\u202F%');
    expect(withUnit('3', '1')).toBe('3');
  });
  it('writes UCUM codes as people do', () => {
    expect(unitText('m3/h')).toBe('m³/h');
    expect(unitText('{bottle}/h')).toBe('bottle/h');
  });
});

describe('shares and sizes', () => {
  it('never rounds a share below one up to 100 %', () => {
    expect(formatPercent(0.99999)).toBe('99.9\u202F%');
    expect(formatPercent(1)).toBe('100.0\u202F%');
  });
  it('chooses the prefix', () => {
    expect(formatBytes(999)).toBe('999\u202FB');
    expect(formatBytes(11_600_000)).toBe('11.6\u202FMB');
  });
});
