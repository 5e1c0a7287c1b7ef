// SPDX-License-Identifier: Apache-2.0
import { currentLanguage } from '@/shared/i18n/i18n';
import { ApiError, problemOf } from './problem';

// The only place that calls fetch. Session by cookie; changing calls carry the CSRF value that
// GET /session gave; single resources come with their ETag for the later PATCH, PUT or DELETE.

const BASE = '/api/v1';
let csrf = '';
const signedOutListeners = new Set<() => void>();

export type Query = Record<string, string | number | boolean | readonly string[] | null | undefined>;

export interface Call {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  query?: Query;
  /** Sent as JSON, except a string, which goes as it is with `contentType`. */
  body?: unknown;
  contentType?: string;
  /** ETag of the version the change is based on. */
  ifMatch?: string;
  signal?: AbortSignal;
}

export interface Answer<T> {
  data: T;
  etag: string;
}

export function setCsrf(value: string): void {
  csrf = value;
}

/** Called when the server says the log-in has expired; the shell then asks for the password again. */
export function onSignedOut(listener: () => void): () => void {
  signedOutListeners.add(listener);
  return () => signedOutListeners.delete(listener);
}

export function apiUrl(path: string, query: Query = {}): string {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value === undefined || value === null || value === '') continue;
    params.set(key, Array.isArray(value) ? value.join(',') : String(value));
  }
  const search = params.toString();
  return `${BASE}${path}${search === '' ? '' : `?${search}`}`;
}

function headersOf(call: Call): Headers {
  const headers = new Headers({ Accept: 'application/json, application/problem+json', 'Accept-Language': currentLanguage() });
  if (call.body !== undefined) headers.set('Content-Type', call.contentType ?? 'application/json');
  if (call.method && call.method !== 'GET' && csrf !== '') headers.set('X-Karez-CSRF', csrf);
  if (call.ifMatch) headers.set('If-Match', call.ifMatch);
  return headers;
}

async function send(path: string, call: Call): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(apiUrl(path, call.query), {
      method: call.method ?? 'GET',
      headers: headersOf(call),
      credentials: 'same-origin',
      ...(call.body === undefined ? {} : { body: typeof call.body === 'string' ? call.body : JSON.stringify(call.body) }),
      ...(call.signal ? { signal: call.signal } : {}),
    });
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause;
    throw new ApiError({ status: 0, slug: 'console.offline', title: 'no answer' });
  }
  if (response.ok) return response;
  const problem = await problemOf(response);
  if (problem.signedOut) for (const notify of signedOutListeners) notify();
  throw problem;
}

/** One call with its ETag. Throws ApiError. */
export async function request<T>(path: string, call: Call = {}): Promise<Answer<T>> {
  const response = await send(path, call);
  const etag = response.headers.get('etag') ?? '';
  if (response.status === 204 || response.headers.get('content-length') === '0') return { data: undefined as T, etag };
  return { data: (await response.json()) as T, etag };
}

export async function get<T>(path: string, query: Query = {}, signal?: AbortSignal): Promise<T> {
  return (await request<T>(path, { query, ...(signal ? { signal } : {}) })).data;
}

export async function post<T>(path: string, body?: unknown, query: Query = {}): Promise<T> {
  return (await request<T>(path, { method: 'POST', body: body ?? {}, query })).data;
}

export async function patch<T>(path: string, body: unknown, ifMatch: string): Promise<Answer<T>> {
  return request<T>(path, { method: 'PATCH', body, ifMatch });
}

export async function remove(path: string, ifMatch: string): Promise<void> {
  await request<undefined>(path, { method: 'DELETE', ifMatch });
}

/** Lets the browser save an answer of the server under `name` without holding it in memory twice. */
export function download(path: string, query: Query, name: string): void {
  const link = document.createElement('a');
  link.href = apiUrl(path, query);
  link.download = name;
  link.click();
}

/** `/t/{tenant}{path}` with the tenant escaped. */
export function tenantPath(tenant: string, path: string): string {
  return `/t/${encodeURIComponent(tenant)}${path}`;
}

export interface Page<T> {
  items: T[];
  next_cursor: string | null;
  total: number;
}
