// SPDX-License-Identifier: Apache-2.0
import { instantOf, wallOf, type Wall } from './zone';

/**
 * A time range as it stands in the address, free of language and zone:
 *   running   `8h` `15m` `3mo`            the span ending now
 *   calendar  `today` `this-week` …       of the site's calendar
 *   rounded   `now-6h/d`                  from a rounded moment until now
 *   fixed     `2026-07-13T22:00:00.000Z/2026-07-14T06:00:00.000Z`
 */
export type Range = string;

export interface Resolved {
  from: number;
  to: number;
  /** The end moves with the clock. */
  running: boolean;
}

export type SpanUnit = 's' | 'm' | 'h' | 'd' | 'w' | 'mo' | 'y';
export type CalendarUnit = 'd' | 'w' | 'mo' | 'y';

const MAX_SPAN = 20 * 366 * 86_400_000;
const fixedMs: Record<Exclude<SpanUnit, 'mo' | 'y'>, number> = {
  s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000,
};
const calendarWords: Record<string, [CalendarUnit, number]> = {
  today: ['d', 0], yesterday: ['d', -1], 'this-week': ['w', 0], 'last-week': ['w', -1],
  'this-month': ['mo', 0], 'last-month': ['mo', -1], 'this-year': ['y', 0], 'last-year': ['y', -1],
};

/** `ms` moved by whole units on the wall clock of the zone (months and years keep the day, cut at the month's end). */
export function addUnits(ms: number, count: number, unit: SpanUnit, zone: string): number {
  if (unit === 's' || unit === 'm' || unit === 'h') return ms + count * fixedMs[unit];
  const wall = wallOf(ms, zone);
  if (unit === 'd' || unit === 'w') {
    const day = new Date(Date.UTC(wall.year, wall.month - 1, wall.day + count * (unit === 'w' ? 7 : 1)));
    return instantOf(onDay(wall, day), zone) + (ms % 1000);
  }
  const months = wall.year * 12 + wall.month - 1 + count * (unit === 'y' ? 12 : 1);
  const year = Math.floor(months / 12);
  const month = (months % 12) + 1;
  const last = new Date(Date.UTC(year, month, 0)).getUTCDate();
  return instantOf({ ...wall, year, month, day: Math.min(wall.day, last) }, zone) + (ms % 1000);
}

function onDay(wall: Wall, day: Date): Wall {
  return { ...wall, year: day.getUTCFullYear(), month: day.getUTCMonth() + 1, day: day.getUTCDate() };
}

/** Start of the hour, day, week (Monday), month or year that holds `ms`. */
export function floorTo(ms: number, unit: SpanUnit, zone: string): number {
  const w = wallOf(ms, zone);
  if (unit === 's') return Math.floor(ms / 1000) * 1000;
  if (unit === 'm') return instantOf({ ...w, second: 0 }, zone);
  if (unit === 'h') return instantOf({ ...w, minute: 0, second: 0 }, zone);
  const start = { ...w, hour: 0, minute: 0, second: 0 };
  if (unit === 'w') {
    const weekday = (new Date(Date.UTC(w.year, w.month - 1, w.day)).getUTCDay() + 6) % 7;
    return instantOf(onDay(start, new Date(Date.UTC(w.year, w.month - 1, w.day - weekday))), zone);
  }
  if (unit === 'mo') return instantOf({ ...start, day: 1 }, zone);
  if (unit === 'y') return instantOf({ ...start, month: 1, day: 1 }, zone);
  return instantOf(start, zone);
}

const short = (count: string | undefined, unit: SpanUnit): boolean =>
  Number(count) * (unit === 'y' ? 366 * fixedMs.d : unit === 'mo' ? 31 * fixedMs.d : fixedMs[unit]) <= MAX_SPAN;

export function fixedRange(from: number, to: number): Range {
  return `${new Date(from).toISOString()}/${new Date(to).toISOString()}`;
}

/** The moments a range of the address means at `now`; null when it is none (a hand-written address). */
export function resolveRange(range: Range, now: number, zone: string): Resolved | null {
  const checked = (from: number, to: number, running: boolean): Resolved | null =>
    Number.isFinite(from) && Number.isFinite(to) && from < to && to - from <= MAX_SPAN ? { from, to, running } : null;

  const word = Object.hasOwn(calendarWords, range) ? calendarWords[range] : undefined;
  if (word) {
    const [unit, shift] = word;
    const from = floorTo(addUnits(floorTo(now, unit, zone), shift, unit, zone), unit, zone);
    const end = addUnits(from, 1, unit, zone);
    return checked(from, end, false);
  }
  const running = /^(\d{1,5})(s|m|h|d|w|mo|y)$/.exec(range);
  if (running) {
    const unit = running[2] as SpanUnit;
    return short(running[1], unit) ? checked(addUnits(now, -Number(running[1]), unit, zone), now, true) : null;
  }
  const rounded = /^now(?:-(\d{1,5})(s|m|h|d|w|mo|y))?\/(h|d|w|mo|y)$/.exec(range);
  if (rounded) {
    if (rounded[1] && !short(rounded[1], rounded[2] as SpanUnit)) return null;
    const start = rounded[1] ? addUnits(now, -Number(rounded[1]), rounded[2] as SpanUnit, zone) : now;
    return checked(floorTo(start, rounded[3] as SpanUnit, zone), now, true);
  }
  const [first, second, ...rest] = range.split('/');
  if (first && second && rest.length === 0 && /^\d{4}-\d\d-\d\dT.*Z$/.test(first) && /^\d{4}-\d\d-\d\dT.*Z$/.test(second)) {
    return checked(Date.parse(first), Date.parse(second), false);
  }
  return null;
}

/** The range one span earlier (-1) or later (1); always fixed. */
export function stepRange(range: Range, direction: -1 | 1, now: number, zone: string): Range {
  const at = resolveRange(range, now, zone);
  if (!at) return range;
  const word = Object.hasOwn(calendarWords, range) ? calendarWords[range] : undefined;
  if (word) {
    const from = addUnits(at.from, direction, word[0], zone);
    return fixedRange(from, addUnits(from, 1, word[0], zone));
  }
  const span = at.to - at.from;
  return fixedRange(at.from + direction * span, at.to + direction * span);
}

export function isCalendarRange(range: Range): boolean {
  return Object.hasOwn(calendarWords, range);
}
