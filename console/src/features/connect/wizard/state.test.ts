// SPDX-License-Identifier: Apache-2.0
import { afterEach, describe, expect, it } from 'vitest';
import { forgetDraft, readDraft, withoutSecrets, writeDraft } from './draft';
import { freshState, judgePoints, newPoint, pointErrorAt, specOf, stepOfPointer, stepToResume, storedType } from './state';

describe('an interrupted wizard', () => {
  it('goes on at the first step that is not done', () => {
    const begun = { ...freshState, driver: 'modbus' };
    expect(stepToResume(freshState, false)).toBe('protocol');
    expect(stepToResume(begun, true)).toBe('connection');
    expect(stepToResume({ ...begun, points: [newPoint()] }, false)).toBe('connection');
    expect(stepToResume({ ...begun, points: [newPoint()] }, true)).toBe('mapping');
    expect(stepToResume({ ...begun, points: [newPoint({ unit: 'Cel' })] }, true)).toBe('points');
  });
});

describe('points', () => {
  it('become numbers when a whole number is scaled to fractions', () => {
    expect(storedType(newPoint({ native: 'int64' }))).toBe('int64');
    expect(storedType(newPoint({ native: 'int64', scale: '0.01' }))).toBe('double');
    expect(storedType(newPoint({ native: 'bool', scale: '0.01' }))).toBe('bool');
  });
  it('carry neither unit nor scale when they are switches', () => {
    const spec = specOf(newPoint({ name: ' Door ', address: 'co:1', native: 'bool', unit: 'm', scale: '2' }), false);
    expect(spec).toEqual({ name: 'Door', description: '', address: 'co:1', type: 'bool', unit: null, period_ms: 1000, access: 'read' });
  });
  it('write the unit as UCUM does, whatever the source calls it', () => {
    expect(specOf(newPoint({ name: 'a', address: 'a', unit: ' kWh ' }), false).unit).toBe('kW.h');
    expect(specOf(newPoint({ name: 'a', address: 'a', unit: 'Cel' }), false).unit).toBe('Cel');
  });
  it('may be silent for long when the source reports changes only', () => {
    expect(specOf(newPoint({ name: 'a', address: 'a', native: 'string' }), true).expected_interval_ms).toBe(86_400_000);
    expect(specOf(newPoint({ name: 'a', address: 'a', native: 'double' }), true).expected_interval_ms).toBeUndefined();
  });
  it('are judged field by field', () => {
    const [a, b, c] = [newPoint({ name: 'x', address: 'hr:1' }), newPoint({ name: 'x', address: '' }), newPoint({ name: 'y', address: 'hr:2', scale: '0', period: '5', low: '3', high: '2' })];
    const found = judgePoints([a, b, c]);
    expect([...(found.get(a.key) ?? [])]).toEqual([['name', 'double']]);
    expect([...(found.get(b.key) ?? [])]).toEqual([['address', 'required'], ['name', 'double']]);
    expect([...(found.get(c.key) ?? [])]).toEqual([['scale', 'zero'], ['high', 'order'], ['period', 'period']]);
  });
});

describe('errors of the server', () => {
  it('return to their field and step', () => {
    const points = [newPoint(), newPoint()];
    expect(pointErrorAt({ pointer: '/points/1/limit_high', text: '' }, points)).toEqual({ key: points[1]?.key, field: 'high' });
    expect(pointErrorAt({ pointer: '/points/7/unit', text: '' }, points)).toBeNull();
    expect([stepOfPointer('/link/new/config/host'), stepOfPointer('/device/name'), stepOfPointer('/points/0/address'), stepOfPointer('/points/0/unit')]).toEqual(['connection', 'connection', 'points', 'mapping']);
  });
});

describe('draft', () => {
  afterEach(() => forgetDraft('t'));
  const schema = { type: 'object' as const, properties: { host: { type: 'string' as const }, password: { type: 'string' as const, format: 'password' as const } } };
  it('comes back for seven days, without its secrets', () => {
    const state = { ...freshState, driver: 'x', linkConfig: { host: 'h', password: 'p' } };
    expect(writeDraft('t', state, schema, 1000)).toBe(true);
    expect(localStorage.getItem('karez.draft.connect.t')).not.toContain('password');
    expect(readDraft('t', 2000)?.state.linkConfig).toEqual({ host: 'h' });
    expect(readDraft('t', 1000 + 8 * 86_400_000)).toBeNull();
  });
  it('keeps nothing that the form does not know', () => {
    expect(withoutSecrets(schema, { host: 'h', other: 1 })).toEqual({ host: 'h' });
  });
});
