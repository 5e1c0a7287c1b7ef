// SPDX-License-Identifier: Apache-2.0
import { Eye, EyeOff, X } from 'lucide-react';
import { useMemo } from 'react';
import { formatCount, formatNumber, formatPercent, NO_VALUE, unitText } from '@/shared/format/number';
import { useSpanText } from '@/shared/format/useSpanText';
import { useT } from '@/shared/i18n/i18n';
import { AppLink } from '@/shared/ui/AppLink';
import { QualitySign } from '@/shared/quality/signs';
import { useFormatValue } from '@/shared/quality/useFormatValue';
import type { TrendContext } from './context';
import { useExact, useFigures, type Figures, type PointState } from './data';
import { readingAt, type Reading } from './model/cursor';
import { gapTime, type Prepared } from './model/prepare';
import { BAD, UNCERTAIN, type Trace } from './model/trace';
import { Swatch } from './plot/Legend';
import { cursorText } from './plot/Overlay';

interface TableProps {
  context: TrendContext;
  points: readonly PointState[];
  series: readonly Prepared[];
  range: { from: number; to: number };
  running: boolean;
  shift: number;
  zone: string;
}

/** Figures of each series: at the cursors and over the stretch between them, else over the range. Also what a screen reader gets of the plot. */
export function CursorTable({ context, points, series, range, running, shift, zone }: TableProps) {
  const t = useT();
  const { a, b, entries } = context.address;
  const both = a !== null && b !== null && a !== b;
  const stretch = both ? { from: Math.min(a, b), to: Math.max(a, b) } : range;
  const shown = useMemo(() => series.map((one) => one.point), [series]);
  const numeric = useMemo(() => shown.filter((point) => point.type === 'double' || point.type === 'int64' || point.type === 'bool'), [shown]);
  const figures = useFigures(numeric, stretch.from, stretch.to, running && !both).data;
  const earlier = useFigures(shift > 0 ? numeric : [], stretch.from - shift, stretch.to - shift, running && !both).data;
  const asked = (at: number | null): string[] => (at === null ? [] : series.filter((one) => one.trace.reduced || at < one.trace.from || at > one.trace.to).map((one) => one.point.id));
  const exactA = useExact(asked(a), a);
  const exactB = useExact(asked(b), b);
  const flag = (at: number | null): string => (at === null ? NO_VALUE : cursorText(at, range, zone));
  return (
    <div className="tr-table" id="tr-table" tabIndex={0} role="region" aria-label={t('trends:table')}>
      <table>
        <thead>
          <tr>
            <th>{t('trends:series')}</th><th>{t('trends:point')}</th><th>{t('trends:unit')}</th>
            <th className="kz-num"><b className="tr-key">A</b> {flag(a)}</th><th className="kz-num"><b className="tr-key">B</b> {flag(b)}</th><th className="kz-num">B − A</th>
            <th className="kz-num">{t('trends:min')}</th><th className="kz-num" title={t('trends:meanHint')}>{t('trends:mean')}</th><th className="kz-num">{t('trends:max')}</th>
            <th className="kz-num">{t('trends:good')}</th><th className="kz-num">{t('trends:samples')}</th><th aria-label={t('common:action.remove')} />
          </tr>
        </thead>
        <tbody>
          {entries.map((entry) => {
            const state = points.find((point) => point.id === entry.id);
            const one = series.find((candidate) => candidate.point.id === entry.id);
            const at = (time: number | null, exact: Map<string, Trace> | undefined): Reading | null =>
              one && time !== null ? exactly(one, time, exact?.get(entry.id)) ?? readingAt(one.trace, one.gaps, time) : null;
            return (
              <Row key={entry.id} context={context} id={entry.id} colour={entry.colour} state={state} one={one} a={at(a, exactA)} b={at(b, exactB)}
                figures={figures?.get(entry.id)} earlier={earlier?.get(entry.id)} stretch={stretch} />
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

/** The stored sample instead of the column's, unless a gap lies at the cursor. */
function exactly(one: Prepared, time: number, trace: Trace | undefined): Reading | null {
  const seen = time >= one.trace.from && time <= one.trace.to;
  if (!trace || (seen && !readingAt(one.trace, one.gaps, time))) return null;
  return readingAt(trace, [], time);
}

interface RowProps {
  context: TrendContext;
  id: string;
  colour: number;
  state: PointState | undefined;
  one: Prepared | undefined;
  a: Reading | null;
  b: Reading | null;
  figures: Figures | undefined;
  earlier: Figures | undefined;
  stretch: { from: number; to: number };
}

function Row({ context, id, colour, state, one, a, b, figures, earlier, stretch }: RowProps) {
  const t = useT();
  const point = state?.point;
  const hidden = context.address.hidden.has(id);
  const name = point ? point.description || point.name : id;
  const digits = point?.precision;
  const number = (value: number | null | undefined): string => (value === null || value === undefined ? NO_VALUE : formatNumber(value, digits));
  // Rounded as printed, so that no difference reads "−0.00".
  const difference = a && b && !Number.isNaN(a.value) && !Number.isNaN(b.value) ? Number((b.value - a.value).toFixed(digits ?? 9)) + 0 : null;
  const isNumber = point?.type === 'double' || point?.type === 'int64';
  return (
    <>
      <tr data-selected={context.address.selected === id} data-hidden={hidden} onClick={() => context.select(id)}>
        <td>
          <span className="kz-row">
            <button type="button" className="kz-icon-button tr-small" aria-label={t(hidden ? 'trends:show' : 'trends:hide', { name })} onClick={(event) => { event.stopPropagation(); context.toggleHidden(id); }}>
              {hidden ? <EyeOff size={14} /> : <Eye size={14} />}
            </button>
            <Swatch colour={colour} dotted={point?.origin === 'simulated'} />
            <span className="kz-cut kz-strong" title={name}>{name}</span>
            {point && (point.origin === 'simulated' || point.origin === 'replayed') && <span className="tr-origin" title={t(`common:origin.${point.origin}`)}><QualitySign state={point.origin} /></span>}
          </span>
        </td>
        {point ? (
          <td className="kz-cut kz-second" title={`${point.device_name} / ${point.name}`}><AppLink path={`assets/point/${point.id}`} onClick={(event) => event.stopPropagation()} className="tr-plain">{point.device_name} / {point.name}</AppLink></td>
        ) : <td className="kz-third">{state?.error ? t('trends:pointGone') : t('common:state.loading')}</td>}
        <td className="kz-second">{unitText(point?.unit)}</td>
        <Value reading={a} point={point} /><Value reading={b} point={point} />
        <td className="kz-num">{isNumber && difference !== null ? `${difference > 0 ? '+' : ''}${number(difference)}` : NO_VALUE}</td>
        <td className="kz-num kz-second">{isNumber ? number(figures?.min) : NO_VALUE}</td>
        <td className="kz-num kz-second">{isNumber ? number(figures?.mean) : point?.type === 'bool' && figures?.mean !== null && figures?.mean !== undefined ? formatPercent(figures.mean) : NO_VALUE}</td>
        <td className="kz-num kz-second">{isNumber ? number(figures?.max) : NO_VALUE}</td>
        <td className="kz-num"><Good one={one} figures={figures} stretch={stretch} /></td>
        <td className="kz-num kz-second">{figures ? formatCount(figures.count) : NO_VALUE}</td>
        <td><button type="button" className="kz-icon-button tr-small" aria-label={t('trends:remove', { name })} onClick={(event) => { event.stopPropagation(); context.remove(id); }}><X size={14} /></button></td>
      </tr>
      {earlier && !hidden && (
        <tr className="tr-earlier">
          <td colSpan={6}><span className="kz-row" style={{ paddingLeft: 36 }}><i className="tr-dots" style={{ color: `var(--kz-series-${(colour % 8) + 1})` }} aria-hidden />{t(`trends:compare.${context.address.compare || 'span'}`)}</span></td>
          <td className="kz-num">{isNumber ? number(earlier.min) : NO_VALUE}</td><td className="kz-num">{number(earlier.mean)}</td><td className="kz-num">{isNumber ? number(earlier.max) : NO_VALUE}</td>
          <td className="kz-num">{earlier.count > 0 ? formatPercent(earlier.good / earlier.count) : NO_VALUE}</td><td className="kz-num">{formatCount(earlier.count)}</td><td />
        </tr>
      )}
    </>
  );
}

function Value({ reading, point }: { reading: Reading | null; point: PointState['point'] }) {
  const t = useT();
  const format = useFormatValue();
  if (!reading || !point) return <td className="kz-num">{NO_VALUE}</td>;
  const sign = reading.quality === BAD ? 'bad' : reading.quality === UNCERTAIN ? 'uncertain' : null;
  const text = reading.text ?? (Number.isNaN(reading.value) ? NO_VALUE : format(point.type === 'bool' ? reading.value !== 0 : reading.value, point));
  return (
    <td className={`kz-num kz-strong ${sign === 'bad' ? 'kz-hatched kz-third' : ''}`}>
      {sign && <span role="img" aria-label={t(`common:quality.${sign}`)} className="tr-sign"><QualitySign state={sign} /></span>}{text}
    </td>
  );
}

/** Share of good samples; a gap is told first, because a share does not show it. */
function Good({ one, figures, stretch }: { one: Prepared | undefined; figures: Figures | undefined; stretch: { from: number; to: number } }) {
  const t = useT();
  const span = useSpanText();
  const missing = one ? gapTime(one.gaps, stretch.from, stretch.to) : 0;
  const share = figures && figures.count > 0 ? figures.good / figures.count : null;
  return (
    <span className={share === 1 && missing === 0 ? 'kz-second' : 'kz-strong'}>
      {share !== null && share < 1 && <span className="tr-sign"><QualitySign state="bad" /></span>}
      {(share === null ? missing === 0 : share < 1 || missing === 0) && (share === null ? NO_VALUE : formatPercent(share))}
      {share !== null && share < 1 && missing > 0 && ' · '}
      {missing > 0 && t('trends:gapOf', { span: span(missing) })}
    </span>
  );
}
