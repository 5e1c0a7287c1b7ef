// SPDX-License-Identifier: Apache-2.0
import { Cable } from 'lucide-react';
import type { Feature } from '@/shared/feature';

export const feature: Feature = {
  name: 'connect',
  rail: { label: 'connect:rail', icon: Cable, path: 'connect', key: 'c', order: 30 },
  pages: [{ label: 'connect:add', path: 'connect/add', role: 'engineer' }],
  routes: [
    { path: 'connect', load: () => import('./LinksPage') },
    { path: 'connect/add', load: () => import('./wizard/WizardPage'), role: 'engineer' },
  ],
};
