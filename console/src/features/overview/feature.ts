// SPDX-License-Identifier: Apache-2.0
import { LayoutDashboard } from 'lucide-react';
import type { Feature } from '@/shared/feature';

export const feature: Feature = {
  name: 'overview',
  rail: { label: 'overview:rail', icon: LayoutDashboard, path: 'overview', key: 'o', order: 10 },
  routes: [{ path: 'overview', load: () => import('./OverviewPage') }],
};
