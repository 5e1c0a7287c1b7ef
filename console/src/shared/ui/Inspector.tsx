// SPDX-License-Identifier: Apache-2.0
import { X } from 'lucide-react';
import { useEffect, type ReactNode } from 'react';
import { useT } from '@/shared/i18n/i18n';
import './Inspector.css';

/** Docked panel of the selected object; `Esc` closes it. */
export function Inspector({ over, title, onClose, children }: { over?: string; title: string; onClose: () => void; children: ReactNode }) {
  const t = useT();
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key === 'Escape' && !event.defaultPrevented) onClose();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [onClose]);
  return (
    <aside className="kz-inspector" aria-label={t('common:inspector')}>
      <header>
        <div>
          {over && <div className="kz-small kz-second">{over}</div>}
          <h2>{title}</h2>
        </div>
        <button type="button" className="kz-icon-button" onClick={onClose} aria-label={t('common:action.close')}><X size={16} /></button>
      </header>
      {children}
    </aside>
  );
}

export function InspectorSection({ title, children }: { title: string; children: ReactNode }) {
  return <section><h3>{title}</h3>{children}</section>;
}

export function Facts({ rows }: { rows: [label: string, value: ReactNode][] }) {
  return (
    <dl className="kz-facts">
      {rows.map(([label, value]) => (
        <div key={label} style={{ display: 'contents' }}><dt>{label}</dt><dd>{value}</dd></div>
      ))}
    </dl>
  );
}
