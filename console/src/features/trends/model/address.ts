// SPDX-License-Identifier: Apache-2.0
import type { SearchState } from '@/shared/nav/address';
import type { LaneMode } from './lanes';

export const MAX_SERIES = 50;
/** From here on series of a link start hidden. */
export const SHOWN_SERIES = 12;

export type PointerMode = 'pan' | 'zoom' | 'cursors';
/** What is drawn beneath: the span before, the same time a day or a week earlier. */
export type Compare = '' | 'span' | '1d' | '1w';

export interface Entry {
  id: string;
  /** Place in the series colours; kept when others leave. */
  colour: number;
}

export interface TrendAddress {
  entries: Entry[];
  /** Entries of the address beyond the limit. */
  refused: number;
  hidden: ReadonlySet<string>;
  a: number | null;
  b: number | null;
  mode: PointerMode;
  lanes: LaneMode;
  compare: Compare;
  fit: ReadonlySet<string>;
  selected: string;
}

const modes: readonly string[] = ['pan', 'zoom', 'cursors'];
const compares: readonly string[] = ['span', '1d', '1w'];

export function readAddress(search: SearchState): TrendAddress {
  const all = parseEntries(search['points'] ?? '');
  const entries = all.slice(0, MAX_SERIES);
  const hide = search['hide'];
  const hidden = hide === undefined ? entries.slice(SHOWN_SERIES).map((entry) => entry.id) : hide.split(',');
  return {
    entries,
    refused: all.length - entries.length,
    hidden: new Set(hidden),
    a: moment(search['a']),
    b: moment(search['b']),
    mode: (modes.includes(search['mode'] ?? '') ? search['mode'] : 'pan') as PointerMode,
    lanes: search['lanes'] === 'overlay' ? 'overlay' : 'lanes',
    compare: (compares.includes(search['compare'] ?? '') ? search['compare'] : '') as Compare,
    fit: new Set((search['fit'] ?? '').split(',').filter(Boolean)),
    selected: search['sel'] ?? '',
  };
}

/** `id` or `id~colour`, by commas; doubles fall away. */
export function parseEntries(text: string): Entry[] {
  const entries: Entry[] = [];
  for (const part of text.split(',')) {
    const [, id = '', colour] = /^([^~]+)(?:~(\d{1,2}))?$/.exec(part.trim()) ?? [];
    if (id === '' || entries.some((entry) => entry.id === id)) continue;
    entries.push({ id, colour: colour === undefined ? entries.length : Number(colour) });
  }
  return entries;
}

export function printEntries(entries: readonly Entry[]): string {
  return entries.map((entry, index) => (entry.colour === index ? entry.id : `${entry.id}~${entry.colour}`)).join(',');
}

/** Adds points with the first free colours; `refused` did not fit. */
export function addEntries(entries: readonly Entry[], ids: readonly string[]): { entries: Entry[]; refused: string[] } {
  const next = [...entries];
  const refused: string[] = [];
  for (const id of ids) {
    if (next.some((entry) => entry.id === id)) continue;
    if (next.length >= MAX_SERIES) {
      refused.push(id);
      continue;
    }
    const used = new Set(next.map((entry) => entry.colour));
    let colour = 0;
    while (used.has(colour)) colour += 1;
    next.push({ id, colour });
  }
  return { entries: next, refused };
}

export function moment(text: string | undefined): number | null {
  if (text === undefined || !/^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(text)) return null;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? null : ms;
}

export const printMoment = (ms: number | null): string | undefined => (ms === null ? undefined : new Date(Math.round(ms)).toISOString());

/** How far back the comparison lies. */
export function compareShift(compare: Compare, span: number): number {
  if (compare === '1d') return 86_400_000;
  if (compare === '1w') return 604_800_000;
  return compare === 'span' ? span : 0;
}

/** The address's word for what is hidden; left out when it is what a link hides by itself. */
export function printHidden(entries: readonly Entry[], hidden: ReadonlySet<string>): string | undefined {
  const ids = entries.map((entry) => entry.id).filter((id) => hidden.has(id));
  const usual = entries.slice(SHOWN_SERIES).map((entry) => entry.id);
  if (ids.join(',') === usual.join(',')) return undefined;
  return ids.length === 0 ? '-' : ids.join(',');
}
