// SPDX-License-Identifier: Apache-2.0
const ALPHABET = '0123456789ABCDEFGHJKLMNPQRTUWXY';

/** Check digit of GB 32100 over the first 17 signs; null when they are not of the alphabet. */
export function usccCheck(first17: string): string | null {
  let sum = 0;
  let weight = 1;
  for (const sign of first17) {
    const value = ALPHABET.indexOf(sign);
    if (value < 0) return null;
    sum += value * weight;
    weight = (weight * 3) % 31;
  }
  return ALPHABET[(31 - (sum % 31)) % 31] ?? null;
}

export type UsccVerdict = { ok: true } | { ok: false; reason: 'length' | 'signs' | 'check'; expected?: string };

/** Judges a unified social credit code. */
export function judgeUscc(code: string): UsccVerdict {
  if (code.length !== 18) return { ok: false, reason: 'length' };
  const check = usccCheck(code.slice(0, 17));
  if (check === null || !ALPHABET.includes(code.charAt(17))) return { ok: false, reason: 'signs' };
  return check === code.charAt(17) ? { ok: true } : { ok: false, reason: 'check', expected: check };
}
