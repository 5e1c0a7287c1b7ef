// SPDX-License-Identifier: Apache-2.0
import { useCallback } from 'react';
import { useT } from '@/shared/i18n/i18n';
import { spanOf } from './time';

/** An age in words; below the tenth of a second that matters to a reader it is one tenth. */
export function useAgeText(): (ms: number) => string {
  const span = useSpanText();
  return useCallback((ms) => span(Math.max(100, ms)), [span]);
}

/** A duration in words of the language: `0.6 s`, `6 min`, `6 分钟`. */
export function useSpanText(): (ms: number) => string {
  const t = useT();
  return useCallback(
    (ms) => {
      const { value, unit } = spanOf(ms);
      return t(`common:span.${unit}`, { value });
    },
    [t],
  );
}
