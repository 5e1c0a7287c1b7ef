// SPDX-License-Identifier: Apache-2.0
import { useSyncExternalStore } from 'react';
import type { Density, Theme } from './tokens';

export type ThemeChoice = Theme | 'system';
export interface Preferences {
  theme: ThemeChoice;
  density: Density;
  railCollapsed: boolean | null;
  singleKeys: boolean;
}

const KEY = 'karez.preferences';
const defaults: Preferences = { theme: 'system', density: 'default', railCollapsed: null, singleKeys: true };
const listeners = new Set<() => void>();
let current: Preferences = load();

function load(): Preferences {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(KEY) ?? '{}');
    return typeof stored === 'object' && stored !== null ? { ...defaults, ...stored } : defaults;
  } catch {
    return defaults;
  }
}

/** Choices of this browser (theme, density, rail); kept in local storage, shared by all parts of the page. */
export function setPreferences(change: Partial<Preferences>): void {
  current = { ...current, ...change };
  try {
    localStorage.setItem(KEY, JSON.stringify(current));
  } catch {
    // A browser that forbids storage still gets the choice until reload.
  }
  for (const notify of listeners) notify();
}

function subscribe(notify: () => void): () => void {
  listeners.add(notify);
  return () => listeners.delete(notify);
}

export function getPreferences(): Preferences {
  return current;
}

export function usePreferences(): Preferences {
  return useSyncExternalStore(subscribe, getPreferences);
}

const darkQuery = (): MediaQueryList => window.matchMedia('(prefers-color-scheme: dark)');

function subscribeSystem(notify: () => void): () => void {
  const query = darkQuery();
  query.addEventListener('change', notify);
  return () => query.removeEventListener('change', notify);
}

/** The theme to draw now, the system's one when the user has not chosen. */
export function useTheme(): Theme {
  const choice = usePreferences().theme;
  const systemDark = useSyncExternalStore(subscribeSystem, () => darkQuery().matches);
  if (choice !== 'system') return choice;
  return systemDark ? 'dark' : 'light';
}
