// SPDX-License-Identifier: Apache-2.0
// Fails when the first load or a later chunk is larger than its budget (gzip, kB).
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const FIRST_LOAD_KB = 400;
const CHUNK_KB = 110;
const dist = new URL('../dist/', import.meta.url);
const manifest = JSON.parse(readFileSync(new URL('.vite/manifest.json', dist), 'utf8'));
const size = (file) => gzipSync(readFileSync(new URL(file, dist)), { level: 9 }).length / 1000;

const first = new Set();
const follow = (key) => {
  const chunk = manifest[key];
  if (!chunk || first.has(chunk.file)) return;
  first.add(chunk.file);
  for (const css of chunk.css ?? []) first.add(css);
  for (const dep of chunk.imports ?? []) follow(dep);
};
follow('index.html');
// One language file is part of the first load; the larger one counts.
const locales = Object.values(manifest).filter((c) => /locales\/(en|zh)\.ts$/.test(c.src ?? ''));
const locale = Math.max(0, ...locales.map((c) => size(c.file)));
const total = [...first].reduce((sum, file) => sum + size(file), locale);

let failed = false;
const report = (name, kb, limit) => {
  const bad = kb > limit;
  failed ||= bad;
  process.stdout.write(`${bad ? 'OVER ' : 'ok   '} ${name.padEnd(48)} ${kb.toFixed(1).padStart(7)} kB of ${limit}\n`);
};
report('first load', total, FIRST_LOAD_KB);
for (const chunk of Object.values(manifest)) {
  if (first.has(chunk.file) || !chunk.file.endsWith('.js')) continue;
  report(chunk.file, size(chunk.file), CHUNK_KB);
}
process.exit(failed ? 1 : 0);
