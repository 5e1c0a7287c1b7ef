// SPDX-License-Identifier: Apache-2.0
import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/react';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { ApiError } from '@/shared/api/problem';
import { startI18n } from '@/shared/i18n/i18n';
import en from '../locales/en.json';
import { EditForm, type EditField } from './EditForm';
import { TextField } from './Field';
import { changesOf, differencesOf, merged, same } from './merge';

const text = (key: string): EditField => ({ key, label: key, show: String, control: (value, set, error) => <TextField label={key} value={String(value)} onChange={set} error={error} /> });
const fields = [text('name'), text('maker'), text('model')];
const conflict = new ApiError({ status: 412, slug: 'request.precondition', title: 'changed' });

beforeAll(() => startI18n(() => Promise.resolve({ common: en }), 'en'));
afterEach(cleanup);

function open(save: (change: Record<string, unknown>, etag: string) => Promise<void>) {
  const onDone = vi.fn();
  render(<EditForm label="Edit" fields={fields} value={{ name: 'a', maker: 'm', model: 'x' }} etag="1" onDone={onDone} onCancel={() => {}} save={save}
    reload={() => Promise.resolve({ data: { name: 'theirs', maker: 'n', model: 'x' }, etag: '2' })} judge={(draft): Record<string, string> => (draft['name'] === '' ? { name: 'needed' } : {})} />);
  return onDone;
}
const type = (label: string, value: string): void => void fireEvent.change(screen.getByLabelText(label), { target: { value } });

describe('EditForm', () => {
  it('sends what was changed, and nothing when nothing was', async () => {
    const save = vi.fn(() => Promise.resolve());
    const done = open(save);
    type('model', 'y');
    fireEvent.click(screen.getByText('Save'));
    await waitFor(() => expect(done).toHaveBeenCalledOnce());
    expect(save).toHaveBeenCalledWith({ model: 'y' }, '1', { name: 'a', maker: 'm', model: 'x' });
    type('model', 'x');
    fireEvent.click(screen.getByText('Save'));
    await waitFor(() => expect(done).toHaveBeenCalledTimes(2));
    expect(save).toHaveBeenCalledOnce();
  });
  it('does not send what is wrong', () => {
    const save = vi.fn(() => Promise.resolve());
    open(save);
    type('name', '');
    fireEvent.click(screen.getByText('Save'));
    expect(screen.getByText('needed')).toBeTruthy();
    expect(save).not.toHaveBeenCalled();
  });
  it('shows both versions when somebody else saved, and saves the choice on the new version', async () => {
    const save = vi.fn<(change: Record<string, unknown>, etag: string) => Promise<void>>().mockRejectedValueOnce(conflict).mockResolvedValue(undefined);
    const done = open(save);
    type('name', 'mine');
    type('model', 'y');
    fireEvent.click(screen.getByText('Save'));
    await screen.findByTestId('conflict');
    expect((screen.getByLabelText('name: Mine') as HTMLInputElement).checked).toBe(true);
    expect((screen.getByLabelText('maker: Theirs') as HTMLInputElement).checked).toBe(true);
    fireEvent.click(screen.getByLabelText('name: Theirs'));
    fireEvent.click(screen.getByText('Save the choice'));
    await waitFor(() => expect(done).toHaveBeenCalledOnce());
    expect(save).toHaveBeenLastCalledWith({ model: 'y' }, '2', { name: 'theirs', maker: 'n', model: 'x' });
  });
});

describe('merge', () => {
  it('compares JSON whatever the order of members', () => {
    expect(same({ a: 1, b: { c: 2, d: 3 } }, { b: { d: 3, c: 2 }, a: 1 })).toBe(true);
    expect(same(null, '')).toBe(false);
  });
  it('takes the side that changed, mine when both did', () => {
    const base = { a: 1, b: 1, c: 1, d: 1 }, mine = { a: 2, b: 1, c: 2, d: 1 }, theirs = { a: 1, b: 3, c: 3, d: 1 };
    const picks = differencesOf(base, mine, theirs);
    expect([...picks]).toEqual([['a', 'mine'], ['b', 'theirs'], ['c', 'mine']]);
    expect(merged(mine, theirs, picks)).toEqual({ a: 2, b: 3, c: 2, d: 1 });
    expect(changesOf(theirs, merged(mine, theirs, picks))).toEqual({ a: 2, c: 2 });
  });
});
