// SPDX-License-Identifier: Apache-2.0
import { useQuery } from '@tanstack/react-query';
import { Outlet, useMatches } from '@tanstack/react-router';
import { Suspense, useCallback, useMemo } from 'react';
import { get, tenantPath, type Page as ListPage } from '@/shared/api/client';
import type { Equipment, Tenant } from '@/shared/api/types';
import { useT } from '@/shared/i18n/i18n';
import { LiveProvider } from '@/shared/live/react';
import { usePathParams } from '@/shared/nav/address';
import { roleAtLeast, tenantOf, useSession } from '@/shared/session/session';
import { makeWorkplace, WorkplaceProvider } from '@/shared/session/workplace';
import { ErrorState, Denied, Loading } from '@/shared/ui/states';
import { ExpiryNotice, markSignedOut, SignInOverlay } from './SignInOverlay';
import { StaleBar } from './LiveIndicator';
import { Rail } from './Rail';
import { TopBar } from './TopBar';
import { Shortcuts } from './Shortcuts';
import './shell.css';

export function Shell() {
  const t = useT();
  const session = useSession();
  const { tenant: tenantId = '', site = 'all' } = usePathParams();
  const member = tenantOf(session, tenantId);
  const tenant = useQuery({
    queryKey: ['tenant', tenantId],
    queryFn: ({ signal }) => get<Tenant>(tenantPath(tenantId, ''), {}, signal),
    staleTime: 60_000,
    enabled: member !== undefined,
  });
  const sites = useQuery({
    queryKey: ['sites', tenantId],
    queryFn: ({ signal }) => sitesOf(tenantId, signal),
    staleTime: 60_000,
    enabled: member !== undefined,
  });
  const signedOut = useCallback(() => markSignedOut(), []);
  const workplace = useMemo(() => {
    if (!tenant.data || !member) return null;
    const name = sites.data?.find((item) => item.id === site)?.name;
    return makeWorkplace(tenant.data, site, name ?? (site === 'all' ? '' : site), member.role);
  }, [tenant.data, member, site, sites.data]);

  if (!member) return <main><Denied text={t('shell:tenantDenied')} /></main>;
  if (tenant.error) return <main><ErrorState error={tenant.error} onRetry={() => void tenant.refetch()} /><SignInOverlay /></main>;
  if (!workplace) return <main><Loading what={t('shell:loadingTenant')} /></main>;
  return (
    <WorkplaceProvider value={workplace}>
      <LiveProvider tenant={tenantId} onSignedOut={signedOut}>
        <a className="kz-skip" href="#main">{t('shell:skip')}</a>
        <div className="kz-shell">
          <Rail />
          <TopBar sites={sites.data ?? []} />
          <div className="kz-bars"><StaleBar /><ExpiryNotice /></div>
          <main id="main" tabIndex={-1} className="kz-main">
            <Suspense fallback={<Loading />}><Guarded /></Suspense>
          </main>
        </div>
        <Shortcuts />
        <SignInOverlay />
      </LiveProvider>
    </WorkplaceProvider>
  );
}

/** Sites hang below the enterprise, which is a root. */
async function sitesOf(tenant: string, signal: AbortSignal): Promise<Equipment[]> {
  const below = (parent?: string) => get<ListPage<Equipment>>(tenantPath(tenant, '/equipment'), { parent, limit: 1000 }, signal);
  const roots = (await below()).items;
  const children = await Promise.all(roots.filter((node) => node.level === 'enterprise').map((node) => below(node.id)));
  return [...roots, ...children.flatMap((page) => page.items)].filter((node) => node.level === 'site');
}

/** The page, or which right is missing for it. */
function Guarded() {
  const t = useT();
  const session = useSession();
  const { tenant = '' } = usePathParams();
  const needed = useMatches().at(-1)?.staticData.role ?? 'viewer';
  if (!roleAtLeast(tenantOf(session, tenant)?.role, needed)) {
    return <Denied text={t('shell:roleDenied', { role: t(`common:role.${needed}`) })} />;
  }
  return <Outlet />;
}
