// SPDX-License-Identifier: Apache-2.0
import { ChartLine } from 'lucide-react';
import type { Feature } from '@/shared/feature';

export const feature: Feature = {
  name: 'trends',
  rail: { label: 'trends:rail', icon: ChartLine, path: 'trends', key: 't', order: 40 },
  routes: [{ path: 'trends', load: () => import('./TrendPage'), timed: true }],
};
