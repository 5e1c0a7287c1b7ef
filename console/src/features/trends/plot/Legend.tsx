// SPDX-License-Identifier: Apache-2.0
import { NO_VALUE, unitText, withUnit } from '@/shared/format/number';
import { useT } from '@/shared/i18n/i18n';
import { QualitySign } from '@/shared/quality/signs';
import { useFormatValue } from '@/shared/quality/useFormatValue';
import type { TrendContext } from '../context';
import { readingAt } from '../model/cursor';
import type { Lane } from '../model/lanes';
import { lookOf, type Prepared } from '../model/prepare';
import { BAD, UNCERTAIN } from '../model/trace';
import { usePlot } from './store';

/** Names above the lane; while the pointer rests on the plot each with its value there. */
export function Legend({ context, lane, series }: { context: TrendContext; lane: Lane; series: readonly Prepared[] }) {
  const t = useT();
  const format = useFormatValue();
  const { hover } = usePlot(context.store);
  const [left, second] = lane.axes;
  return (
    <div className="tr-legend">
      <span className="tr-unit">{unitText(left?.unit)}</span>
      <ul>
        {series.map((one) => {
          const { point } = one;
          const reading = hover === null ? null : readingAt(one.trace, one.gaps, hover);
          const atRight = second?.ids.includes(point.id) ?? false;
          return (
            <li key={point.id} data-selected={context.address.selected === point.id}>
              <Swatch colour={one.colour} dotted={point.origin === 'simulated'} />
              <span className="kz-cut" title={point.name}>{point.description || point.name}</span>
              {(point.origin === 'simulated' || point.origin === 'replayed') && <span className="tr-origin" title={t(`common:origin.${point.origin}`)}><QualitySign state={point.origin} /></span>}
              {(atRight || second) && <span className="kz-third">{atRight ? t('trends:rightAxis', { unit: unitText(point.unit) }) : unitText(point.unit)}</span>}
              {hover !== null && (
                <strong className="tr-read">
                  {reading && reading.quality !== 0 && <QualitySign state={reading.quality === BAD ? 'bad' : reading.quality === UNCERTAIN ? 'uncertain' : 'good'} />}
                  {reading ? withUnit(Number.isNaN(reading.value) ? NO_VALUE : format(reading.value, point), point.unit) : NO_VALUE}
                </strong>
              )}
            </li>
          );
        })}
      </ul>
      {second && <span className="tr-unit-right">{unitText(second.unit)}</span>}
    </div>
  );
}

export function Swatch({ colour, dotted, hollow }: { colour: number; dotted?: boolean; hollow?: boolean }) {
  const look = lookOf(colour);
  if (hollow) return <i className="tr-swatch-box" aria-hidden />;
  return (
    <svg width="14" height="10" viewBox="0 0 14 10" aria-hidden style={{ flex: 'none' }}>
      <path d="M0 5h14" stroke={`var(--kz-${look.name})`} strokeWidth="2.5" strokeDasharray={dotted ? '2 2' : look.dash.length > 0 ? look.dash.map((n) => n / 2).join(' ') : undefined} />
    </svg>
  );
}
