// SPDX-License-Identifier: Apache-2.0
import type { FormSchema, Scalar } from '@/shared/api/types';
import type { Language } from '@/shared/i18n/i18n';

export type FormValue = Record<string, unknown>;

/** Text of a schema in the language of the page; the name of the field when it has none. */
export function labelOf(schema: FormSchema, name: string, language: Language): string {
  return schema['x-label']?.[language] || name;
}

/** Fields of an object in the order of the form, those whose condition fails left out. */
export function shownFields(schema: FormSchema, value: FormValue): [name: string, schema: FormSchema][] {
  return Object.entries(schema.properties ?? {})
    .filter(([, field]) => {
      const when = field['x-when'];
      if (!when) return true;
      const other = value[when.property] ?? schema.properties?.[when.property]?.default;
      return when.in.includes(other as Scalar);
    })
    .sort(([, a], [, b]) => (a['x-order'] ?? 10_001) - (b['x-order'] ?? 10_001));
}

/** All defaults of an object, nested objects included; what the form starts with. */
export function defaultsOf(schema: FormSchema): FormValue {
  const value: FormValue = {};
  for (const [name, field] of Object.entries(schema.properties ?? {})) {
    if (field.default !== undefined) value[name] = field.default;
    else if (field.type === 'object') value[name] = defaultsOf(field);
  }
  return value;
}

/** What is sent: fields of the form that are shown and filled in. */
export function cleanValue(schema: FormSchema, value: FormValue): FormValue {
  const clean: FormValue = {};
  for (const [name, field] of shownFields(schema, value)) {
    const own = value[name];
    if (own === undefined || own === '' || own === null) continue;
    if (field.type === 'object') {
      const inner = cleanValue(field, own as FormValue);
      if (Object.keys(inner).length > 0) clean[name] = inner;
    } else clean[name] = own;
  }
  return clean;
}

/**
 * The merge patch (RFC 7396) that makes `old` into what the form shows: members that were emptied or hidden
 * are null, for what is left out survives. Stored secrets are never among `old`; one goes when its value is null.
 */
export function patchValue(schema: FormSchema, old: FormValue, value: FormValue): FormValue {
  return { ...mergePatch(old, cleanValue(schema, value)), ...clearedSecrets(schema, value) };
}

const isObject = (value: unknown): value is FormValue => typeof value === 'object' && value !== null && !Array.isArray(value);

function mergePatch(old: FormValue, next: FormValue): FormValue {
  const patch: FormValue = {};
  for (const name of Object.keys(old)) if (!(name in next)) patch[name] = null;
  for (const [name, own] of Object.entries(next)) patch[name] = isObject(own) && isObject(old[name]) ? mergePatch(old[name], own) : own;
  return patch;
}

/** Only secrets are ever null in a form: their stored text is not known here, so that emptying alone says nothing. */
function clearedSecrets(schema: FormSchema, value: FormValue): FormValue {
  return Object.fromEntries(shownFields(schema, value).filter(([name, field]) => field.format === 'password' && value[name] === null).map(([name]) => [name, null]));
}

export interface FieldProblem {
  /** Key of the sentence in the form section of the language files. */
  key: 'required' | 'tooSmall' | 'tooLarge' | 'tooShort' | 'tooLong' | 'pattern' | 'number' | 'integer' | 'host' | 'choose';
  value?: string;
  limit?: string;
}

/** Judges one field; null when it is right. The server judges again. */
export function judgeField(schema: FormSchema, value: unknown, required: boolean): FieldProblem | null {
  if (value === undefined || value === null || value === '') return required && schema.default === undefined ? { key: 'required' } : null;
  if (schema.enum && !schema.enum.includes(value as Scalar)) return { key: 'choose' };
  if (schema.type === 'integer' || schema.type === 'number') return judgeNumber(schema, value);
  if (schema.type === 'string') return judgeText(schema, String(value));
  return null;
}

function judgeNumber(schema: FormSchema, value: unknown): FieldProblem | null {
  if (typeof value !== 'number' || !Number.isFinite(value)) return { key: 'number' };
  if (schema.type === 'integer' && !Number.isInteger(value)) return { key: 'integer' };
  if (schema.minimum !== undefined && value < schema.minimum) return { key: 'tooSmall', value: String(value), limit: String(schema.minimum) };
  if (schema.maximum !== undefined && value > schema.maximum) return { key: 'tooLarge', value: String(value), limit: String(schema.maximum) };
  return null;
}

function judgeText(schema: FormSchema, text: string): FieldProblem | null {
  if (schema.minLength !== undefined && text.length < schema.minLength) return { key: 'tooShort', limit: String(schema.minLength) };
  if (schema.maxLength !== undefined && text.length > schema.maxLength) return { key: 'tooLong', limit: String(schema.maxLength) };
  if (schema.format === 'hostname' && !/^[A-Za-z0-9]([A-Za-z0-9.:_-]{0,252}[A-Za-z0-9])?$/.test(text)) return { key: 'host' };
  if (schema.pattern !== undefined && !matches(schema.pattern, text)) return { key: 'pattern' };
  return null;
}

function matches(pattern: string, text: string): boolean {
  try {
    return new RegExp(pattern, 'u').test(text);
  } catch {
    // A pattern this engine cannot read is left to the server.
    return true;
  }
}

/** Pointers of what is wrong; a stored secret need not be typed again unless it is to go. */
export function wrongFields(schema: FormSchema, value: FormValue, stored: readonly string[]): string[] {
  const cleared = Object.keys(clearedSecrets(schema, value)).map((name) => `/${name}`);
  return [...judgeForm(schema, value).entries()].filter(([pointer, problem]) => problem.key !== 'required' || !stored.includes(pointer) || cleared.includes(pointer)).map(([pointer]) => pointer);
}

/** Every problem of the shown fields by JSON pointer. */
export function judgeForm(schema: FormSchema, value: FormValue, at = ''): Map<string, FieldProblem> {
  const found = new Map<string, FieldProblem>();
  for (const [name, field] of shownFields(schema, value)) {
    const pointer = `${at}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    const own = value[name];
    if (field.type === 'object') for (const [key, problem] of judgeForm(field, (own ?? {}) as FormValue, pointer)) found.set(key, problem);
    else {
      const problem = judgeField(field, own, schema.required?.includes(name) ?? false);
      if (problem) found.set(pointer, problem);
    }
  }
  return found;
}
