// SPDX-License-Identifier: Apache-2.0
import { collect } from './collect';

export const bundle = collect(
  import.meta.glob('../../{shared,app,features/*}/locales/en.json', { eager: true, import: 'default' }),
);
