// SPDX-License-Identifier: Apache-2.0
import { X } from 'lucide-react';
import { useT } from '@/shared/i18n/i18n';

export interface Chip {
  key: string;
  label: string;
  value: string;
}

/** Filters in force, each with its own way out. */
export function FilterChips({ chips, onRemove, onClear }: { chips: Chip[]; onRemove: (key: string) => void; onClear?: () => void }) {
  const t = useT();
  if (chips.length === 0) return null;
  return (
    <ul className="kz-row" aria-label={t('common:filters')} style={{ flexWrap: 'wrap' }}>
      {chips.map((chip) => (
        <li key={chip.key} className="kz-tag" style={{ height: 26, paddingRight: 2 }}>
          <span className="kz-second">{chip.label}</span> {chip.value}
          <button type="button" className="kz-icon-button" style={{ minWidth: 24, height: 24 }} onClick={() => onRemove(chip.key)} aria-label={t('common:action.removeFilter', { name: chip.label })}>
            <X size={14} />
          </button>
        </li>
      ))}
      {onClear && chips.length > 1 && (
        <li><button type="button" className="kz-icon-button" onClick={onClear}>{t('common:action.clearAll')}</button></li>
      )}
    </ul>
  );
}

/** `state:bad class:pump rest of the search` typed into one field. */
export function splitTyped(text: string, keys: readonly string[]): { filters: Record<string, string>; rest: string } {
  const filters: Record<string, string> = {};
  const rest: string[] = [];
  for (const word of text.trim().split(/\s+/)) {
    const [, key = '', value = ''] = /^([a-z]+)[:：](\S+)$/.exec(word) ?? [];
    if (keys.includes(key)) filters[key] = value;
    else if (word !== '') rest.push(word);
  }
  return { filters, rest: rest.join(' ') };
}
