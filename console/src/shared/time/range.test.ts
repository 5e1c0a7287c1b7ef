// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { parseRange } from './parse-range';
import { resolveRange, stepRange } from './range';

const zone = 'Asia/Shanghai';
const now = Date.parse('2026-07-14T13:42:00+08:00');
const parse = (text: string): string => {
  const result = parseRange(text, { now, zone });
  return result.ok ? result.range : `refused: ${result.reason}`;
};
const between = (from: string, to: string): string =>
  `${new Date(`${from}+08:00`).toISOString()}/${new Date(`${to}+08:00`).toISOString()}`;

describe('parseRange', () => {
  it.each([
    ['8h', '8h'], ['last 8 h', '8h'], ['近8小时', '8h'], ['近 8 小时', '8h'], ['最近15分钟', '15m'], ['15m', '15m'],
    ['2d', '2d'], ['1w', '1w'], ['3mo', '3mo'], ['3 个月', '3mo'], ['1y', '1y'], ['90 min', '90m'],
  ])('reads the running range %s', (text, range) => expect(parse(text)).toBe(range));

  it.each([
    ['today', 'today'], ['昨天', 'yesterday'], ['this week', 'this-week'], ['上月', 'last-month'], ['Last Year', 'last-year'],
  ])('reads the calendar word %s', (text, range) => expect(parse(text)).toBe(range));

  it.each([
    ['14 Jul 6:00 - 14:00', '2026-07-14T06:00', '2026-07-14T14:00'],
    ['14 July 6:00-14:00', '2026-07-14T06:00', '2026-07-14T14:00'],
    ['7-14 6:00~14:00', '2026-07-14T06:00', '2026-07-14T14:00'],
    ['7月14日 6:00～14:00', '2026-07-14T06:00', '2026-07-14T14:00'],
    ['7月14日6点到14点30分', '2026-07-14T06:00', '2026-07-14T14:30'],
    ['2026-07-14T06:00/PT8H', '2026-07-14T06:00', '2026-07-14T14:00'],
    ['2026-07-14 06:00 to 2026-07-15 02:00', '2026-07-14T06:00', '2026-07-15T02:00'],
    ['13 Jul', '2026-07-13T00:00', '2026-07-14T00:00'],
    ['12 Jul to 13 Jul', '2026-07-12T00:00', '2026-07-14T00:00'],
    ['2026-07-14 20:00 - 24:00', '2026-07-14T20:00', '2026-07-15T00:00'],
    ['6:00 - 12:00', '2026-07-14T06:00', '2026-07-14T12:00'],
    ['*-8h to *-2h', '2026-07-14T05:42', '2026-07-14T11:42'],
    ['now-2d/d to now-1d/d', '2026-07-12T00:00', '2026-07-14T00:00'],
  ])('reads the fixed range %s', (text, from, to) => expect(parse(text)).toBe(between(from, to)));

  it.each([['now-6h/d', 'now-6h/d'], ['now-6h', '6h'], ['*-8h', '8h'], ['now-6h to now', '6h']])(
    'accepts %s as its users type it', (text, range) => expect(parse(text)).toBe(range));

  it.each([
    ['shift', 'shift'], ['shift-1', 'shift'], ['本班', 'shift'], ['上一班', 'shift'], ['14日夜班', 'shift'], ['night 14 Jul', 'shift'],
    ['batch 260714-03', 'batch'], ['批次 260714-03', 'batch'],
    ['', 'empty'], ['soon', 'unknown'], ['8', 'unknown'], ['8 parsecs', 'unknown'], ['14', 'unknown'], ['constructor', 'unknown'],
    ['7-14 14:00~6:00', 'order'], ['0h', 'order'], ['31 Feb', 'date'], ['7-14 25:00~26:00', 'date'], ['90y', 'long'],
  ])('refuses %s (%s)', (text, reason) => expect(parse(text)).toBe(`refused: ${reason}`));

  it('takes its own canonical form back', () => {
    const range = parse('7-14 6:00~14:00');
    expect(parse(range)).toBe(range);
  });
});

describe('resolveRange', () => {
  it('ends a running range now and a calendar range at its own end', () => {
    expect(resolveRange('8h', now, zone)).toEqual({ from: now - 8 * 3_600_000, to: now, running: true });
    const day = resolveRange('today', now, zone);
    expect(new Date(day?.from ?? 0).toISOString()).toBe('2026-07-13T16:00:00.000Z');
    expect((day?.to ?? 0) - (day?.from ?? 0)).toBe(86_400_000);
  });
  it('follows summer time: a day may have 23 hours', () => {
    const day = resolveRange('today', Date.parse('2026-03-29T12:00:00Z'), 'Europe/Berlin');
    expect((day?.to ?? 0) - (day?.from ?? 0)).toBe(23 * 3_600_000);
  });
  it('cuts months at their end and starts weeks on Monday', () => {
    const at = Date.parse('2026-03-31T12:00:00Z');
    expect(new Date(resolveRange('1mo', at, 'UTC')?.from ?? 0).toISOString()).toBe('2026-02-28T12:00:00.000Z');
    expect(new Date(resolveRange('this-week', at, 'UTC')?.from ?? 0).toISOString()).toBe('2026-03-30T00:00:00.000Z');
  });
  it('gives null for an address written by hand wrongly', () => {
    for (const bad of ['', 'x', '8', 'a/b', '2026-07-14T00:00:00Z/2026-07-13T00:00:00Z', '99999y', '__proto__']) {
      expect(resolveRange(bad, now, zone)).toBeNull();
    }
  });
});

describe('stepRange', () => {
  it('turns a running range into the fixed one before it', () => {
    expect(stepRange('8h', -1, now, zone)).toBe(between('2026-07-13T21:42', '2026-07-14T05:42'));
  });
  it('steps calendar ranges by their own unit', () => {
    expect(stepRange('this-month', -1, now, zone)).toBe(between('2026-06-01T00:00', '2026-07-01T00:00'));
  });
});
