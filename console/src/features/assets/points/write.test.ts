// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { valueToWrite } from './write';

const free = { limit_low: null, limit_high: null };

describe('valueToWrite', () => {
  it('sends a number as a number and an int64 as its digits', () => {
    expect(valueToWrite(' 42.5 ', { type: 'double', ...free })).toEqual({ value: 42.5 });
    expect(valueToWrite('\u221242', { type: 'double', ...free })).toEqual({ value: -42 });
    expect(valueToWrite('9007199254740993', { type: 'int64', ...free })).toEqual({ value: '9007199254740993' });
  });
  it('sends a switch as a boolean and a text as it is, even an empty one', () => {
    expect(valueToWrite('false', { type: 'bool', ...free })).toEqual({ value: false });
    expect(valueToWrite('', { type: 'string', ...free })).toEqual({ value: '' });
    expect(valueToWrite(' a ', { type: 'string', ...free })).toEqual({ value: ' a ' });
  });
  it('refuses what is no value of the type', () => {
    expect(valueToWrite('', { type: 'double', ...free })).toEqual({ problem: 'required' });
    expect(valueToWrite('', { type: 'bool', ...free })).toEqual({ problem: 'required' });
    for (const typed of ['1,5', '0x10', 'Infinity', 'abc']) expect(valueToWrite(typed, { type: 'double', ...free })).toEqual({ problem: 'number' });
    expect(valueToWrite('1.5', { type: 'int64', ...free })).toEqual({ problem: 'integer' });
  });
  it('keeps to the limits, which belong to what is allowed', () => {
    const point = { type: 'double', limit_low: 0, limit_high: 100 } as const;
    expect(valueToWrite('-0.1', point)).toEqual({ problem: 'low' });
    expect(valueToWrite('100.1', point)).toEqual({ problem: 'high' });
    expect(valueToWrite('100', point)).toEqual({ value: 100 });
  });
});
