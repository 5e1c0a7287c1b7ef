// SPDX-License-Identifier: Apache-2.0
import type { Point, Schema } from '@/shared/api/types';
import type { Draft } from '@/shared/form/merge';

/** Members that are typed as text and sent as numbers; null where the contract allows an empty one. */
export const numbers = ['scale', 'offset', 'limit_low', 'limit_high', 'normal_low', 'normal_high', 'deadband', 'period_ms', 'expected_interval_ms'] as const;
const mayBeEmpty: ReadonlySet<string> = new Set(['limit_low', 'limit_high', 'normal_low', 'normal_high', 'expected_interval_ms']);
const whole: ReadonlySet<string> = new Set(['period_ms', 'expected_interval_ms']);
export const onlyNumeric: ReadonlySet<string> = new Set(['unit', 'scale', 'offset', 'limit_low', 'limit_high', 'normal_low', 'normal_high', 'deadband']);

export const isNumeric = (type: unknown): boolean => type === 'double' || type === 'int64';

/** A saved point as the form holds it. */
export function draftOf(point: Point): Draft {
  const typed = Object.fromEntries(numbers.map((key) => [key, point[key] === null ? '' : String(point[key])]));
  return { name: point.name, description: point.description, address: point.address, unit: point.unit ?? '', access: point.access, enabled: point.enabled, ...typed };
}

export const newDraft: Draft = {
  name: '', description: '', address: '', type: 'double', unit: '', access: 'read', enabled: true,
  scale: '1', offset: '0', limit_low: '', limit_high: '', normal_low: '', normal_high: '', deadband: '0', period_ms: '1000', expected_interval_ms: '',
};

/** Members of the form as the API takes them. */
export function bodyOf(draft: Draft): Schema<'PointPatch'> {
  return Object.fromEntries(Object.entries(draft).map(([key, value]) => {
    if (key === 'unit') return [key, String(value).trim() || null];
    if (key === 'name' || key === 'address') return [key, String(value).trim()];
    if (!(numbers as readonly string[]).includes(key)) return [key, value];
    const text = String(value).trim();
    return [key, text === '' ? null : Number(text)];
  }));
}

export type DraftProblem = 'required' | 'number' | 'integer' | 'zero' | 'negative' | 'order';

/** What is wrong with the members, by key. */
export function judgeDraft(draft: Draft, type: unknown): Record<string, DraftProblem> {
  const found: Record<string, DraftProblem> = {};
  if (String(draft['name']).trim() === '') found['name'] = 'required';
  const value = (key: string): number | null => (String(draft[key] ?? '').trim() === '' ? null : Number(draft[key]));
  for (const key of numbers) {
    if (onlyNumeric.has(key) && !isNumeric(type)) continue;
    const number = value(key);
    if (number === null) {
      if (!mayBeEmpty.has(key)) found[key] = 'required';
    } else if (!Number.isFinite(number)) found[key] = 'number';
    else if (whole.has(key) && !Number.isInteger(number)) found[key] = 'integer';
    else if (key === 'scale' && number === 0) found[key] = 'zero';
    else if (number < 0 && (key === 'deadband' || whole.has(key))) found[key] = 'negative';
  }
  for (const kind of ['limit', 'normal']) {
    const [low, high] = [value(`${kind}_low`), value(`${kind}_high`)];
    if (low !== null && high !== null && low >= high) found[`${kind}_high`] ??= 'order';
  }
  return found;
}
