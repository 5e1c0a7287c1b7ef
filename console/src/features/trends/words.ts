// SPDX-License-Identifier: Apache-2.0
import { useMemo } from 'react';
import { formatNumber } from '@/shared/format/number';
import { useSpanText } from '@/shared/format/useSpanText';
import { useT } from '@/shared/i18n/i18n';
import type { Words } from './plot/draw';

/** Status codes with a word of their own; others are told by their class. */
const causes: Record<number, string> = {
  0x8005: 'communication', 0x800a: 'timeout', 0x8031: 'noCommunication', 0x8032: 'waiting', 0x8034: 'nodeUnknown', 0x803c: 'outOfRange', 0x8074: 'typeMismatch',
  0x8089: 'configuration', 0x808a: 'notConnected', 0x808b: 'deviceFailure', 0x808c: 'sensorFailure', 0x808d: 'outOfService', 0x809b: 'noData',
};

/** Words that stand on the canvas, in the language of the page. */
export function useWords(): Words {
  const t = useT();
  const span = useSpanText();
  return useMemo(() => {
    const cause = (code: number | null): string => (code !== null && Object.hasOwn(causes, code) ? t(`trends:cause.${causes[code] ?? 'noData'}`) : '');
    const joined = (parts: string[]): string => parts.filter((part) => part !== '').join(' · ');
    return {
      bad: (code, ms) => joined([t('common:quality.bad'), cause(code), span(ms)]),
      gap: (text, code, ms) => joined([t('trends:noData'), span(ms), cause(code) || text]),
      limit: (key, value, point) => t(key === 'high' ? 'trends:limitHigh' : 'trends:limitLow', { value: formatNumber(value, point.precision) }),
    };
  }, [t, span]);
}
