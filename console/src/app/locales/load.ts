// SPDX-License-Identifier: Apache-2.0
import type { BundleLoader } from '@/shared/i18n/i18n';

export const loadBundle: BundleLoader = async (language) =>
  language === 'zh' ? (await import('./zh')).bundle : (await import('./en')).bundle;
