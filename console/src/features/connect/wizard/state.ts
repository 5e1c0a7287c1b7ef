// SPDX-License-Identifier: Apache-2.0
import type { FieldError } from '@/shared/api/problem';
import type { DeviceClass, Schema } from '@/shared/api/types';
import type { FormValue } from '@/shared/form/schema';
import type { PointSpec, TestReport } from '../api';
import { ucumOf } from './unitCode';

/** Where an interrupted wizard goes on; `valid`: the connection is complete (passwords are not kept and have to be typed again). */
export function stepToResume(state: WizardState, valid: boolean): Step {
  if (state.driver === null) return 'protocol';
  if (!valid) return 'connection';
  if (state.points.length > 0) return state.points.some(lacksUnit) ? 'mapping' : 'points';
  return 'connection';
}

export const steps = ['protocol', 'connection', 'points', 'mapping', 'review'] as const;
export type Step = (typeof steps)[number];

export type ValueType = Schema<'ValueType'>;

/** A point on its way; numbers are kept as typed so that nothing typed is lost. */
export interface PointDraft {
  key: string;
  name: string;
  description: string;
  address: string;
  /** Type the driver tells for the address; null while it is not known. */
  native: ValueType | null;
  unit: string;
  scale: string;
  offset: string;
  period: string;
  low: string;
  high: string;
  writable: boolean;
  write: boolean;
  /** Where it hangs in the address space, for the basket. */
  folder: string;
  /** What the driver says against the address; empty when nothing. */
  trouble: string;
}

export interface DeviceDraft {
  name: string;
  description: string;
  class: DeviceClass;
  equipment: string;
}

export interface TestState {
  report: TestReport;
  at: number;
  /** The settings that were tested, as JSON; other settings make the test old. */
  of: string;
}

export interface WizardState {
  driver: string | null;
  /** Id of the saved source that is used again; null for a new one. */
  link: string | null;
  linkName: string;
  linkConfig: FormValue;
  deviceConfig: FormValue;
  device: DeviceDraft;
  points: PointDraft[];
  test: TestState | null;
}

export const freshState: WizardState = {
  driver: null, link: null, linkName: '', linkConfig: {}, deviceConfig: {},
  device: { name: '', description: '', class: 'production_equipment', equipment: '' }, points: [], test: null,
};

let made = 0;

export function newPoint(init: Partial<PointDraft> = {}): PointDraft {
  made += 1;
  return {
    key: `p${Date.now().toString(36)}-${made}`, name: '', description: '', address: '', native: null, unit: '', scale: '1', offset: '0',
    period: '1000', low: '', high: '', writable: false, write: false, folder: '', trouble: '', ...init,
  };
}

/** What a test of these settings would have been made with. */
export function testKey(state: WizardState, link: FormValue, device: FormValue): string {
  return JSON.stringify([state.driver, state.link, state.link === null ? link : null, device]);
}

const number = (text: string): number | null => (text.trim() === '' ? null : Number(text));

/** Type of the stored values: whole numbers that are scaled to fractions become numbers. */
export function storedType(point: PointDraft): ValueType {
  const native = point.native ?? 'double';
  if (native !== 'int64') return native;
  return Number.isInteger(Number(point.scale || 1)) && Number.isInteger(Number(point.offset || 0)) ? 'int64' : 'double';
}

export function isNumeric(point: PointDraft): boolean {
  return point.native !== 'bool' && point.native !== 'string';
}

/** Without a unit a number says little; switches and texts need none. */
export function lacksUnit(point: PointDraft): boolean {
  return isNumeric(point) && point.unit.trim() === '';
}

/** Longest silence of a state or set point whose source reports changes only; it says nothing while nothing happens. */
const QUIET_MS = 86_400_000;

/** `onChange`: the source reports changes by itself instead of being polled. */
export function specOf(point: PointDraft, onChange: boolean): PointSpec {
  const numeric = isNumeric(point);
  return {
    name: point.name.trim(),
    description: point.description,
    address: point.address.trim(),
    type: storedType(point),
    unit: !numeric || point.unit.trim() === '' ? null : ucumOf(point.unit),
    ...(numeric ? { scale: number(point.scale) ?? 1, offset: number(point.offset) ?? 0, limit_low: number(point.low), limit_high: number(point.high) } : {}),
    period_ms: number(point.period) ?? 1000,
    access: point.write ? 'read_write' : 'read',
    ...(onChange && (!numeric || point.writable) ? { expected_interval_ms: QUIET_MS } : {}),
  };
}

export type PointField = 'name' | 'address' | 'unit' | 'scale' | 'offset' | 'period' | 'low' | 'high';
export type PointIssue = 'required' | 'double' | 'number' | 'zero' | 'period' | 'order' | 'long' | 'address';

/** Members of the contract that a column of the table stands for. */
const fieldOfMember: Record<string, PointField> = {
  name: 'name', address: 'address', unit: 'unit', scale: 'scale', offset: 'offset', period_ms: 'period', limit_low: 'low', limit_high: 'high', type: 'address',
};

function issuesOf(point: PointDraft): [PointField, PointIssue][] {
  const found: [PointField, PointIssue][] = [];
  if (point.name.trim() === '') found.push(['name', 'required']);
  else if (point.name.length > 200) found.push(['name', 'long']);
  if (point.address.trim() === '') found.push(['address', 'required']);
  else if (point.trouble !== '') found.push(['address', 'address']);
  if (isNumeric(point)) {
    for (const field of ['scale', 'offset', 'low', 'high'] as const) if (!Number.isFinite(Number(point[field]))) found.push([field, 'number']);
    if (point.scale.trim() !== '' && Number(point.scale) === 0) found.push(['scale', 'zero']);
    if (point.low.trim() !== '' && point.high.trim() !== '' && Number(point.low) >= Number(point.high)) found.push(['high', 'order']);
  }
  const period = Number(point.period);
  if (point.period.trim() !== '' && !(Number.isInteger(period) && period >= 10 && period <= 86_400_000)) found.push(['period', 'period']);
  return found;
}

/** Everything wrong with the rows, by row key and field. */
export function judgePoints(points: readonly PointDraft[]): Map<string, Map<PointField, PointIssue>> {
  const seen = new Map<string, number>();
  for (const point of points) seen.set(point.name.trim(), (seen.get(point.name.trim()) ?? 0) + 1);
  const all = new Map<string, Map<PointField, PointIssue>>();
  for (const point of points) {
    const own = issuesOf(point);
    const name = point.name.trim();
    if (name !== '' && (seen.get(name) ?? 0) > 1) own.push(['name', 'double']);
    if (own.length > 0) all.set(point.key, new Map(own));
  }
  return all;
}

/** The field of a row that an error of the server belongs to. */
export function pointErrorAt(error: FieldError, points: readonly PointDraft[]): { key: string; field: PointField } | null {
  const [, index, member = ''] = /^\/points\/(\d+)(?:\/([^/]+))?/.exec(error.pointer) ?? [];
  const point = index === undefined ? undefined : points[Number(index)];
  return point ? { key: point.key, field: fieldOfMember[member] ?? 'name' } : null;
}

/** The step that holds the field of an error of the server. */
export function stepOfPointer(pointer: string): Step {
  if (/^\/points\/\d+\/(name|address|type)/.test(pointer)) return 'points';
  return pointer.startsWith('/points') ? 'mapping' : 'connection';
}
