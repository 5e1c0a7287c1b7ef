// SPDX-License-Identifier: Apache-2.0
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bundle as en } from './en';
import { bundle as zh } from './zh';

// Chinese has one plural form, English two: keys are compared without the ending of the form.
const PLURAL = /_(zero|one|two|few|many|other)$/;

function flat(value: unknown, path = ''): Map<string, string> {
  if (typeof value === 'string') return new Map([[path, value]]);
  const found = new Map<string, string>();
  for (const [key, inner] of Object.entries((value ?? {}) as Record<string, unknown>)) {
    for (const [k, text] of flat(inner, path === '' ? key : `${path}.${key}`)) found.set(k, text);
  }
  return found;
}

const bare = (keys: Iterable<string>): string[] => [...new Set([...keys].map((key) => key.replace(PLURAL, '')))].sort();
const holes = (text: string): string[] => [...text.matchAll(/\{\{(\w+)\}\}/g)].map((m) => m[1] ?? '').sort();

describe('texts', () => {
  it('have the same namespaces in both languages', () => {
    expect(Object.keys(zh).sort()).toEqual(Object.keys(en).sort());
  });

  describe.each(Object.keys(en))('%s', (namespace) => {
    const left = flat(en[namespace]);
    const right = flat(zh[namespace]);
    it('has the same keys', () => expect(bare(right.keys())).toEqual(bare(left.keys())));
    it('fills the same holes and leaves nothing empty', () => {
      for (const [key, text] of right) {
        const twin = left.get(key);
        expect(text, key).not.toBe('');
        if (twin !== undefined && !PLURAL.test(key)) expect(holes(text), key).toEqual(holes(twin));
      }
    });
    it('has an English form for one and for many', () => {
      for (const key of left.keys()) {
        if (key.endsWith('_one')) expect(left.has(key.replace(/_one$/, '_other')), key).toBe(true);
      }
    });
  });

  it('exist for every key written in the source', () => {
    const known = new Set(Object.entries(en).flatMap(([ns, keys]) => bare(flat(keys).keys()).map((key) => `${ns}:${key}`)));
    const missing: string[] = [];
    for (const file of sources('src')) {
      const text = readFileSync(file, 'utf8');
      for (const [, key = ''] of text.matchAll(/['"`]([a-z]+:[a-z][A-Za-z0-9_.-]+)['"`]/g)) {
        if (Object.hasOwn(en, key.split(':')[0] ?? '') && !known.has(key)) missing.push(`${file}: ${key}`);
      }
    }
    expect(missing).toEqual([]);
  });
});

function sources(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return sources(path);
    return /\.tsx?$/.test(name) && !/\.(test|gen)\.tsx?$/.test(name) ? [path] : [];
  });
}
