// SPDX-License-Identifier: Apache-2.0
import { Button } from 'antd';
import { CircleSlash, Inbox, Lock, RotateCw, SearchX, WifiOff } from 'lucide-react';
import { useEffect, useState, type ReactNode } from 'react';
import { ApiError } from '@/shared/api/problem';
import { useT } from '@/shared/i18n/i18n';
import './states.css';

/** Nothing yet: what it is for and the one action. */
export function Empty({ title, text, action }: { title: string; text?: string; action?: ReactNode }) {
  return (
    <div className="kz-state" data-state="empty">
      <Inbox size={24} aria-hidden />
      <h2>{title}</h2>
      {text && <p>{text}</p>}
      {action}
    </div>
  );
}

/** Something exists but no row fits the filter. */
export function NoMatch({ filter, onClear }: { filter: string; onClear: () => void }) {
  const t = useT();
  return (
    <div className="kz-state" data-state="no-match">
      <SearchX size={24} aria-hidden />
      <h2>{t('common:state.noMatch')}</h2>
      <p>{filter}</p>
      <Button onClick={onClear}>{t('common:action.clearFilter')}</Button>
    </div>
  );
}

/** Grey bars after 150 ms, after 3 s what is waited for, after 10 s a way out. */
export function Loading({ what, rows = 6, onCancel }: { what?: string; rows?: number; onCancel?: () => void }) {
  const t = useT();
  const [waited, setWaited] = useState(0);
  useEffect(() => {
    const timers = [3, 10].map((s) => setTimeout(() => setWaited(s), s * 1000));
    return () => timers.forEach(clearTimeout);
  }, []);
  return (
    <div data-state="loading" aria-busy="true" style={{ flex: 1, minWidth: 0 }}>
      <span className="kz-hidden" role="status">{t('common:state.loading')}</span>
      <div className="kz-skeleton" aria-hidden>{Array.from({ length: rows }, (_, i) => <i key={i} />)}</div>
      {waited >= 3 && (
        <div className="kz-state kz-state-compact">
          {what ?? t('common:state.waiting')}
          {waited >= 10 && onCancel && <Button onClick={onCancel}>{t('common:action.cancel')}</Button>}
        </div>
      )}
    </div>
  );
}

/** The missing right and who can give it. */
export function Denied({ text }: { text?: string | undefined }) {
  const t = useT();
  return (
    <div className="kz-state" data-state="denied" role="alert">
      <Lock size={24} aria-hidden />
      <h2>{t('common:state.denied')}</h2>
      <p>{text || t('common:state.deniedWho')}</p>
    </div>
  );
}

/** One part failed, the rest of the page lives. Rights and log-in get their own face. */
export function ErrorState({ error, onRetry, compact }: { error: unknown; onRetry?: () => void; compact?: boolean }) {
  const t = useT();
  if (error instanceof ApiError && error.denied) return <Denied text={error.detail} />;
  const api = error instanceof ApiError ? error : null;
  const Sign = api?.offline ? WifiOff : CircleSlash;
  const copy = (): void => {
    const details = api ? { slug: api.slug, status: api.status, request: api.requestId, detail: api.detail } : { error: String(error) };
    void navigator.clipboard?.writeText(JSON.stringify(details));
  };
  return (
    <div className={compact ? 'kz-state kz-state-compact' : 'kz-state'} data-state="error" role="alert">
      <Sign size={compact ? 16 : 24} aria-hidden />
      <h2>{errorTitle(error, t)}</h2>
      {(api?.detail || api?.cure) && <p>{[api.detail, api.cure].filter(Boolean).join(' ')}</p>}
      {api?.requestId && !compact && <p className="kz-small">{t('common:state.request', { id: api.requestId })}</p>}
      <div className="kz-row">
        {onRetry && <Button icon={<RotateCw size={14} />} onClick={onRetry}>{t('common:action.retry')}</Button>}
        {!compact && <Button type="text" onClick={copy}>{t('common:action.copyDetails')}</Button>}
      </div>
    </div>
  );
}

type T = ReturnType<typeof useT>;

/** A sentence for an error: the server's own, ours when no answer came. */
export function errorTitle(error: unknown, t: T): string {
  if (!(error instanceof ApiError)) return t('common:state.error');
  if (error.offline) return t('common:state.offline');
  if (error.notFound) return t('common:state.notFound');
  return error.message || t('common:state.error');
}

interface QueryLike<D> {
  data: D | undefined;
  error: unknown;
  isPending: boolean;
  refetch: () => unknown;
}

/** Chooses between loading, error and content of a query; old content stays while new comes. */
export function QueryView<D>({ query, children, rows, what }: { query: QueryLike<D>; children: (data: D) => ReactNode; rows?: number; what?: string }) {
  if (query.data !== undefined) return <>{children(query.data)}</>;
  if (query.error) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  return <Loading {...(rows === undefined ? {} : { rows })} {...(what === undefined ? {} : { what })} />;
}
