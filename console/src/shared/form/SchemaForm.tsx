// SPDX-License-Identifier: Apache-2.0
import { Button } from 'antd';
import { ChevronRight } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import type { FieldError } from '@/shared/api/problem';
import type { FormSchema, Scalar } from '@/shared/api/types';
import { unitText } from '@/shared/format/number';
import { useLanguage, useT } from '@/shared/i18n/i18n';
import { Field } from './Field';
import { judgeField, labelOf, shownFields, type FieldProblem, type FormValue } from './schema';

interface SchemaFormProps {
  schema: FormSchema;
  value: FormValue;
  onChange: (value: FormValue) => void;
  /** Errors of the server; their pointers are relative to this form (see `errorsUnder`). */
  errors?: readonly FieldError[];
  /** Judge all fields at once, after an attempt to go on. */
  judged?: boolean;
  /** Pointers of secrets that are stored and need not be typed again. */
  secretsSet?: readonly string[];
  at?: string;
}

/** Errors whose pointer lies under `prefix`, made relative to it. */
export function errorsUnder(errors: readonly FieldError[], prefix: string): FieldError[] {
  return errors.filter((error) => error.pointer.startsWith(`${prefix}/`)).map((error) => ({ ...error, pointer: error.pointer.slice(prefix.length) }));
}

/** The one renderer of driver forms: labels, help, units, defaults and ranges come from the JSON Schema. */
export function SchemaForm(props: SchemaFormProps) {
  const { schema, value, at = '', errors = [] } = props;
  const t = useT();
  const fields = shownFields(schema, value);
  const plain = fields.filter(([, field]) => !field['x-advanced']);
  const advanced = fields.filter(([, field]) => field['x-advanced']);
  const changed = advanced.filter(([name, field]) => value[name] !== undefined && value[name] !== field.default).length;
  const hasError = advanced.some(([name]) => errors.some((error) => error.pointer === `${at}/${name}`));
  const [open, setOpen] = useState(false);
  const draw = ([name, field]: [string, FormSchema]) => <SchemaField key={name} {...props} name={name} field={field} pointer={`${at}/${name}`} />;
  return (
    <>
      {plain.map(draw)}
      {advanced.length > 0 && (
        <details open={open || hasError} onToggle={(event) => setOpen(event.currentTarget.open)}>
          <summary className="kz-row" style={{ cursor: 'pointer', minHeight: 28 }}>
            <ChevronRight size={14} aria-hidden style={{ transform: open || hasError ? 'rotate(90deg)' : undefined }} />
            {changed > 0 ? t('common:form.advancedChanged', { count: changed }) : t('common:form.advanced')}
          </summary>
          <div className="kz-form" style={{ paddingTop: 10 }}>{advanced.map(draw)}</div>
        </details>
      )}
    </>
  );
}

type SchemaFieldProps = SchemaFormProps & { name: string; field: FormSchema; pointer: string };

function SchemaField({ name, field, pointer, ...form }: SchemaFieldProps) {
  const t = useT();
  const language = useLanguage();
  const [left, setLeft] = useState(false);
  const own = form.value[name];
  const label = labelOf(field, name, language);
  const set = (next: unknown): void => {
    const rest = Object.entries(form.value).filter(([key]) => key !== name);
    form.onChange(Object.fromEntries(next === undefined ? rest : [...rest, [name, next]]));
  };
  if (field.type === 'object') {
    return (
      <fieldset className="kz-form-group">
        <legend>{label}</legend>
        <SchemaForm {...form} schema={field} value={(own ?? {}) as FormValue} onChange={set} at={pointer} />
      </fieldset>
    );
  }
  const stored = form.secretsSet?.includes(pointer) ?? false;
  const kept = stored && own !== null;
  const required = (form.schema.required?.includes(name) ?? false) && !kept;
  const problem = left || form.judged ? judgeField(field, own, required) : null;
  const said = form.errors?.find((error) => error.pointer === pointer)?.text;
  return (
    <Field label={<>{label}{!required && field.default === undefined && field.type !== 'boolean' && <span className="kz-third">{t('common:form.optional')}</span>}</>} help={helpOf(field, language, t)} error={problem ? sentence(problem, t) : said}>
      {(ids) => <Control ids={ids} name={name} field={field} value={own} set={set} onLeave={() => setLeft(true)} placeholder={kept ? t('common:form.secretKept') : stored ? t('common:form.secretGoes') : undefined} beside={stored && <SecretButton label={label} goes={own === null} onChange={(goes) => set(goes ? null : undefined)} />} />}
    </Field>
  );
}

type T = ReturnType<typeof useT>;

export function sentence(problem: FieldProblem, t: T): string {
  return t(`common:form.${problem.key}`, { value: problem.value ?? '', limit: problem.limit ?? '' });
}

function helpOf(field: FormSchema, language: 'en' | 'zh', t: T): string {
  const parts = [field['x-help']?.[language] ?? ''];
  const example = field.examples?.[0];
  if (example !== undefined) parts.push(t('common:form.example', { value: String(example) }));
  if (field.default !== undefined && field.default !== '' && field.type !== 'boolean' && !field.enum) parts.push(t('common:form.defaultIs', { value: String(field.default) }));
  return parts.filter(Boolean).join(' · ');
}

interface ControlProps {
  ids: { id: string; describedBy: string | undefined; invalid: boolean };
  name: string;
  field: FormSchema;
  value: unknown;
  set: (value: unknown) => void;
  onLeave: () => void;
  placeholder: string | undefined;
  beside?: ReactNode;
}

/** A stored secret goes only on purpose; an empty field keeps it. */
function SecretButton({ label, goes, onChange }: { label: string; goes: boolean; onChange: (goes: boolean) => void }) {
  const t = useT();
  return <Button size="small" aria-label={`${label}: ${t(goes ? 'common:form.secretKeep' : 'common:form.secretRemove')}`} onClick={() => onChange(!goes)}>{t(goes ? 'common:form.secretKeep' : 'common:form.secretRemove')}</Button>;
}

function Control({ ids, name, field, value, set, onLeave, placeholder, beside }: ControlProps) {
  const t = useT();
  const language = useLanguage();
  const common = { id: ids.id, name, onBlur: onLeave, 'aria-describedby': ids.describedBy, 'aria-invalid': ids.invalid };
  if (field.enum) {
    const text = (item: Scalar): string => field['x-enum-labels']?.[String(item)]?.[language] ?? String(item);
    const at = field.enum.findIndex((item) => item === (value ?? field.default));
    return (
      <select {...common} className="kz-input" value={at} onChange={(event) => set(field.enum?.[Number(event.target.value)])}>
        {at < 0 && <option value={-1} />}
        {field.enum.map((item, index) => <option key={String(item)} value={index}>{text(item)}</option>)}
      </select>
    );
  }
  if (field.type === 'boolean') {
    const on = Boolean(value ?? field.default);
    return <span className="kz-switch"><input {...common} type="checkbox" className="kz-check" checked={on} onChange={(event) => set(event.target.checked)} />{t(on ? 'common:yes' : 'common:no')}</span>;
  }
  if (field.type === 'integer' || field.type === 'number') return <NumberControl common={common} field={field} value={value} set={set} />;
  if (field.type === 'array') return <ListControl common={common} field={field} value={value} set={set} />;
  const textValue = typeof value === 'string' ? value : '';
  const input = field.format === 'textarea' || 'x-multiline' in field ? (
    <textarea {...common} className="kz-input" spellCheck={false} placeholder={placeholder} value={textValue} onChange={(event) => set(event.target.value)} />
  ) : (
    <input {...common} className="kz-input" type={field.format === 'password' ? 'password' : 'text'} autoComplete={field.format === 'password' ? 'new-password' : 'off'} spellCheck={false}
      placeholder={placeholder} maxLength={field.maxLength} value={textValue} onChange={(event) => set(event.target.value)} />
  );
  return beside ? <span className="kz-with-unit">{input}{beside}</span> : input;
}

type Common = { id: string; name: string; onBlur: () => void; 'aria-describedby': string | undefined; 'aria-invalid': boolean };

/** Text that is a number: what was typed stays even when it is none yet. */
function NumberControl({ common, field, value, set }: { common: Common; field: FormSchema; value: unknown; set: (value: unknown) => void }) {
  const unit = unitText(field['x-unit']);
  const input = (
    <input {...common} className="kz-input" inputMode="decimal" autoComplete="off" value={value === undefined || value === null ? '' : String(value)}
      onChange={(event) => {
        const typed = event.target.value.trim();
        const number = Number(typed);
        if (typed === '') set(undefined);
        else set(Number.isFinite(number) && String(number) === typed ? number : typed);
      }}
      onBlur={() => {
        const number = Number(value);
        if (typeof value === 'string' && value !== '' && Number.isFinite(number)) set(number);
        common.onBlur();
      }} />
  );
  return unit === '' ? input : <span className="kz-with-unit">{input}<span className="kz-second">{unit}</span></span>;
}

/** A list of texts or numbers, one a line. */
function ListControl({ common, field, value, set }: { common: Common; field: FormSchema; value: unknown; set: (value: unknown) => void }) {
  const numeric = field.items?.type === 'integer' || field.items?.type === 'number';
  const lines = Array.isArray(value) ? value.map(String).join('\n') : '';
  const [typed, setTyped] = useState(lines);
  return (
    <textarea {...common} className="kz-input" value={typed} onChange={(event) => {
      setTyped(event.target.value);
      const items = event.target.value.split('\n').map((line) => line.trim()).filter(Boolean);
      set(items.length === 0 ? undefined : numeric ? items.map((item) => (Number.isFinite(Number(item)) ? Number(item) : item)) : items);
    }} />
  );
}
