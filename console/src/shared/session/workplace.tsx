// SPDX-License-Identifier: Apache-2.0
import { createContext, useContext, type ReactNode } from 'react';
import type { Role, Tenant } from '@/shared/api/types';
import { tenantPath } from '@/shared/api/client';

/** Where the page is: tenant, site and its zone, and what the user may do there. */
export interface Workplace {
  tenant: Tenant;
  /** Id of the site's equipment node; `all` when the whole enterprise is meant. */
  site: string;
  siteName: string;
  /** Zone of the site; every time on the page is printed in it. */
  zone: string;
  role: Role;
  /** `/t/{tenant}{path}` for the API client. */
  path: (path: string) => string;
}

const Context = createContext<Workplace | null>(null);

export function makeWorkplace(tenant: Tenant, site: string, siteName: string, role: Role): Workplace {
  return { tenant, site, siteName, zone: tenant.time_zone, role, path: (path) => tenantPath(tenant.id, path) };
}

export function WorkplaceProvider({ value, children }: { value: Workplace; children: ReactNode }) {
  return <Context value={value}>{children}</Context>;
}

export function useWorkplace(): Workplace {
  const value = useContext(Context);
  if (!value) throw new Error('useWorkplace outside the shell');
  return value;
}
