// SPDX-License-Identifier: Apache-2.0
import type { LiveValue } from '@/shared/live/client';
import type { Point, QualityClass } from '@/shared/api/types';

/** The states a value is shown in (console.md §8). */
export type ValueState = 'good' | 'uncertain' | 'bad' | 'stale' | 'manual' | 'simulated' | 'replayed' | 'never';

/** Sample flag bits of the contract. */
export const FLAG_SUBSTITUTED = 2;
const BAD_WAITING_FOR_INITIAL_DATA = 0x8032;

export function classOf(code: number): QualityClass {
  const top = (code >> 14) & 3;
  return top === 0 ? 'good' : top === 1 ? 'uncertain' : 'bad';
}

/** Worst word first: a bad or old value never looks like a good one. `cut` = the live channel itself is silent. */
export function stateOf(point: Pick<Point, 'origin'>, value: LiveValue | undefined, cut: boolean): ValueState {
  if (!value || value.time === null || value.code === BAD_WAITING_FOR_INITIAL_DATA) return 'never';
  const quality = classOf(value.code);
  if (quality === 'bad') return 'bad';
  if (cut || value.stale) return 'stale';
  if (quality === 'uncertain') return 'uncertain';
  if ((value.flags & FLAG_SUBSTITUTED) !== 0) return 'manual';
  if (point.origin === 'simulated' || point.origin === 'replayed') return point.origin;
  return 'good';
}

const names: Record<number, string> = {
  0x0000: 'Good', 0x00a5: 'GoodEntryInserted', 0x0096: 'GoodLocalOverride', 0x4000: 'Uncertain', 0x408f: 'UncertainNoCommunicationLastUsableValue',
  0x4090: 'UncertainLastUsableValue', 0x4091: 'UncertainSubstituteValue', 0x4092: 'UncertainInitialValue', 0x4093: 'UncertainSensorNotAccurate',
  0x4094: 'UncertainEngineeringUnitsExceeded', 0x4095: 'UncertainSubNormal', 0x8000: 'Bad', 0x8004: 'BadOutOfMemory', 0x8005: 'BadCommunicationError', 0x800a: 'BadTimeout',
  0x8031: 'BadNoCommunication', 0x8032: 'BadWaitingForInitialData', 0x8033: 'BadNodeIdInvalid', 0x8034: 'BadNodeIdUnknown', 0x803a: 'BadNotReadable', 0x803c: 'BadOutOfRange',
  0x8089: 'BadConfigurationError', 0x808a: 'BadNotConnected', 0x808b: 'BadDeviceFailure', 0x808c: 'BadSensorFailure', 0x808d: 'BadOutOfService', 0x8074: 'BadTypeMismatch', 0x809b: 'BadNoData',
};

/** `0x80310000 BadNoCommunication`. */
export function codeText(code: number): string {
  const hex = `0x${code.toString(16).toUpperCase().padStart(4, '0')}0000`;
  const name = names[code] ?? { good: 'Good', uncertain: 'Uncertain', bad: 'Bad' }[classOf(code)];
  return `${hex} ${name}`;
}
