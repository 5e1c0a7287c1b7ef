// SPDX-License-Identifier: Apache-2.0
import { formatClock, formatDate } from '@/shared/format/time';
import { useSpanText } from '@/shared/format/useSpanText';
import { useT } from '@/shared/i18n/i18n';
import { readingAt, type CursorName, type Cursors } from '../model/cursor';
import { lookOf, type Prepared } from '../model/prepare';
import { pxAt, spanOfView, type View } from '../model/view';
import { usePlot, type PlotStore } from './store';

interface OverlayProps {
  store: PlotStore;
  series: readonly Prepared[];
  cursors: Cursors;
  active: CursorName;
  zone: string;
  left: number;
  height: number;
  onGrab: (name: CursorName, event: React.PointerEvent) => void;
}

/** Clock with the digits the span calls for; the date too when the view leaves the day. */
export function cursorText(at: number, view: View, zone: string): string {
  const ms = spanOfView(view) < 60_000 ? `.${String(Math.round(at) % 1000).padStart(3, '0')}` : '';
  const sameDay = formatDate(view.from, zone) === formatDate(view.to, zone);
  return `${sameDay ? '' : `${formatDate(at, zone).slice(5)} `}${formatClock(at, zone)}${ms}`;
}

/** Cursor lines with their flags and dots, the pointer's line and the box being drawn. */
export function Overlay({ store, series, cursors, active, zone, left, height, onGrab }: OverlayProps) {
  const t = useT();
  const span = useSpanText();
  const { view, width, hover, box } = usePlot(store);
  const x = (time: number): number => left + pxAt(view, width, time);
  const inside = (time: number | null): time is number => time !== null && time >= view.from && time <= view.to;
  const { a, b } = cursors;
  return (
    <div className="tr-overlay" style={{ height }}>
      {hover !== null && inside(hover) && (
        <>
          <i className="tr-hover-line" style={{ left: x(hover) }} />
          <span className="tr-hover-time" style={{ left: Math.min(left + width - 40, Math.max(left + 40, x(hover))) }}>{cursorText(hover, view, zone)}</span>
        </>
      )}
      {a !== null && b !== null && (
        <span className="tr-delta" style={{ left: Math.max(left, Math.min(x(a), x(b))), width: Math.max(0, Math.min(left + width, Math.max(x(a), x(b))) - Math.max(left, Math.min(x(a), x(b)))) }}>
          <span>Δt {span(Math.abs(b - a))}</span>
        </span>
      )}
      {(['a', 'b'] as const).map((name) => {
        const at = cursors[name];
        if (!inside(at)) return null;
        return (
          <div key={name} className="tr-cursor" data-active={active === name} style={{ left: x(at) }}>
            <button type="button" className="tr-flag" tabIndex={-1} aria-label={t('trends:cursorAt', { name: name.toUpperCase(), time: cursorText(at, view, zone) })} onPointerDown={(event) => onGrab(name, event)}>
              <b>{name.toUpperCase()}</b> {cursorText(at, view, zone)}
            </button>
            {series.map((one) => <Dot key={one.point.id} store={store} series={one} at={at} />)}
          </div>
        );
      })}
      {box && <i className="tr-box" style={{ left: x(Math.min(box.from, box.to)), width: Math.abs(x(box.to) - x(box.from)) }} />}
    </div>
  );
}

function Dot({ store, series, at }: { store: PlotStore; series: Prepared; at: number }) {
  const reading = readingAt(series.trace, series.gaps, at);
  if (!reading || Number.isNaN(reading.value)) return null;
  for (const lane of store.lanes.values()) {
    const y = lane.yOf(series.point.id, reading.value);
    if (y !== null) return <i className="tr-dot" style={{ top: y, background: `var(--kz-${lookOf(series.colour).name})` }} />;
  }
  return null;
}
