// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { judgeUscc, usccCheck } from './uscc';

describe('unified social credit code', () => {
  it('accepts a published code', () => {
    expect(judgeUscc('91350100M000100Y43')).toEqual({ ok: true });
  });
  it('tells a wrong length, a wrong sign and a wrong check digit apart', () => {
    expect(judgeUscc('9135')).toMatchObject({ reason: 'length' });
    expect(judgeUscc('91350100M000100I43')).toMatchObject({ reason: 'signs' });
    expect(judgeUscc('91350100M000100Y44')).toMatchObject({ reason: 'check', expected: '3' });
  });
  it('finds every single wrong sign', () => {
    const good = '91350100M000100Y4';
    for (let at = 0; at < 17; at += 1) {
      const other = good.charAt(at) === '2' ? '5' : '2';
      expect(usccCheck(good.slice(0, at) + other + good.slice(at + 1))).not.toBe('3');
    }
  });
});
