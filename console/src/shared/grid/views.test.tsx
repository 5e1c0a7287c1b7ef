// SPDX-License-Identifier: Apache-2.0
import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { startI18n } from '@/shared/i18n/i18n';
import en from '../locales/en.json';
import { ListTools } from './ListTools';
import { shownColumns, switched } from './views';

const columns = ['name', 'state', 'class'].map((id) => ({ id, label: id }));

beforeAll(() => startI18n(() => Promise.resolve({ common: en }), 'en'));
afterEach(() => {
  cleanup();
  localStorage.clear();
});

describe('columns', () => {
  it('are all shown unless the address names some; the first always', () => {
    expect(shownColumns(columns, undefined)).toEqual(columns);
    expect(shownColumns(columns, 'class,unknown').map((column) => column.id)).toEqual(['name', 'class']);
  });
  it('leave the address clean when all are shown again', () => {
    const without = switched(columns, undefined, 'state');
    expect(without).toBe('name,class');
    expect(switched(columns, without, 'state')).toBeUndefined();
  });
});

describe('views', () => {
  it('keep filters, order and columns under a name and bring them back, the rest cleared', () => {
    const onSearch = vi.fn();
    const props = { list: 't1.devices', columns, onSearch, filters: ['q', 'state'] };
    const first = render(<ListTools {...props} search={{ q: 'pump', sort: '-name', node: 'n1' }} />);
    fireEvent.click(screen.getByText('Views'));
    fireEvent.change(screen.getByLabelText('Name of the view'), { target: { value: 'Pumps' } });
    fireEvent.click(screen.getByText('Save'));
    first.unmount();
    render(<ListTools {...props} search={{ state: 'offline' }} />);
    fireEvent.click(screen.getByText('Views'));
    fireEvent.click(screen.getByText('Pumps'));
    expect(onSearch).toHaveBeenCalledWith({ q: 'pump', state: undefined, sort: '-name', cols: undefined });
    fireEvent.click(screen.getByText('Views'));
    fireEvent.click(screen.getByLabelText('Forget the view Pumps'));
    expect(screen.queryByText('Pumps')).toBeNull();
  });
  it('close with Escape and give the focus back', () => {
    render(<ListTools list="x" columns={columns} onSearch={() => {}} filters={[]} search={{}} />);
    fireEvent.click(screen.getByText('Columns'));
    expect((screen.getByLabelText('name') as HTMLInputElement).disabled).toBe(true);
    fireEvent.keyDown(document.body, { key: 'Escape' });
    expect(screen.queryByLabelText('name')).toBeNull();
    expect(document.activeElement?.textContent).toBe('Columns');
  });
});
