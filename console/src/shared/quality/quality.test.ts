// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import type { LiveValue } from '@/shared/live/client';
import { classOf, codeText, stateOf } from './quality';

const point = { origin: 'real' } as const;
const value = (change: Partial<LiveValue> = {}): LiveValue => ({ time: 1_000_000, timeText: null, value: 1, known: 1, code: 0, flags: 0, stale: false, ...change });

describe('stateOf', () => {
  it('is good only when nothing speaks against it', () => {
    expect(stateOf(point, value(), false)).toBe('good');
  });
  it('puts bad before old, old before doubtful, doubtful before made by hand', () => {
    expect(stateOf(point, value({ code: 0x8031, stale: true }), true)).toBe('bad');
    expect(stateOf(point, value({ code: 0x4000, stale: true }), false)).toBe('stale');
    expect(stateOf(point, value({ code: 0x4000, flags: 2 }), false)).toBe('uncertain');
    expect(stateOf(point, value({ flags: 2 }), false)).toBe('manual');
  });
  it('makes every value old when the live channel is silent', () => {
    expect(stateOf(point, value(), true)).toBe('stale');
  });
  it('always says that a value is not real', () => {
    expect(stateOf({ ...point, origin: 'simulated' }, value(), false)).toBe('simulated');
    expect(stateOf({ ...point, origin: 'replayed' }, value(), false)).toBe('replayed');
  });
  it('tells "never received" from a bad value', () => {
    expect(stateOf(point, undefined, false)).toBe('never');
    expect(stateOf(point, value({ time: null, code: 0x8032 }), false)).toBe('never');
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
