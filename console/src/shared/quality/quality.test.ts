// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import type { LiveValue } from '@/shared/live/client';
import { classOf, codeText, stateOf } from './quality';

const now = 1_000_000;
const point = { expected_interval_ms: 1000, period_ms: 1000, origin: 'real' } as const;
const value = (change: Partial<LiveValue> = {}): LiveValue => ({ time: now - 500, timeText: null, value: 1, code: 0, flags: 0, ...change });

describe('stateOf', () => {
  it('is good only when nothing speaks against it', () => {
    expect(stateOf(point, value(), now, false)).toBe('good');
  });
  it('puts bad before old, old before doubtful, doubtful before made by hand', () => {
    expect(stateOf(point, value({ code: 0x8031, time: 0 }), now, true)).toBe('bad');
    expect(stateOf(point, value({ code: 0x4000, time: now - 3001 }), now, false)).toBe('stale');
    expect(stateOf(point, value({ code: 0x4000, flags: 2 }), now, false)).toBe('uncertain');
    expect(stateOf(point, value({ flags: 2 }), now, false)).toBe('manual');
  });
  it('makes every value old when the live channel is silent', () => {
    expect(stateOf(point, value(), now, true)).toBe('stale');
  });
  it('takes the period where no other interval is expected', () => {
    expect(stateOf({ ...point, expected_interval_ms: null, period_ms: 60_000 }, value({ time: now - 100_000 }), now, false)).toBe('good');
    expect(stateOf({ ...point, expected_interval_ms: null, period_ms: 60_000 }, value({ time: now - 200_000 }), now, false)).toBe('stale');
  });
  it('always says that a value is not real', () => {
    expect(stateOf({ ...point, origin: 'simulated' }, value(), now, false)).toBe('simulated');
    expect(stateOf({ ...point, origin: 'replayed' }, value(), now, false)).toBe('replayed');
  });
  it('tells "never received" from a bad value', () => {
    expect(stateOf(point, undefined, now, false)).toBe('never');
    expect(stateOf(point, value({ time: null, code: 0x8032 }), now, false)).toBe('never');
  });
});

describe('codes', () => {
  it('reads the class from the two highest bits', () => {
    expect([classOf(0), classOf(0x4000), classOf(0x8031), classOf(0xc000)]).toEqual(['good', 'uncertain', 'bad', 'bad']);
  });
  it('prints the whole status code with its name', () => {
    expect(codeText(0x8031)).toBe('0x80310000 BadNoCommunication');
    expect(codeText(0)).toBe('0x00000000 Good');
  });
});
