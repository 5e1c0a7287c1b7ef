// SPDX-License-Identifier: Apache-2.0
import { CircleAlert } from 'lucide-react';
import { useId, type ReactNode } from 'react';
import './form.css';

export interface FieldIds {
  id: string;
  describedBy: string | undefined;
  invalid: boolean;
}

interface FieldProps {
  label: ReactNode;
  help?: ReactNode;
  error?: string | undefined;
  /** Draws the control with the ids that tie it to label, help and error. */
  children: (ids: FieldIds) => ReactNode;
}

/** Label above, help and error below; an error is a sign and a sentence, never a hue. */
export function Field({ label, help, error, children }: FieldProps) {
  const id = useId();
  const describedBy = [help ? `${id}-help` : '', error ? `${id}-error` : ''].filter(Boolean).join(' ') || undefined;
  return (
    <div className="kz-field" data-invalid={error ? true : undefined}>
      <label className="kz-field-label" htmlFor={id}>{label}</label>
      {children({ id, describedBy, invalid: Boolean(error) })}
      {help && <div id={`${id}-help`} className="kz-field-help">{help}</div>}
      {error && <div id={`${id}-error`} className="kz-field-error"><CircleAlert size={14} aria-hidden /><span>{error}</span></div>}
    </div>
  );
}

interface TextFieldProps {
  label: ReactNode;
  value: string;
  onChange: (value: string) => void;
  onBlur?: () => void;
  help?: ReactNode;
  error?: string | undefined;
  type?: 'text' | 'password' | 'search' | 'datetime-local';
  autoComplete?: string;
  autoFocus?: boolean;
  placeholder?: string;
  maxLength?: number;
  name?: string;
  required?: boolean;
}

export function TextField({ label, value, onChange, help, error, type = 'text', required, ...rest }: TextFieldProps) {
  return (
    <Field label={label} help={help} error={error}>
      {(ids) => (
        <input
          {...rest} id={ids.id} className="kz-input" type={type} value={value} onChange={(event) => onChange(event.target.value)}
          aria-describedby={ids.describedBy} aria-invalid={ids.invalid} aria-required={required}
        />
      )}
    </Field>
  );
}

/** Moves the focus to the first field with an error, after the errors are drawn. */
export function focusFirstError(root: HTMLElement | null): void {
  requestAnimationFrame(() => root?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
}
