// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { repeats } from './useSubmit';

it('finds a detail that says the title again, and keeps one that says more', () => {
  expect(repeats('User or password is wrong.', 'Wrong user or password')).toBe(true);
  expect(repeats('The user is locked for 15 minutes.', 'Wrong user or password')).toBe(false);
});
