// SPDX-License-Identifier: Apache-2.0
import { useRouter } from '@tanstack/react-router';

/** Whether this build has a page, so that no link leads nowhere: `useHasPage('trends')`. */
export function useHasPage(path: string): boolean {
  const routes = useRouter().routesByPath as Record<string, unknown>;
  return routes[`/t/$tenant/s/$site/${path}`] !== undefined;
}
