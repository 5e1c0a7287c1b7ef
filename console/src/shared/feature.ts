// SPDX-License-Identifier: Apache-2.0
import type { LucideIcon } from 'lucide-react';
import type { ComponentType } from 'react';
import type { Role } from '@/shared/api/types';

/** A page below `/t/{tenant}/s/{site}/`; its module loads when it is first opened. */
export interface FeatureRoute {
  /** Path of TanStack Router without leading slash, `assets/dev/$id`. */
  path: string;
  load: () => Promise<{ Page: ComponentType }>;
  /** Least role that may open it. */
  role?: Role;
  /** The page shows data of a range: the top bar offers it and the address holds `range`. */
  timed?: boolean;
}

export interface RailItem {
  /** Text key, `overview:rail`. */
  label: string;
  icon: LucideIcon;
  path: string;
  /** `g` + this letter goes there. */
  key: string;
  /** Place in the rail, by tens; groups are 1-99 plant, 100-199 platform, 200-299 exchange, 300- admin. */
  order: number;
  role?: Role;
}

/** What a folder under src/features exports as `feature` from its `feature.ts`. */
export interface Feature {
  name: string;
  rail?: RailItem;
  /** Further pages that the search of the top bar leads to. */
  pages?: { label: string; path: string; search?: Record<string, string>; role?: Role }[];
  routes: FeatureRoute[];
}
