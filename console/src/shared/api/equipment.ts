// SPDX-License-Identifier: Apache-2.0
import type { Equipment } from './types';

const DEEPEST = 32;

/** `Site / Area / Line` of each node by id, from the parents in the list; lists of the API carry no paths. */
export function pathsOf(nodes: readonly Equipment[]): Map<string, string> {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  return new Map(nodes.map((node) => {
    const names: string[] = [];
    for (let at: Equipment | undefined = node; at && names.length < DEEPEST; at = at.parent === null ? undefined : byId.get(at.parent)) names.unshift(at.name);
    return [node.id, names.join(' / ')];
  }));
}
