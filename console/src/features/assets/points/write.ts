// SPDX-License-Identifier: Apache-2.0
import type { Point, Scalar } from '@/shared/api/types';

export type WriteProblem = 'required' | 'number' | 'integer' | 'low' | 'high';
type Shape = Pick<Point, 'type' | 'limit_low' | 'limit_high'>;

/** What was typed as the contract wants it (int64 as digits, so that none is lost), or what is wrong with it. */
export function valueToWrite(typed: string, point: Shape): { value: Exclude<Scalar, null> } | { problem: WriteProblem } {
  if (point.type === 'string') return { value: typed };
  const text = typed.trim().replace('\u2212', '-');
  if (text === '') return { problem: 'required' };
  if (point.type === 'bool') return { value: text === 'true' };
  const number = Number(text);
  if (!Number.isFinite(number) || !/^[-+\d.]/.test(text) || /^[-+]?0[xob]/i.test(text)) return { problem: 'number' };
  if (point.type === 'int64' && !/^-?\d{1,19}$/.test(text)) return { problem: 'integer' };
  if (point.limit_low !== null && number < point.limit_low) return { problem: 'low' };
  if (point.limit_high !== null && number > point.limit_high) return { problem: 'high' };
  return { value: point.type === 'int64' ? text : number };
}
