// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { orderOf } from './sort';

const columns = [{ sortKey: 'name' }, { sortKey: 'class' }, {}];

describe('orderOf', () => {
  it('keeps an order that a column offers, either way', () => {
    expect(orderOf('class', columns, 'name')).toBe('class');
    expect(orderOf('-class', columns, 'name')).toBe('-class');
  });
  it('falls back from an order the server would refuse', () => {
    for (const bad of ['total_points', '-last_value_at', '--name', '-', undefined]) expect(orderOf(bad, columns, 'name')).toBe('name');
  });
});

describe('columns', () => {
  it.each([
    ['DeviceSort', 'features/assets/deviceColumns.tsx'], ['PointSort', 'features/assets/PointsTab.tsx'], ['LinkSort', 'features/connect/linkColumns.tsx'], ['UserSort', 'features/admin/UsersTab.tsx'],
  ])('of %s sort by what the contract names', (list, file) => {
    const contract = readFileSync('../src/api/openapi.yaml', 'utf8');
    const allowed = new RegExp(`\\n    ${list}:\\n[^]*?enum: \\[([^\\]]+)\\]`).exec(contract)?.[1]?.split(', ') ?? [];
    const used = [...readFileSync(`src/${file}`, 'utf8').matchAll(/sortKey: '([^']+)'/g)].map((match) => match[1] ?? '');
    expect(allowed.length).toBeGreaterThan(0);
    expect(used.length).toBeGreaterThan(0);
    for (const key of used) expect(allowed).toContain(key);
  });
});
