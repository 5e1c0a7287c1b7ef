// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { contrast } from './contrast';
import { colors, type ColorName, type Theme } from './tokens';

// Text needs 4.5, graphics and control edges 3 (WCAG 2.2 AA); each pair is one really used.
const textPairs: [ColorName, ColorName][] = [
  ['text', 'surface'], ['text', 'page'], ['text', 'rail'], ['text', 'sunken'], ['text', 'tint'], ['text', 'raised'],
  ['text2', 'surface'], ['text2', 'page'], ['text2', 'rail'], ['text2', 'tint'], ['text2', 'raised'],
  ['text3', 'surface'], ['text3', 'page'],
  ['accent', 'surface'], ['accent', 'tint'], ['accent', 'page'], ['on-accent', 'accent'],
  ['passed', 'surface'], ['passed', 'passed-tint'],
  ['prio-1-on', 'prio-1'], ['prio-2-on', 'prio-2'], ['prio-3-on', 'prio-3'], ['prio-4-on', 'prio-4'],
  ['prio-1', 'surface'], ['prio-2', 'surface'], ['prio-3-edge', 'surface'], ['prio-4', 'surface'],
  ...([1, 2, 3, 4, 5, 6, 7, 8] as const).map((n): [ColorName, ColorName] => [`series-${n}`, 'surface']),
];
const graphicPairs: [ColorName, ColorName][] = [
  ['edge', 'surface'], ['edge', 'page'], ['accent', 'rail'], ['text3', 'track'], ['prio-2', 'page'], ['prio-2', 'tint'],
];

describe.each<Theme>(['light', 'dark'])('%s tokens', (theme) => {
  const of = (name: ColorName): string => colors[theme][name];
  it.each(textPairs)('%s on %s is readable as text', (front, back) => {
    expect(contrast(of(front), of(back))).toBeGreaterThanOrEqual(4.5);
  });
  it.each(graphicPairs)('%s on %s is visible as a shape', (front, back) => {
    expect(contrast(of(front), of(back))).toBeGreaterThanOrEqual(3);
  });
});

describe('contrast', () => {
  it('gives the ratios known for black on white and for equal colours', () => {
    expect(contrast('#000000', '#FFFFFF')).toBeCloseTo(21, 5);
    expect(contrast('#777777', '#777777')).toBe(1);
  });
});
