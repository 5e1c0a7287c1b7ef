// SPDX-License-Identifier: Apache-2.0
import { useCallback } from 'react';
import type { Point, Scalar } from '@/shared/api/types';
import { formatNumber, NO_VALUE } from '@/shared/format/number';
import { useT } from '@/shared/i18n/i18n';

type Shape = Pick<Point, 'type' | 'precision'>;

/** A value as text by the type and precision of its point, without unit. */
export function useFormatValue(): (value: Scalar | undefined, point: Shape) => string {
  const t = useT();
  return useCallback(
    (value, point) => {
      if (value === null || value === undefined) return NO_VALUE;
      if (typeof value === 'boolean') return t(value ? 'common:bool.true' : 'common:bool.false');
      if (typeof value === 'number') return formatNumber(value, point.precision);
      // int64 comes as digits, because a JSON number would lose some.
      if (point.type === 'int64' && /^-?\d{1,19}$/.test(value)) return BigInt(value).toLocaleString('en-US').replace('-', '\u2212');
      return value;
    },
    [t],
  );
}
