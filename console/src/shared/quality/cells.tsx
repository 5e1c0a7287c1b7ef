// SPDX-License-Identifier: Apache-2.0
import type { ConnectionState, Origin, Point } from '@/shared/api/types';
import { NO_VALUE, withUnit } from '@/shared/format/number';
import { useAgeText } from '@/shared/format/useSpanText';
import { useT } from '@/shared/i18n/i18n';
import type { LiveValue } from '@/shared/live/client';
import { useFreshness, useLiveValue, useNow } from '@/shared/live/react';
import { stateOf, type ValueState } from './quality';
import { ConnectionSign, OriginSign, QualitySign } from './signs';
import { useFormatValue } from './useFormatValue';
import './quality.css';

/** Newest value of a point and the state it is shown in. Subscribes while mounted. */
export function usePointState(point: Pick<Point, 'id' | 'origin'>): { live: LiveValue | undefined; state: ValueState; age: number | null } {
  const live = useLiveValue(point.id);
  const now = useNow();
  const { level } = useFreshness();
  return { live, state: stateOf(point, live, level !== 'fresh'), age: live?.time ? Math.max(0, now - live.time) : null };
}

/** The value right-aligned over the whole cell, hatched when bad or stale. For grids; the unit has its own column. */
export function LiveValueCell({ point }: { point: Point }) {
  const t = useT();
  const { live, state } = usePointState(point);
  const format = useFormatValue();
  return (
    <span className="kz-value-cell" data-state={state}>
      <span className="kz-value kz-cut" data-state={state}>
        <span className="kz-cut" title={state === 'never' ? t('common:quality.noValueYet') : live?.value === null && live.known !== null ? t('common:quality.lastKnown') : undefined}>{state === 'never' ? t('common:quality.noValueYet') : format(live?.value ?? live?.known, point)}</span>
      </span>
    </span>
  );
}

/** Value, unit and, when it is not plainly good, the sign; for running text and tiles. */
export function LiveValueText({ point }: { point: Point }) {
  const t = useT();
  const { live, state } = usePointState(point);
  const format = useFormatValue();
  if (state === 'never') return <span className="kz-value" data-state={state}>{t('common:quality.noValueYet')}</span>;
  return (
    <span className={`kz-value ${state === 'bad' || state === 'stale' ? 'kz-hatched' : ''}`} data-state={state}>
      {state !== 'good' && <span role="img" aria-label={t(`common:quality.${state}`)} style={{ display: 'inline-flex' }}><QualitySign state={state} /></span>}
      {withUnit(format(live?.value ?? live?.known, point), point.unit)}
    </span>
  );
}

/** Sign and word; bold unless plainly good. */
export function QualityWord({ state }: { state: ValueState }) {
  const t = useT();
  return <span className="kz-quality" data-plain={state === 'good'}><QualitySign state={state} /><span className="kz-cut">{t(`common:quality.${state}`)}</span></span>;
}

export function LiveQualityCell({ point }: { point: Point }) {
  return <QualityWord state={usePointState(point).state} />;
}

/** Age of the source time; bold when the value is bad or old. */
export function LiveAgeCell({ point }: { point: Point }) {
  const { state, age } = usePointState(point);
  const span = useAgeText();
  if (age === null) return <span className="kz-age">{NO_VALUE}</span>;
  return <span className="kz-age" data-old={state === 'stale' || state === 'bad'}>{span(age)}</span>;
}

export function ConnectionWord({ state }: { state: ConnectionState }) {
  const t = useT();
  const plain = state === 'online' || state === 'disabled';
  return <span className={`kz-connection ${plain ? 'kz-second' : 'kz-strong'}`}><ConnectionSign state={state} /><span className="kz-cut">{t(`common:connection.${state}`)}</span></span>;
}

/** Sign and word of the origin; real values carry the word only. */
export function OriginWord({ origin }: { origin: Origin }) {
  const t = useT();
  return <span className="kz-connection"><OriginSign origin={origin} />{t(`common:origin.${origin}`)}</span>;
}
