// SPDX-License-Identifier: Apache-2.0

// Three-way merge of flat records: what the form was opened with, what is in it now, what somebody else saved meanwhile.

export type Draft = Record<string, unknown>;
export type Side = 'mine' | 'theirs';

/** The same JSON whatever the order of members. */
export function same(a: unknown, b: unknown): boolean {
  return canonical(a) === canonical(b);
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner) ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1))) : inner) ?? 'undefined';
}

/** Members of `mine` that differ from `base`: what a PATCH sends. */
export function changesOf(base: Draft, mine: Draft): Draft {
  return Object.fromEntries(Object.entries(mine).filter(([key, value]) => !same(base[key], value)));
}

/** Members in which the two differ, and the side that is taken unless the user says otherwise: the one that changed, mine when both did. */
export function differencesOf(base: Draft, mine: Draft, theirs: Draft): Map<string, Side> {
  const found = new Map<string, Side>();
  for (const key of Object.keys(mine)) if (!same(mine[key], theirs[key])) found.set(key, same(base[key], mine[key]) ? 'theirs' : 'mine');
  return found;
}

/** Theirs with my side where it was picked. */
export function merged(mine: Draft, theirs: Draft, picks: ReadonlyMap<string, Side>): Draft {
  return Object.fromEntries(Object.keys(mine).map((key) => [key, picks.get(key) === 'mine' ? mine[key] : theirs[key]]));
}
