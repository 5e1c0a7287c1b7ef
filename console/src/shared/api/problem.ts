// SPDX-License-Identifier: Apache-2.0
/** An RFC 9457 answer of the server, or a failure before any answer came (status 0). */
export interface FieldError {
  pointer: string;
  text: string;
  slug?: string;
}

export class ApiError extends Error {
  readonly status: number;
  /** Stable word to branch on, `module.reason`. */
  readonly slug: string;
  readonly detail: string;
  readonly cure: string;
  readonly requestId: string;
  readonly fields: FieldError[];

  constructor(init: { status: number; slug: string; title: string; detail?: string; cure?: string; requestId?: string; fields?: FieldError[] }) {
    super(init.title);
    this.name = 'ApiError';
    this.status = init.status;
    this.slug = init.slug;
    this.detail = init.detail ?? '';
    this.cure = init.cure ?? '';
    this.requestId = init.requestId ?? '';
    this.fields = init.fields ?? [];
  }

  get denied(): boolean {
    return this.status === 403;
  }
  get signedOut(): boolean {
    return this.status === 401;
  }
  get notFound(): boolean {
    return this.status === 404;
  }
  /** Somebody else saved in between (If-Match did not match). */
  get conflict(): boolean {
    return this.status === 412;
  }
  get offline(): boolean {
    return this.status === 0;
  }
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

function fieldErrors(body: Record<string, unknown>): FieldError[] {
  const found: FieldError[] = [];
  const add = (from: Record<string, unknown>, fallback: string): void => {
    const pointer = from['pointer'];
    if (typeof pointer !== 'string') return;
    const said = text(from['text']) || text(from['detail']) || text(from['title']) || fallback;
    found.push({ pointer, text: said, slug: text(from['slug']) });
  };
  if (Array.isArray(body['errors'])) {
    for (const item of body['errors'] as unknown[]) {
      if (typeof item === 'object' && item !== null) add(item as Record<string, unknown>, '');
    }
  }
  if (found.length === 0) add(body, text(body['detail']) || text(body['title']));
  return found;
}

/** Reads a refusal; a body that is no problem document still becomes an ApiError. */
export async function problemOf(response: Response): Promise<ApiError> {
  let body: Record<string, unknown> = {};
  try {
    const parsed: unknown = await response.json();
    if (typeof parsed === 'object' && parsed !== null) body = parsed as Record<string, unknown>;
  } catch {
    // Not JSON: a proxy's page, for instance. The status is all we know.
  }
  return new ApiError({
    status: response.status,
    slug: text(body['slug']) || `http.${response.status}`,
    title: text(body['title']) || response.statusText || `HTTP ${response.status}`,
    detail: text(body['detail']),
    cure: text(body['cure']),
    requestId: text(body['instance']) || response.headers.get('x-request-id') || '',
    fields: fieldErrors(body),
  });
}
