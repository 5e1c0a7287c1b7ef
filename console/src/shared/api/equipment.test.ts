// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { pathsOf } from './equipment';
import type { Equipment } from './types';

const node = (id: string, parent: string | null, name: string): Equipment => ({ id, parent, name, level: 'area', description: '' }) as Equipment;

it('tells nodes of equal name apart by what they hang on, also out of order and in a ring', () => {
  const paths = pathsOf([node('c', 'b', 'Line 1'), node('a', null, 'Works'), node('b', 'a', 'Hall A'), node('d', 'a', 'Line 1'), node('x', 'x', 'Ring')]);
  expect(paths.get('c')).toBe('Works / Hall A / Line 1');
  expect(paths.get('d')).toBe('Works / Line 1');
  expect(paths.get('x')).toContain('Ring');
});
