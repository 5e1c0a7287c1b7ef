// SPDX-License-Identifier: Apache-2.0
import { useMemo } from 'react';
import type { FieldError } from '@/shared/api/problem';
import type { RowErrors } from './PointTable';
import { useIssueText } from './PointTable';
import { judgePoints, pointErrorAt, type PointDraft, type PointField } from './state';

/** Sentences for all wrong fields: our own judgement, and what the server said as long as the field was not touched. */
export function useRowErrors(points: readonly PointDraft[], said: readonly FieldError[]): RowErrors {
  const sentence = useIssueText();
  const refused = useMemo(() => said.flatMap((error) => {
    const at = pointErrorAt(error, points);
    const point = at && points.find((each) => each.key === at.key);
    return at && point ? [{ ...at, text: error.text, value: point[at.field] }] : [];
    // The errors belong to the rows as they were sent; later edits must not move them.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }), [said]);
  return useMemo(() => {
    const byKey = new Map(points.map((point) => [point.key, point]));
    const all = new Map<string, Map<PointField, string>>();
    const put = (key: string, field: PointField, text: string): void => {
      const own = all.get(key) ?? new Map<PointField, string>();
      if (!own.has(field)) own.set(field, text);
      all.set(key, own);
    };
    for (const [key, own] of judgePoints(points)) for (const [field, issue] of own) put(key, field, sentence(issue, byKey.get(key)));
    for (const { key, field, text, value } of refused) if (byKey.get(key)?.[field] === value) put(key, field, text);
    return all;
  }, [points, refused, sentence]);
}
