// SPDX-License-Identifier: Apache-2.0
import { useNavigate, useParams, useRouterState } from '@tanstack/react-router';
import { useCallback, useMemo } from 'react';

export type SearchState = Record<string, string>;

/** Parameters of the address and how to change them; `undefined` takes one out. */
export function useSearchState(): [SearchState, (change: Record<string, string | undefined>, replace?: boolean) => void] {
  const search = useRouterState({ select: (state) => state.location.search as SearchState });
  const navigate = useNavigate();
  const set = useCallback(
    (change: Record<string, string | undefined>, replace = true) => {
      void navigate({
        to: '.',
        replace,
        search: ((old: SearchState) => {
          const next: SearchState = {};
          for (const [key, value] of Object.entries({ ...old, ...change })) if (value) next[key] = value;
          return next;
        }) as never,
      });
    },
    [navigate],
  );
  return [search, set];
}

/** Path parameters of the page, such as `id`. */
export function usePathParams(): Record<string, string> {
  return useParams({ strict: false });
}

/** Turns `assets/dev/x` into the whole address within the present tenant and site; keeps `range`. */
export function useHref(): (path: string, search?: Record<string, string | undefined>) => string {
  const { tenant = '', site = 'all' } = usePathParams();
  const range = useRouterState({ select: (state) => (state.location.search as SearchState)['range'] });
  return useMemo(
    () => (path, search = {}) => {
      const params = new URLSearchParams();
      for (const [key, value] of Object.entries({ range, ...search })) if (value) params.set(key, value);
      const text = params.toString();
      return `/t/${tenant}/s/${site}/${path}${text === '' ? '' : `?${text}`}`;
    },
    [tenant, site, range],
  );
}

/** Goes to a path within the present tenant and site. */
export function useGo(): (path: string, search?: Record<string, string | undefined>) => void {
  const navigate = useNavigate();
  const href = useHref();
  return useCallback((path, search) => void navigate({ href: href(path, search) }), [navigate, href]);
}
