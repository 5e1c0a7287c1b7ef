// SPDX-License-Identifier: Apache-2.0
import { Settings } from 'lucide-react';
import type { Feature } from '@/shared/feature';

export const feature: Feature = {
  name: 'admin',
  rail: { label: 'admin:rail', icon: Settings, path: 'admin', key: 'm', order: 300, role: 'owner' },
  pages: [{ label: 'admin:users', path: 'admin', role: 'owner' }, { label: 'admin:tokens', path: 'admin', search: { tab: 'tokens' }, role: 'owner' }],
  routes: [{ path: 'admin', load: () => import('./AdminPage'), role: 'owner' }],
};
