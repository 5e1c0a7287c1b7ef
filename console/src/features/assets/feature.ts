// SPDX-License-Identifier: Apache-2.0
import { Network } from 'lucide-react';
import type { Feature } from '@/shared/feature';

export const feature: Feature = {
  name: 'assets',
  rail: { label: 'assets:rail', icon: Network, path: 'assets', key: 'a', order: 20 },
  routes: [
    { path: 'assets', load: () => import('./DevicesPage') },
    { path: 'assets/dev/$id', load: () => import('./DevicePage') },
    { path: 'assets/point/$id', load: () => import('./PointPage') },
  ],
};
