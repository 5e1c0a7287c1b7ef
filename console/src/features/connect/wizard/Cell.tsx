// SPDX-License-Identifier: Apache-2.0
import { memo } from 'react';

interface CellProps {
  /** `points.3.unit`: stable, the same in every language. */
  name: string;
  label: string;
  value: string;
  onChange: (value: string) => void;
  error?: string | undefined;
  align?: 'right';
  list?: string;
  placeholder?: string;
  mono?: boolean;
  disabled?: boolean;
}

/** A field within a row; its error is the frame, the title and, below the table, a line in the list of errors. */
export const Cell = memo(function Cell({ name, label, value, onChange, error, align, list, placeholder, mono, disabled }: CellProps) {
  return (
    <input
      className={mono ? 'kz-cell-input kz-mono' : 'kz-cell-input'} name={name} aria-label={label} value={value} disabled={disabled} autoComplete="off" spellCheck={false}
      aria-invalid={error ? true : undefined} title={error} data-align={align} list={list} placeholder={placeholder} onChange={(event) => onChange(event.target.value)}
    />
  );
});
