// SPDX-License-Identifier: Apache-2.0
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { apiUrl, get, onSignedOut, post, request, setCsrf } from './client';
import { ApiError } from './problem';

const answer = (status: number, body: unknown, headers: Record<string, string> = {}): Response =>
  new Response(body === null ? null : JSON.stringify(body), { status, headers });

const fetchMock = vi.fn<typeof fetch>();

beforeEach(() => {
  fetchMock.mockReset();
  vi.stubGlobal('fetch', fetchMock);
  setCsrf('');
});

describe('request', () => {
  it('sends the CSRF value on changing calls only', async () => {
    fetchMock.mockImplementation(() => Promise.resolve(answer(200, {})));
    setCsrf('secret');
    await get('/session');
    await post('/tenants', { a: 1 });
    const headers = fetchMock.mock.calls.map(([, init]) => init?.headers as Headers);
    expect(headers[0]?.get('X-Karez-CSRF')).toBeNull();
    expect(headers[1]?.get('X-Karez-CSRF')).toBe('secret');
    expect(headers[1]?.get('Content-Type')).toBe('application/json');
  });

  it('gives data with its ETag and an empty answer as undefined', async () => {
    fetchMock.mockResolvedValueOnce(answer(200, { id: 'a' }, { etag: '"7"' }));
    expect(await request('/x')).toEqual({ data: { id: 'a' }, etag: '"7"' });
    fetchMock.mockResolvedValueOnce(answer(204, null));
    expect((await request('/x')).data).toBeUndefined();
  });

  it('turns a problem document into a typed error with its fields', async () => {
    const errors = [{ pointer: '/link/host', text: 'no such host', slug: 'connect.host' }];
    fetchMock.mockResolvedValueOnce(
      answer(422, { title: 'Invalid', slug: 'api.invalid', detail: 'd', cure: 'c', instance: 'r1', errors }),
    );
    const error = await get('/x').catch((e: unknown) => e);
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ status: 422, slug: 'api.invalid', cure: 'c', requestId: 'r1', fields: errors });
  });

  it('survives a refusal that is no problem document and a dead network', async () => {
    fetchMock.mockResolvedValueOnce(new Response('<html>', { status: 502 }));
    await expect(get('/x')).rejects.toMatchObject({ status: 502, slug: 'http.502' });
    fetchMock.mockRejectedValueOnce(new TypeError('failed'));
    await expect(get('/x')).rejects.toMatchObject({ status: 0, slug: 'console.offline' });
  });

  it('tells listeners when the log-in has expired', async () => {
    const listener = vi.fn();
    const stop = onSignedOut(listener);
    fetchMock.mockResolvedValueOnce(answer(401, { slug: 'security.session' }));
    await get('/x').catch(() => undefined);
    expect(listener).toHaveBeenCalledOnce();
    stop();
  });
});

describe('apiUrl', () => {
  it('escapes and leaves empty filters out', () => {
    expect(apiUrl('/t/a/points', { q: 'a&b', points: ['x', 'y'], none: '', not: undefined })).toBe(
      '/api/v1/t/a/points?q=a%26b&points=x%2Cy',
    );
  });
});
