// SPDX-License-Identifier: Apache-2.0
import { formatCount } from '@/shared/format/number';
import { AppLink } from '@/shared/ui/AppLink';

export interface Part {
  key: string;
  label: string;
  count: number;
  /** Told apart without hue. */
  look: 'solid' | 'light' | 'hatched' | 'empty';
  search?: Record<string, string>;
}

/** Shares as a bar of greys and hatches, every part named below with its count; a named part leads to its objects. */
export function StateBar({ parts }: { parts: Part[] }) {
  const total = parts.reduce((sum, part) => sum + part.count, 0);
  return (
    <div>
      <div className="kz-statebar" aria-hidden>
        {parts.map((part) => part.count > 0 && <i key={part.key} data-look={part.look} style={{ flexGrow: part.count / Math.max(1, total), minWidth: 3 }} />)}
      </div>
      <ul className="kz-statebar-keys kz-small">
        {parts.map((part) => {
          const content = <><i data-look={part.look} aria-hidden />{part.label} <strong>{formatCount(part.count)}</strong></>;
          return <li key={part.key}>{part.search && part.count > 0 ? <AppLink path="assets" search={part.search}>{content}</AppLink> : <span>{content}</span>}</li>;
        })}
      </ul>
    </div>
  );
}
