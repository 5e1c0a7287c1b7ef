// SPDX-License-Identifier: Apache-2.0
import { ChevronRight } from 'lucide-react';
import { useEffect, type ReactNode } from 'react';
import { useT } from '@/shared/i18n/i18n';
import { AppLink } from './AppLink';

export interface Crumb {
  label: string;
  path?: string;
  search?: Record<string, string>;
}

interface PageProps {
  /** Becomes the h1 and, with `object`, the title of the tab: "Page · Object · Karez". */
  title: string;
  object?: string;
  crumbs?: Crumb[];
  /** Beside the title: state, class, sub-title. */
  beside?: ReactNode;
  /** At most three buttons, one of them primary. */
  actions?: ReactNode;
  /** Everything below the header; it fills the rest of the height. */
  children: ReactNode;
}

export function useTitle(...parts: (string | undefined)[]): void {
  const title = [...parts.filter(Boolean), 'Karez'].join(' · ');
  useEffect(() => {
    document.title = title;
  }, [title]);
}

export function Page({ title, object, crumbs, beside, actions, children }: PageProps) {
  useTitle(title, object);
  return (
    <div className="kz-page">
      {crumbs && crumbs.length > 0 && <div style={{ padding: '8px 16px 0' }}><Crumbs items={crumbs} /></div>}
      <div className="kz-page-head">
        <h1>{object ?? title}</h1>
        {beside}
        {actions && <div className="kz-actions">{actions}</div>}
      </div>
      <div className="kz-page-body">{children}</div>
    </div>
  );
}

export function Crumbs({ items }: { items: Crumb[] }) {
  const t = useT();
  return (
    <nav className="kz-crumbs" aria-label={t('common:crumbs')}>
      {items.map((item, index) => (
        <span key={`${index}-${item.label}`} className="kz-row" style={{ gap: 6 }}>
          {index > 0 && <ChevronRight size={14} aria-hidden />}
          {item.path ? <AppLink path={item.path} search={item.search}>{item.label}</AppLink> : item.label}
        </span>
      ))}
    </nav>
  );
}

/** Rows shown of total, freshness, answer time. */
export function StatusLine({ children }: { children: ReactNode }) {
  return <div className="kz-status-line">{children}</div>;
}

export function ControlLine({ children }: { children: ReactNode }) {
  return <div className="kz-control-line">{children}</div>;
}

interface TabsProps<K extends string> {
  label: string;
  items: { key: K; label: string; count?: string }[];
  value: K;
  onChange: (key: K) => void;
}

export function Tabs<K extends string>({ label, items, value, onChange }: TabsProps<K>) {
  const move = (step: number): void => {
    const at = items.findIndex((item) => item.key === value);
    const next = items[(at + step + items.length) % items.length];
    if (next) onChange(next.key);
  };
  return (
    <div className="kz-tabs" role="tablist" aria-label={label}>
      {items.map((item) => (
        <button
          key={item.key}
          type="button"
          role="tab"
          aria-selected={item.key === value}
          tabIndex={item.key === value ? 0 : -1}
          onClick={() => onChange(item.key)}
          onKeyDown={(event) => {
            if (event.key === 'ArrowRight') move(1);
            if (event.key === 'ArrowLeft') move(-1);
          }}
        >
          {item.label}
          {item.count !== undefined && <span className="kz-third"> {item.count}</span>}
        </button>
      ))}
    </div>
  );
}
