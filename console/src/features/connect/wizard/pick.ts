// SPDX-License-Identifier: Apache-2.0
import type { BrowseNode } from '../api';
import { selectable, type BrowseStore } from './browseStore';
import { newPoint, type PointDraft } from './state';
import { ucumOf } from './unitCode';

/** Most points that one wizard creates (limit of the contract). */
export const MAX_POINTS = 10_000;

/** A name no other point has: folder names are put before it, then a number behind it. */
function uniqueName(wanted: string, path: readonly string[], taken: ReadonlySet<string>): string {
  let name = wanted;
  for (let depth = path.length - 1; taken.has(name) && depth >= 0; depth -= 1) name = `${path[depth]}.${name}`;
  for (let n = 2; taken.has(name); n += 1) name = `${wanted}_${n}`;
  return name.slice(0, 200);
}

/** Adds nodes as points; those picked already and those that cannot be points are passed over. */
export function addNodes(points: readonly PointDraft[], nodes: readonly BrowseNode[], store: BrowseStore): { points: PointDraft[]; added: number; over: number } {
  const out = [...points];
  const addresses = new Set(points.map((point) => point.address));
  const names = new Set(points.map((point) => point.name));
  let over = 0;
  for (const node of nodes) {
    if (!selectable(node) || addresses.has(node.address as string)) continue;
    if (out.length >= MAX_POINTS) {
      over += 1;
      continue;
    }
    const path = store.pathOf(node.id);
    // A JSON pointer as name loses its leading slash.
    const name = uniqueName((node.display || node.name).replace(/^\/(?=.)/, ''), path, names);
    names.add(name);
    addresses.add(node.address as string);
    out.push(newPoint({
      name, address: node.address as string, native: node.type, unit: ucumOf(node.unit ?? ''), writable: node.writable ?? false,
      description: node.description === name ? '' : node.description, folder: path.join(' / '),
    }));
  }
  return { points: out, added: out.length - points.length, over };
}

export function dropAddresses(points: readonly PointDraft[], addresses: ReadonlySet<string>): PointDraft[] {
  return points.filter((point) => !addresses.has(point.address));
}
