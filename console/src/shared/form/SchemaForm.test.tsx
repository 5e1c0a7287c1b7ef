// SPDX-License-Identifier: Apache-2.0
import { fireEvent, render, screen } from '@testing-library/react';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { FormSchema } from '@/shared/api/types';
import { startI18n } from '@/shared/i18n/i18n';
import en from '../locales/en.json';
import { cleanValue, defaultsOf, judgeForm, patchValue, wrongFields } from './schema';
import { errorsUnder, SchemaForm } from './SchemaForm';

const text = (en: string) => ({ en, zh: en });
const schema: FormSchema = {
  type: 'object',
  required: ['host'],
  properties: {
    port: { type: 'integer', minimum: 1, maximum: 65535, default: 502, 'x-label': text('Port'), 'x-order': 2 },
    host: { type: 'string', format: 'hostname', 'x-label': text('Host'), 'x-order': 1, examples: ['10.20.3.11'] },
    mode: { type: 'string', enum: ['tcp', 'rtu'], default: 'tcp', 'x-label': text('Mode'), 'x-enum-labels': { tcp: text('TCP'), rtu: text('RTU over TCP') } },
    unit: { type: 'integer', 'x-label': text('Unit id'), 'x-when': { property: 'mode', in: ['rtu'] } },
    timeout: { type: 'integer', default: 3000, 'x-unit': 'ms', 'x-advanced': true, 'x-label': text('Timeout') },
  },
};

beforeAll(() => startI18n(() => Promise.resolve({ common: en }), 'en'));

describe('SchemaForm', () => {
  it('orders fields, hides rare ones under Advanced and follows conditions', () => {
    const { rerender } = render(<SchemaForm schema={schema} value={defaultsOf(schema)} onChange={() => {}} />);
    expect(screen.getByLabelText('Host').compareDocumentPosition(screen.getByLabelText('Port')) & Node.DOCUMENT_POSITION_FOLLOWING).toBeTruthy();
    expect(screen.getByText('Advanced')).toBeTruthy();
    expect(screen.queryByLabelText(/Unit id/)).toBeNull();
    rerender(<SchemaForm schema={schema} value={{ mode: 'rtu', timeout: 5 }} onChange={() => {}} />);
    expect(screen.getByLabelText(/Unit id/)).toBeTruthy();
    expect(screen.getByText('Advanced · 1 changed')).toBeTruthy();
  });

  it('judges a field when it is left and says why', () => {
    render(<SchemaForm schema={schema} value={{ port: 70000 }} onChange={() => {}} />);
    expect(screen.queryByText(/above/)).toBeNull();
    fireEvent.blur(screen.getByLabelText('Port'));
    expect(screen.getByText('70000 is above 65535.')).toBeTruthy();
  });

  it('brings errors of the server back to their field', () => {
    const errors = errorsUnder([{ pointer: '/link/new/config/host', text: 'No such host.' }], '/link/new/config');
    render(<SchemaForm schema={schema} value={{ host: 'x' }} onChange={() => {}} errors={errors} />);
    const field = screen.getByLabelText('Host');
    expect(field.getAttribute('aria-invalid')).toBe('true');
    expect(screen.getByText('No such host.').closest('.kz-field')?.contains(field)).toBe(true);
  });

  it('gives numbers as numbers and keeps what is none', () => {
    const onChange = vi.fn();
    render(<SchemaForm schema={schema} value={{}} onChange={onChange} />);
    fireEvent.change(screen.getByLabelText('Port'), { target: { value: '1502' } });
    expect(onChange).toHaveBeenLastCalledWith({ port: 1502 });
    fireEvent.change(screen.getByLabelText('Port'), { target: { value: '15x' } });
    expect(onChange).toHaveBeenLastCalledWith({ port: '15x' });
  });
});

describe('stored secrets', () => {
  const secret: FormSchema = { type: 'object', properties: { password: { type: 'string', format: 'password', 'x-label': text('Password') } } };
  it('go on purpose only', () => {
    const onChange = vi.fn();
    const { rerender } = render(<SchemaForm schema={secret} value={{}} onChange={onChange} secretsSet={['/password']} />);
    expect(patchValue(secret, {}, {})).toEqual({});
    expect(patchValue(secret, {}, { password: '' })).toEqual({});
    fireEvent.click(screen.getByRole('button', { name: 'Password: Remove stored' }));
    expect(onChange).toHaveBeenLastCalledWith({ password: null });
    expect(patchValue(secret, {}, { password: null })).toEqual({ password: null });
    rerender(<SchemaForm schema={secret} value={{ password: null }} onChange={onChange} secretsSet={['/password']} />);
    fireEvent.click(screen.getByRole('button', { name: 'Password: Keep stored' }));
    expect(onChange).toHaveBeenLastCalledWith({});
  });
});

describe('schema', () => {
  it('takes out of a saved configuration what was emptied or hidden', () => {
    const old = { host: 'a', port: 1502, mode: 'rtu', unit: 3, gone: 1 };
    expect(patchValue(schema, old, { host: 'b', mode: 'tcp', unit: 3 })).toEqual({ host: 'b', mode: 'tcp', port: null, unit: null, gone: null });
    const nested: FormSchema = { type: 'object', properties: { tls: { type: 'object', properties: { ca: { type: 'string' }, name: { type: 'string' } } } } };
    expect(patchValue(nested, { tls: { ca: 'x', name: 'y' } }, { tls: { ca: '', name: 'y' } })).toEqual({ tls: { ca: null, name: 'y' } });
    expect(patchValue(nested, { tls: { ca: 'x' } }, { tls: {} })).toEqual({ tls: null });
  });
  it('does not ask again for a stored secret, unless it is to go', () => {
    const needed: FormSchema = { type: 'object', required: ['key'], properties: { key: { type: 'string', format: 'password' } } };
    expect(wrongFields(needed, {}, ['/key'])).toEqual([]);
    expect(wrongFields(needed, { key: null }, ['/key'])).toEqual(['/key']);
    expect(wrongFields(needed, {}, [])).toEqual(['/key']);
  });
  it('starts with the defaults and sends only what is shown', () => {
    expect(defaultsOf(schema)).toEqual({ port: 502, mode: 'tcp', timeout: 3000 });
    expect(cleanValue(schema, { host: 'a', unit: 3, mode: 'tcp', port: '' })).toEqual({ host: 'a', mode: 'tcp' });
  });
  it('finds all problems by pointer', () => {
    const found = judgeForm(schema, { port: 0.5, mode: 'xyz' });
    expect([...found.entries()].map(([pointer, problem]) => [pointer, problem.key])).toEqual([['/host', 'required'], ['/port', 'integer'], ['/mode', 'choose']]);
  });
});
