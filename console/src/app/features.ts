// SPDX-License-Identifier: Apache-2.0
import type { Feature } from '@/shared/feature';

// Every src/features/<name>/feature.ts joins by being there.
const modules = import.meta.glob<{ feature: Feature }>('../features/*/feature.ts', { eager: true });

export const features: Feature[] = Object.values(modules).map((module) => module.feature);

/** Everything the search can lead to beside the objects of the plant. */
export const pages = features.flatMap((feature) => [...(feature.rail ? [feature.rail] : []), ...(feature.pages ?? [])]);

export const railItems = features
  .flatMap((feature) => (feature.rail ? [feature.rail] : []))
  .sort((a, b) => a.order - b.order);
