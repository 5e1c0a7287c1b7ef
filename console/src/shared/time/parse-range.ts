// SPDX-License-Identifier: Apache-2.0
import { fixedRange, floorTo, addUnits, resolveRange, type CalendarUnit, type Range, type SpanUnit } from './range';
import { instantOf, wallOf, type Wall } from './zone';

/** Why a text is no range; the language files hold sentence and example under `common:range.refused.<reason>`. */
export type RangeRefusal = 'empty' | 'unknown' | 'shift' | 'batch' | 'order' | 'date' | 'long';
export type ParsedRange = { ok: true; range: Range } | { ok: false; reason: RangeRefusal };

interface Context {
  now: number;
  zone: string;
}

const refuse = (reason: RangeRefusal): ParsedRange => ({ ok: false, reason });

const spanWords: Record<string, SpanUnit> = {
  s: 's', sec: 's', second: 's', seconds: 's', 秒: 's', 秒钟: 's',
  m: 'm', min: 'm', mins: 'm', minute: 'm', minutes: 'm', 分: 'm', 分钟: 'm',
  h: 'h', hr: 'h', hrs: 'h', hour: 'h', hours: 'h', 小时: 'h', 时: 'h', 个小时: 'h', 钟头: 'h',
  d: 'd', day: 'd', days: 'd', 天: 'd', 日: 'd',
  w: 'w', week: 'w', weeks: 'w', 周: 'w', 星期: 'w', 个星期: 'w', 礼拜: 'w',
  mo: 'mo', month: 'mo', months: 'mo', 月: 'mo', 个月: 'mo',
  y: 'y', yr: 'y', year: 'y', years: 'y', 年: 'y',
};
const calendar: Record<string, Range> = {
  today: 'today', 今天: 'today', 今日: 'today', 当天: 'today', 当日: 'today',
  yesterday: 'yesterday', 昨天: 'yesterday', 昨日: 'yesterday',
  'this week': 'this-week', 本周: 'this-week', 这周: 'this-week', 'last week': 'last-week', 上周: 'last-week',
  'this month': 'this-month', 本月: 'this-month', 'last month': 'last-month', 上月: 'last-month', 上个月: 'last-month',
  'this year': 'this-year', 今年: 'this-year', 本年: 'this-year', 'last year': 'last-year', 去年: 'last-year',
};
const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const SHIFT = /^(shift(\s*-?\s*\d+)?|(last|previous|this|night|day|late|early|morning)\s+shift|night\b.*|本班|上一班|.*(夜班|白班|早班|中班|晚班))$/;

/** Reads what a person typed, in either language; doubtful input is refused, never guessed. */
export function parseRange(typed: string, context: Context): ParsedRange {
  const text = normalise(typed);
  if (text === '') return refuse('empty');
  if (text.length > 100) return refuse('unknown');
  if (/^(batch\b|批次)/.test(text)) return refuse('batch');
  if (SHIFT.test(text)) return refuse('shift');
  const word = Object.hasOwn(calendar, text) ? calendar[text] : undefined;
  if (word) return { ok: true, range: word };
  const canonical = resolveRange(typed.trim(), context.now, context.zone);
  if (canonical) return { ok: true, range: typed.trim() };
  return span(text, context) ?? relative(text, context) ?? isoPeriod(text, context) ?? interval(text, context) ?? refuse('unknown');
}

function normalise(typed: string): string {
  return typed
    .normalize('NFKC')
    .trim()
    .toLowerCase()
    .replaceAll(/[–—〜～]/g, '~')
    .replaceAll('−', '-')
    .replaceAll(/\s+/g, ' ');
}

function running(count: string, unit: SpanUnit, { now, zone }: Context): ParsedRange {
  const range = `${Number(count)}${unit}`;
  if (Number(count) === 0) return refuse('order');
  return resolveRange(range, now, zone) ? { ok: true, range } : refuse('long');
}

function span(text: string, context: Context): ParsedRange | null {
  const match = /^(?:last |past |最近|过去|近)?\s?(\d{1,5})\s?([a-z]+|[\u4e00-\u9fff]+)$/.exec(text);
  const unit = match?.[2] === undefined || !Object.hasOwn(spanWords, match[2]) ? undefined : spanWords[match[2]];
  return match?.[1] && unit ? running(match[1], unit, context) : null;
}

/** Grafana `now-6h`, `now-6h/d`, `now-2d/d to now-1d/d`; PI `*-8h`, `*-8h to *-2h`. */
function relative(text: string, context: Context): ParsedRange | null {
  if (!/^(now|\*)/.test(text)) return null;
  const parts = text.replaceAll('*', 'now').split(/ to |~|,| - /).map((part) => part.trim());
  const [first, second] = parts;
  if (first === undefined || parts.length > 2) return refuse('unknown');
  if (second === undefined || second === 'now') {
    const bare = /^now-(\d{1,5})(s|m|h|d|w|mo|y)$/.exec(first);
    if (bare?.[1]) return running(bare[1], bare[2] as SpanUnit, context);
    return resolveRange(first, context.now, context.zone) ? { ok: true, range: first } : refuse('unknown');
  }
  const from = moment(first, context, false);
  const to = moment(second, context, true);
  return from === null || to === null ? refuse('unknown') : fixed(from, to);
}

function moment(text: string, { now, zone }: Context, end: boolean): number | null {
  const match = /^now(?:-(\d{1,5})(s|m|h|d|w|mo|y))?(?:\/(h|d|w|mo|y))?$/.exec(text);
  if (!match) return null;
  const at = match[1] ? addUnits(now, -Number(match[1]), match[2] as SpanUnit, zone) : now;
  if (!match[3]) return at;
  const unit = match[3] as CalendarUnit;
  const floor = floorTo(at, unit, zone);
  return end ? addUnits(floor, 1, unit, zone) : floor;
}

/** ISO 8601 `start/PT8H`, `start/end`; a start without offset is the site's clock. */
function isoPeriod(text: string, context: Context): ParsedRange | null {
  const match = /^(\d{4}-\d\d-\d\d(?:t[\d:.]+(?:z|[+-]\d\d:?\d\d)?)?)\/(.+)$/.exec(text);
  if (!match?.[1] || !match[2]) return null;
  const from = isoMoment(match[1], context);
  if (from === null) return refuse('date');
  const duration = /^p(?:(\d+)w)?(?:(\d+)d)?(?:t(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?)?$/.exec(match[2]);
  if (duration) {
    let to = addUnits(from, Number(duration[1] ?? 0) * 7 + Number(duration[2] ?? 0), 'd', context.zone);
    to += Number(duration[3] ?? 0) * 3_600_000 + Number(duration[4] ?? 0) * 60_000 + Number(duration[5] ?? 0) * 1000;
    return fixed(from, to);
  }
  const to = isoMoment(match[2], context);
  return to === null ? refuse('date') : fixed(from, to);
}

function isoMoment(text: string, { zone }: Context): number | null {
  if (/(z|[+-]\d\d:?\d\d)$/.test(text) && text.includes('t')) {
    const ms = Date.parse(text.toUpperCase());
    return Number.isNaN(ms) ? null : ms;
  }
  const match = /^(\d{4})-(\d\d)-(\d\d)(?:t(\d\d):(\d\d)(?::(\d\d))?)?$/.exec(text);
  if (!match) return null;
  return valid(
    { year: Number(match[1]), month: Number(match[2]), day: Number(match[3]), hour: Number(match[4] ?? 0), minute: Number(match[5] ?? 0), second: Number(match[6] ?? 0) },
    zone,
  );
}

function valid(wall: Wall, zone: string): number | null {
  const last = new Date(Date.UTC(wall.year, wall.month, 0)).getUTCDate();
  const dayEnd = wall.hour === 24 && wall.minute === 0 && wall.second === 0;
  const fine =
    wall.month >= 1 && wall.month <= 12 && wall.day >= 1 && wall.day <= last &&
    (wall.hour <= 23 || dayEnd) && wall.minute <= 59 && wall.second <= 59 && wall.year >= 1970 && wall.year <= 2200;
  if (!fine) return null;
  return dayEnd ? addUnits(instantOf({ ...wall, hour: 0 }, zone), 1, 'd', zone) : instantOf(wall, zone);
}

const DAY = String.raw`(?:(\d{4})[-/年])?(\d{1,2})[-/月](\d{1,2})日?|(\d{1,2}) ?([a-z]{3,9})(?: (\d{4}))?`;
const CLOCK = String.raw`(\d{1,2})(?:[:点时](\d{2})?分?)(?::(\d{2}))?`;
const SIDE = new RegExp(`^(?:(?:${DAY}) ?)?(?:${CLOCK})?$`);

interface Side {
  day: Pick<Wall, 'year' | 'month' | 'day'> | null;
  clock: Pick<Wall, 'hour' | 'minute' | 'second'> | null;
}

function side(text: string, { now, zone }: Context): Side | null {
  const m = SIDE.exec(text);
  if (!m || text === '') return null;
  const year = wallOf(now, zone).year;
  let day: Side['day'] = null;
  if (m[2] && m[3]) day = { year: Number(m[1] ?? year), month: Number(m[2]), day: Number(m[3]) };
  if (m[4] && m[5]) {
    const month = months.findIndex((name) => m[5] === name || (m[5]?.startsWith(name) ?? false)) + 1;
    if (month === 0) return null;
    day = { year: Number(m[6] ?? year), month, day: Number(m[4]) };
  }
  const clock = m[7] ? { hour: Number(m[7]), minute: Number(m[8] ?? 0), second: Number(m[9] ?? 0) } : null;
  return { day, clock };
}

/** `14 Jul 6:00 - 14:00`, `7-14 6:00~14:00`, `14 Jul` (whole day), `7月14日 6:00 到 14:00`. */
function interval(text: string, context: Context): ParsedRange | null {
  const parts = text.split(/~| to |到|至| - |(?<=\d:\d\d) ?- ?(?=\d)/).map((part) => part.trim());
  if (parts.length > 2) return null;
  const first = side(parts[0] ?? '', context);
  if (!first) return null;
  const midnight = { hour: 0, minute: 0, second: 0 };
  if (parts.length === 1) {
    if (!first.day || first.clock) return null;
    const from = valid({ ...first.day, ...midnight }, context.zone);
    return from === null ? refuse('date') : fixed(from, addUnits(from, 1, 'd', context.zone));
  }
  const second = side(parts[1] ?? '', context);
  if (!second || (!first.day && !first.clock)) return null;
  const today = wallOf(context.now, context.zone);
  const startDay = first.day ?? { year: today.year, month: today.month, day: today.day };
  const from = valid({ ...startDay, ...(first.clock ?? midnight) }, context.zone);
  let to = valid({ ...(second.day ?? startDay), ...(second.clock ?? midnight) }, context.zone);
  if (from === null || to === null) return refuse('date');
  // A last day without a clock is meant whole.
  if (second.day && !second.clock) to = addUnits(to, 1, 'd', context.zone);
  return fixed(from, to);
}

function fixed(from: number, to: number): ParsedRange {
  if (from >= to) return refuse('order');
  const range = fixedRange(from, to);
  return resolveRange(range, to, 'UTC') ? { ok: true, range } : refuse('long');
}
