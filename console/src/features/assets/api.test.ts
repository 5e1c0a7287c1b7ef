// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { sourceText } from './api';

describe('sourceText', () => {
  it('names source and protocol', () => expect(sourceText({ link_name: 'PLC 1', driver: 'modbus' })).toBe('PLC 1 · modbus'));
  it('says nothing for a device without a link', () => expect(sourceText({ link_name: null, driver: null })).toBeUndefined());
});
