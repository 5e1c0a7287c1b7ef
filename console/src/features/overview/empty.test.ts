// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import type { Overview } from '@/shared/api/types';
import { isEmpty } from './OverviewPage';

const overview = (sources: number, devices: number, points: number): Overview =>
  ({ sources_total: sources, devices: { total: devices }, points: { total: points } }) as Overview;

describe('the empty overview', () => {
  it('is shown only when nothing is there', () => expect(isEmpty(overview(0, 0, 0))).toBe(true));
  it('is not shown when line protocol delivers without a source', () => expect(isEmpty(overview(0, 3, 3))).toBe(false));
  it('is not shown with a source', () => expect(isEmpty(overview(1, 0, 0))).toBe(false));
});
