// SPDX-License-Identifier: Apache-2.0
import { useQuery } from '@tanstack/react-query';
import { keepPreviousData } from '@tanstack/react-query';
import { Search } from 'lucide-react';
import { useDeferredValue, useEffect, useId, useMemo, useRef, useState, type KeyboardEvent } from 'react';
import { get } from '@/shared/api/client';
import type { SearchAnswer, SearchKind } from '@/shared/api/types';
import { formatCount } from '@/shared/format/number';
import { useT } from '@/shared/i18n/i18n';
import { useGo, useHref } from '@/shared/nav/address';
import { useWorkplace } from '@/shared/session/workplace';
import { roleAtLeast } from '@/shared/session/session';
import { errorTitle } from '@/shared/ui/states';
import { pages } from '../features';
import { onShortcut } from './keys';

interface Hit {
  key: string;
  title: string;
  subtitle: string;
  path: string;
  search?: Record<string, string>;
}
interface Group {
  kind: SearchKind;
  total: number;
  hits: Hit[];
}

/** Where a hit of the server leads; null for kinds this console has no page for. */
function targetOf(kind: SearchKind, id: string): Pick<Hit, 'path' | 'search'> | null {
  if (kind === 'devices') return { path: `assets/dev/${id}` };
  if (kind === 'points') return { path: `assets/point/${id}` };
  if (kind === 'equipment') return { path: 'assets', search: { node: id } };
  if (kind === 'links') return { path: 'assets', search: { link: id } };
  return null;
}

function useHits(typed: string): { groups: Group[]; error: unknown; took: number | null } {
  const t = useT();
  const { path, tenant, role } = useWorkplace();
  const q = useDeferredValue(typed.trim());
  const answer = useQuery({
    queryKey: ['search', tenant.id, q],
    queryFn: ({ signal }) => get<SearchAnswer>(path('/search'), { q, limit: 8 }, signal),
    enabled: q !== '',
    placeholderData: keepPreviousData,
    staleTime: 10_000,
  });
  return useMemo(() => {
    const wanted = q.toLowerCase();
    const found = pages
      .filter((item) => roleAtLeast(role, item.role ?? 'viewer'))
      .map((item): Hit => ({ key: `page:${t(item.label)}`, title: t(item.label), subtitle: '', path: item.path, ...('search' in item && item.search ? { search: item.search } : {}) }))
      .filter((page) => wanted === '' || page.title.toLowerCase().includes(wanted));
    const groups: Group[] = found.length > 0 ? [{ kind: 'pages', total: found.length, hits: found }] : [];
    for (const group of q === '' ? [] : (answer.data?.groups ?? [])) {
      const hits = group.items.flatMap((item): Hit[] => {
        const target = targetOf(group.kind, item.id);
        return target ? [{ key: `${group.kind}:${item.id}`, title: item.title, subtitle: item.subtitle, ...target }] : [];
      });
      if (hits.length > 0) groups.push({ kind: group.kind, total: group.total, hits });
    }
    return { groups, error: answer.error, took: answer.data?.took_ms ?? null };
  }, [answer.data, answer.error, q, role, t]);
}

export function SearchBox() {
  const t = useT();
  const go = useGo();
  const href = useHref();
  const id = useId();
  const field = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState('');
  const [open, setOpen] = useState(false);
  const [at, setAt] = useState(0);
  const { groups, error } = useHits(typed);
  const hits = groups.flatMap((group) => group.hits);
  const current = hits[Math.min(at, hits.length - 1)];
  useEffect(() => onShortcut('search', () => { field.current?.focus(); field.current?.select(); }), []);

  const choose = (hit: Hit, newTab: boolean): void => {
    if (newTab) {
      window.open(href(hit.path, hit.search), '_blank', 'noopener');
      return;
    }
    setOpen(false);
    setTyped('');
    field.current?.blur();
    go(hit.path, hit.search);
  };
  const onKey = (event: KeyboardEvent): void => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'ArrowDown') setAt(Math.min(at + 1, hits.length - 1));
    else if (event.key === 'ArrowUp') setAt(Math.max(at - 1, 0));
    else if (event.key === 'Enter' && current) choose(current, event.ctrlKey || event.metaKey);
    else if (event.key === 'Escape') { setOpen(false); setTyped(''); setAt(0); field.current?.blur(); }
    else return;
    event.preventDefault();
  };
  return (
    <div className="kz-search" role="search">
      <Search size={16} aria-hidden />
      <input
        ref={field} type="text" role="combobox" value={typed} placeholder={t('shell:search.placeholder')} aria-label={t('shell:search.label')} autoComplete="off"
        aria-expanded={open} aria-controls={`${id}-list`} aria-activedescendant={open && current ? `${id}-${current.key}` : undefined}
        onChange={(event) => { setTyped(event.target.value); setAt(0); setOpen(true); }} onFocus={() => setOpen(true)} onBlur={() => setOpen(false)} onKeyDown={onKey}
      />
      <kbd className="kz-kbd" aria-hidden>Ctrl K</kbd>
      {open && (
        <div className="kz-search-list" id={`${id}-list`} role="listbox" aria-label={t('shell:search.results')} onMouseDown={(event) => event.preventDefault()}>
          {groups.map((group) => (
            <div key={group.kind} role="group" aria-label={t(`shell:search.kind.${group.kind}`)}>
              <div className="kz-search-kind">{t(`shell:search.kind.${group.kind}`)}{group.total > group.hits.length && ` ${formatCount(group.total)}`}</div>
              {group.hits.map((hit) => (
                <div key={hit.key} id={`${id}-${hit.key}`} role="option" aria-selected={hit === current} className="kz-search-hit"
                  onMouseMove={() => setAt(hits.indexOf(hit))} onClick={(event) => choose(hit, event.ctrlKey || event.metaKey)}>
                  <span className="kz-strong kz-cut">{hit.title}</span><span className="kz-second kz-cut">{hit.subtitle}</span>
                </div>
              ))}
            </div>
          ))}
          {hits.length === 0 && <p className="kz-search-none" role="status">{error ? errorTitle(error, t) : t('shell:search.none', { q: typed })}</p>}
        </div>
      )}
    </div>
  );
}
