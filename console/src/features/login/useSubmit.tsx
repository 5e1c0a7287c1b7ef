// SPDX-License-Identifier: Apache-2.0
import { CircleAlert } from 'lucide-react';
import { useState } from 'react';
import { ApiError } from '@/shared/api/problem';
import { useT } from '@/shared/i18n/i18n';
import { errorTitle } from '@/shared/ui/states';

/** State of one form that is sent: busy, the last refusal, and how to send. */
export function useSubmit(): { busy: boolean; error: unknown; run: (work: () => Promise<void>) => Promise<void> } {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const run = async (work: () => Promise<void>): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      await work();
    } catch (cause) {
      setError(cause);
    } finally {
      setBusy(false);
    }
  };
  return { busy, error, run };
}

export function Problem({ error }: { error: unknown }) {
  const t = useT();
  if (!error) return null;
  const more = error instanceof ApiError ? [error.detail, error.cure].filter((text) => text && !repeats(text, error.message)).join(' ') : '';
  return <p role="alert" className="kz-field-error"><CircleAlert size={14} aria-hidden /><span>{errorTitle(error, t)}{more && <><br />{more}</>}</span></p>;
}

/** The same words as the title, in whatever order and case: "Wrong user or password" and "User or password is wrong.". */
export function repeats(text: string, title: string): boolean {
  const words = (from: string): string[] => from.toLowerCase().split(/[^\p{L}\p{N}]+/u).filter((word) => word !== '' && word !== 'is' && word !== 'are');
  const said = new Set(words(title));
  return words(text).every((word) => said.has(word));
}

/** What the server said of one member of the body. */
export function fieldError(error: unknown, pointer: string): string | undefined {
  return error instanceof ApiError ? error.fields.find((field) => field.pointer === pointer)?.text : undefined;
}
