// SPDX-License-Identifier: Apache-2.0
import { Search, X } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useT } from '@/shared/i18n/i18n';

const WAIT_MS = 250;

interface SearchFieldProps {
  value: string;
  onChange: (value: string) => void;
  label: string;
  width?: number;
}

/** A field whose text is given on after the last key has rested. */
export function SearchField({ value, onChange, label, width = 220 }: SearchFieldProps) {
  const t = useT();
  const [typed, setTyped] = useState(value);
  const given = useRef(value);
  const latest = useRef(onChange);
  latest.current = onChange;
  useEffect(() => {
    if (value !== given.current) {
      given.current = value;
      setTyped(value);
    }
  }, [value]);
  useEffect(() => {
    if (typed === given.current) return undefined;
    const timer = setTimeout(() => {
      given.current = typed;
      latest.current(typed);
    }, WAIT_MS);
    return () => clearTimeout(timer);
  }, [typed]);
  return (
    <div className="kz-search" style={{ flex: `0 1 ${width}px`, background: 'var(--kz-surface)', height: 'var(--kz-control)' }}>
      <Search size={14} aria-hidden />
      <input type="text" value={typed} placeholder={label} aria-label={label} autoComplete="off" onChange={(event) => setTyped(event.target.value)} />
      {typed !== '' && <button type="button" className="kz-icon-button" style={{ minWidth: 24, height: 24 }} aria-label={t('common:action.clearFilter')} onClick={() => setTyped('')}><X size={14} /></button>}
    </div>
  );
}
