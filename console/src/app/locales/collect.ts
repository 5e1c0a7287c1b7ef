// SPDX-License-Identifier: Apache-2.0
import type { Bundle } from '@/shared/i18n/i18n';

/** Namespace = name of the folder that owns `locales/`; `shared` is called `common`. */
export function collect(files: Record<string, unknown>): Bundle {
  const bundle: Bundle = {};
  for (const [path, keys] of Object.entries(files)) {
    const owner = path.split('/').at(-3) ?? '';
    // Within src/app the glob path is `./en.json`: that is the shell itself.
    const namespace = owner === 'shared' ? 'common' : owner === '' || owner === '.' || owner === 'app' ? 'shell' : owner;
    bundle[namespace] = keys as Record<string, unknown>;
  }
  return bundle;
}
