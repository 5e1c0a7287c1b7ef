// SPDX-License-Identifier: Apache-2.0
import { wallOf } from '@/shared/time/zone';

const two = (n: number): string => String(n).padStart(2, '0');

export function formatDate(ms: number, zone: string): string {
  const w = wallOf(ms, zone);
  return `${w.year}-${two(w.month)}-${two(w.day)}`;
}

export function formatClock(ms: number, zone: string, seconds = true): string {
  const w = wallOf(ms, zone);
  return `${two(w.hour)}:${two(w.minute)}${seconds ? `:${two(w.second)}` : ''}`;
}

/** `2026-07-14 13:42` in the site's zone. */
export function formatDateTime(ms: number, zone: string, seconds = false): string {
  return `${formatDate(ms, zone)} ${formatClock(ms, zone, seconds)}`;
}

/** The clock alone for today, date and clock otherwise. */
export function formatShort(ms: number, now: number, zone: string): string {
  return formatDate(ms, zone) === formatDate(now, zone) ? formatClock(ms, zone) : formatDateTime(ms, zone);
}

/** Milliseconds of an RFC 3339 text (fractions down to ns are cut), of ns as decimal text, or null. */
export function parseTime(text: string | number | null | undefined): number | null {
  if (text === null || text === undefined || text === '') return null;
  if (typeof text === 'number') return text > 1e14 ? text / 1e6 : text;
  if (/^-?\d+$/.test(text)) return Number(BigInt(text) / 1_000n) / 1000;
  const ms = Date.parse(text.replace(/(\.\d{3})\d+/, '$1'));
  return Number.isNaN(ms) ? null : ms;
}

export interface Span {
  value: string;
  unit: 'ms' | 's' | 'min' | 'h' | 'd';
}

/** A duration in its natural unit; the unit's word comes from the language files (`common:span.*`). */
export function spanOf(ms: number): Span {
  const s = Math.max(0, ms) / 1000;
  if (s < 0.0995) return { value: String(Math.round(s * 1000)), unit: 'ms' };
  if (s < 10) return { value: s.toFixed(1), unit: 's' };
  if (s < 120) return { value: String(Math.round(s)), unit: 's' };
  if (s < 7200) return { value: String(Math.round(s / 60)), unit: 'min' };
  if (s < 172_800) return { value: (s / 3600).toFixed(1), unit: 'h' };
  return { value: String(Math.round(s / 86_400)), unit: 'd' };
}
