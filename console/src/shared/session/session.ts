// SPDX-License-Identifier: Apache-2.0
import { queryOptions, useQuery, useSuspenseQuery } from '@tanstack/react-query';
import { get, request, setCsrf } from '@/shared/api/client';
import { ApiError } from '@/shared/api/problem';
import type { Role, Session, SessionTenant } from '@/shared/api/types';

export const sessionKey = ['session'] as const;

/** Keeps the CSRF value of an answer that carries a session. */
export function keepSession(session: Session): Session {
  setCsrf(session.csrf ?? '');
  return session;
}

/** Who is logged in; null when nobody is. */
export const sessionQuery = queryOptions({
  queryKey: sessionKey,
  queryFn: async ({ signal }): Promise<Session | null> => {
    try {
      return keepSession(await get<Session>('/session', {}, signal));
    } catch (error) {
      if (error instanceof ApiError && error.signedOut) return null;
      throw error;
    }
  },
  staleTime: 300_000,
  retry: false,
});

export async function logIn(user: string, password: string): Promise<Session> {
  const { data } = await request<Session>('/session', { method: 'POST', body: { user, password } });
  return keepSession(data);
}

export async function logOut(): Promise<void> {
  await request<undefined>('/session', { method: 'DELETE' });
  setCsrf('');
}

export async function changePassword(old: string, next: string): Promise<Session> {
  const { data } = await request<Session>('/session/password', { method: 'POST', body: { old, new: next } });
  return keepSession(data);
}

/** Inside the shell, where somebody is logged in for sure. */
export function useSession(): Session {
  const { data } = useSuspenseQuery(sessionQuery);
  if (!data) throw new ApiError({ status: 401, slug: 'security.session', title: 'signed out' });
  return data;
}

export function useMaybeSession(): Session | null {
  return useQuery(sessionQuery).data ?? null;
}

const order: Role[] = ['viewer', 'operator', 'engineer', 'owner'];

export function roleAtLeast(role: Role | undefined, needed: Role): boolean {
  return role !== undefined && order.indexOf(role) >= order.indexOf(needed);
}

export function tenantOf(session: Session, id: string): SessionTenant | undefined {
  return session.tenants.find((tenant) => tenant.id === id);
}
