// SPDX-License-Identifier: Apache-2.0
import type { FormSchema } from '@/shared/api/types';
import type { FormValue } from '@/shared/form/schema';
import { freshState, type WizardState } from './state';

const KEEP_MS = 7 * 86_400_000;
const VERSION = 1;

export interface Draft {
  at: number;
  state: WizardState;
}

const keyOf = (tenant: string): string => `karez.draft.connect.${tenant}`;

/** The interrupted wizard of this browser; null when there is none or it is older than seven days. */
export function readDraft(tenant: string, now = Date.now()): Draft | null {
  try {
    const text = localStorage.getItem(keyOf(tenant));
    if (text === null) return null;
    const draft = JSON.parse(text) as { version?: number; at?: number; state?: Partial<WizardState> };
    if (draft.version !== VERSION || typeof draft.at !== 'number' || !draft.state || now - draft.at > KEEP_MS) {
      localStorage.removeItem(keyOf(tenant));
      return null;
    }
    return { at: draft.at, state: { ...freshState, ...draft.state } };
  } catch {
    // No storage, or not our text: as if there were none.
    return null;
  }
}

/** Keeps the draft without its secrets; false when the browser has no room for it. */
export function writeDraft(tenant: string, state: WizardState, secretsOf: FormSchema | undefined, now = Date.now()): boolean {
  const safe: WizardState = { ...state, linkConfig: secretsOf ? withoutSecrets(secretsOf, state.linkConfig) : {} };
  try {
    localStorage.setItem(keyOf(tenant), JSON.stringify({ version: VERSION, at: now, state: safe }));
    return true;
  } catch {
    return false;
  }
}

export function forgetDraft(tenant: string): void {
  try {
    localStorage.removeItem(keyOf(tenant));
  } catch {
    // Nothing was kept then.
  }
}

/** Passwords and keys are not left behind in the browser; they have to be typed again. */
export function withoutSecrets(schema: FormSchema, value: FormValue): FormValue {
  const kept: FormValue = {};
  for (const [name, own] of Object.entries(value)) {
    const field = schema.properties?.[name];
    if (!field || field.format === 'password') continue;
    kept[name] = field.type === 'object' && typeof own === 'object' && own !== null ? withoutSecrets(field, own as FormValue) : own;
  }
  return kept;
}
