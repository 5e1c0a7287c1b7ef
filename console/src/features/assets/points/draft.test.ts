// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { bodyOf, judgeDraft, newDraft } from './draft';

describe('the form of a point', () => {
  it('sends typed numbers as numbers and empty limits and units as null', () => {
    expect(bodyOf({ name: ' Temp ', unit: '', scale: '0.1', limit_low: '', limit_high: ' 80 ', enabled: false })).toEqual({ name: 'Temp', unit: null, scale: 0.1, limit_low: null, limit_high: 80, enabled: false });
  });
  it('needs a name, whole times, a scale other than zero and limits in order', () => {
    expect(judgeDraft({ ...newDraft, name: 'T' }, 'double')).toEqual({});
    expect(judgeDraft({ ...newDraft, scale: '0', period_ms: '1.5', deadband: '-1', offset: 'x', limit_low: '5', limit_high: '5' }, 'double'))
      .toEqual({ name: 'required', scale: 'zero', period_ms: 'integer', deadband: 'negative', offset: 'number', limit_high: 'order' });
  });
  it('does not judge the numbers of a text', () => {
    expect(judgeDraft({ ...newDraft, name: 'T', scale: '' }, 'string')).toEqual({});
  });
});
