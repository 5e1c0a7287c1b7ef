// SPDX-License-Identifier: Apache-2.0
import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Outlet, redirect } from '@tanstack/react-router';
import { sessionQuery } from '@/shared/session/session';
import { features } from './features';
import { queryClient } from './query';
import { NotFound, RouteError } from './RouteStates';
import { parseSearch, stringifySearch } from './search-params';
import { Shell } from './shell/Shell';

const root = createRootRoute({ component: Outlet, notFoundComponent: NotFound, errorComponent: RouteError });

const login = createRoute({
  getParentRoute: () => root,
  path: '/login',
  component: lazyRouteComponent(() => import('@/features/login/LoginPage'), 'LoginPage'),
});

const home = createRoute({
  getParentRoute: () => root,
  path: '/',
  beforeLoad: async () => {
    const session = await queryClient.ensureQueryData(sessionQuery);
    const tenant = session?.tenants[0];
    if (!session || !tenant || session.must_change_password || session.needs_enterprise) throw redirect({ to: '/login' });
    throw redirect({ href: `/t/${tenant.id}/s/all/overview` });
  },
});

const shell = createRoute({
  getParentRoute: () => root,
  path: '/t/$tenant/s/$site',
  beforeLoad: async ({ location }) => {
    const session = await queryClient.ensureQueryData(sessionQuery);
    if (!session || session.must_change_password || session.needs_enterprise) {
      throw redirect({ href: `/login?next=${encodeURIComponent(location.href)}` });
    }
  },
  component: Shell,
});

const pages = features.flatMap((feature) =>
  feature.routes.map((route) =>
    createRoute({
      getParentRoute: () => shell,
      path: route.path,
      component: lazyRouteComponent(route.load, 'Page'),
      errorComponent: RouteError,
      staticData: { timed: route.timed ?? false, role: route.role ?? 'viewer', feature: feature.name },
    }),
  ),
);

const site = createRoute({
  getParentRoute: () => shell,
  path: '/',
  beforeLoad: ({ params }) => {
    throw redirect({ href: `/t/${params.tenant}/s/${params.site}/overview` });
  },
});

export const router = createRouter({
  routeTree: root.addChildren([login, home, shell.addChildren([site, ...pages])]),
  parseSearch,
  stringifySearch,
  defaultPreload: 'intent',
  scrollRestoration: false,
});

declare module '@tanstack/react-router' {
  interface StaticDataRouteOption {
    timed?: boolean;
    role?: 'owner' | 'engineer' | 'operator' | 'viewer';
    feature?: string;
  }
}
