import { useCallback } from 'react';
import { useT } from '@/shared/i18n/i18n';
import { spanOf } from './time';

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
