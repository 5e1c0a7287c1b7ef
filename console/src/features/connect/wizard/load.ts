// SPDX-License-Identifier: Apache-2.0
import { isNumeric, lacksUnit, type PointDraft } from './state';

export interface Load {
  /** Samples a second when every value changes at every sampling. */
  rate: number;
  /** Bytes a day at that rate. */
  bytesPerDay: number;
  withoutUnit: number;
  byType: { numbers: number; switches: number; texts: number };
}

/** What a number costs on disk when the store has no figure of its own yet. */
const BYTES_PER_SAMPLE = 4;

export function loadOf(points: readonly PointDraft[], bytesPerSample: number | null): Load {
  let rate = 0;
  let withoutUnit = 0;
  const byType = { numbers: 0, switches: 0, texts: 0 };
  for (const point of points) {
    const period = Number(point.period) || 1000;
    rate += 1000 / Math.max(10, period);
    if (lacksUnit(point)) withoutUnit += 1;
    if (isNumeric(point)) byType.numbers += 1;
    else if (point.native === 'bool') byType.switches += 1;
    else byType.texts += 1;
  }
  return { rate, bytesPerDay: rate * 86_400 * (bytesPerSample ?? BYTES_PER_SAMPLE), withoutUnit, byType };
}
