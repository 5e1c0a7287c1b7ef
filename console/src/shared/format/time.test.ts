// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { formatDateTime, formatShort, parseTime, spanOf } from './time';
import { instantOf, offsetText, wallOf } from '@/shared/time/zone';

describe('formatting in the zone of the site', () => {
  const noon = Date.UTC(2026, 6, 14, 5, 42, 8);
  it('prints date and clock of the site, not of the browser', () => {
    expect(formatDateTime(noon, 'Asia/Shanghai')).toBe('2026-07-14 13:42');
    expect(formatDateTime(noon, 'America/New_York', true)).toBe('2026-07-14 01:42:08');
    expect(offsetText(noon, 'Asia/Shanghai')).toBe('UTC+08:00');
  });
  it('leaves the date away only today', () => {
    expect(formatShort(noon, noon, 'UTC')).toBe('05:42:08');
    expect(formatShort(noon, noon + 86_400_000, 'UTC')).toBe('2026-07-14 05:42');
  });
  it('reads RFC 3339 with nanoseconds and ns as text', () => {
    expect(parseTime('2026-07-14T05:42:08.123456789Z')).toBe(noon + 123);
    expect(parseTime(String(BigInt(noon) * 1_000_000n))).toBe(noon);
    expect(parseTime('yesterday')).toBeNull();
    expect(parseTime(null)).toBeNull();
  });
  it('chooses the unit of a duration', () => {
    expect(spanOf(41)).toEqual({ value: '41', unit: 'ms' });
    expect(spanOf(400)).toEqual({ value: '0.4', unit: 's' });
    expect(spanOf(4100)).toEqual({ value: '4.1', unit: 's' });
    expect(spanOf(360_000)).toEqual({ value: '6', unit: 'min' });
  });
});

describe('zone arithmetic', () => {
  it('finds the moment of a wall clock on both sides of summer time', () => {
    const spring = instantOf({ year: 2026, month: 3, day: 29, hour: 3, minute: 30, second: 0 }, 'Europe/Berlin');
    expect(new Date(spring).toISOString()).toBe('2026-03-29T01:30:00.000Z');
    expect(wallOf(spring, 'Europe/Berlin').hour).toBe(3);
    const winter = instantOf({ year: 2026, month: 12, day: 1, hour: 0, minute: 0, second: 0 }, 'Europe/Berlin');
    expect(new Date(winter).toISOString()).toBe('2026-11-30T23:00:00.000Z');
  });
});
