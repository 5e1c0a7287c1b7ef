// SPDX-License-Identifier: Apache-2.0
import { useEffect, useRef, type PointerEvent } from 'react';
import type { Point } from '@/shared/api/types';
import { useT } from '@/shared/i18n/i18n';
import type { Palette } from './draw';
import { between, clampView, panBy, pxAt, spanOfView, type View } from '../model/view';
import { timeTicks } from '../model/ticks';
import { gapLimit } from '../model/segments';
import type { Trace } from '../model/trace';
import { usePlot, type PlotStore } from './store';
import { fontFamily } from '@/shared/theme/tokens';

const HEIGHT = 32;
const AXIS = 18;
const EDGE_PX = 8;

interface OverviewProps {
  store: PlotStore;
  span: View;
  trace: Trace | undefined;
  point: Point;
  left: number;
  width: number;
  zone: string;
  palette: Palette;
  onView: (view: View) => void;
}

/** Six times the span: the present view as a window to drag and stretch. */
export function Overview({ store, span, trace, point, left, width, zone, palette, onView }: OverviewProps) {
  const t = useT();
  const canvas = useRef<HTMLCanvasElement>(null);
  const { view } = usePlot(store);
  useEffect(() => {
    if (canvas.current) draw(canvas.current, span, trace, point, width, zone, palette);
  }, [span, trace, point, width, zone, palette]);
  const a = Math.max(0, pxAt(span, width, view.from));
  const b = Math.min(width, Math.max(a + 2, pxAt(span, width, view.to)));

  const grab = (event: PointerEvent<HTMLDivElement>): void => {
    if (event.button !== 0) return;
    const target = event.currentTarget;
    target.setPointerCapture(event.pointerId);
    const from = event.clientX - target.getBoundingClientRect().left;
    const start = store.view;
    const perPx = spanOfView(span) / width;
    const edge = Math.abs(from - a) <= EDGE_PX ? 'from' : Math.abs(from - b) <= EDGE_PX ? 'to' : from > a && from < b ? 'both' : 'jump';
    const origin = edge === 'jump' ? panBy(start, span.from + from * perPx - (start.from + start.to) / 2) : start;
    if (edge === 'jump') onView(origin);
    target.onpointermove = (move) => {
      const ms = (move.clientX - event.clientX) * perPx;
      if (edge === 'from') onView(between(Math.min(origin.from + ms, origin.to - perPx), origin.to));
      else if (edge === 'to') onView(between(origin.from, Math.max(origin.to + ms, origin.from + perPx)));
      else onView(clampView({ from: origin.from + ms, to: origin.to + ms }));
    };
    target.onpointerup = target.onpointercancel = () => { target.onpointermove = null; };
  };
  return (
    <div className="tr-overview" style={{ paddingLeft: left, height: HEIGHT + AXIS }} role="img" aria-label={t('trends:overviewLabel', { name: point.name })}>
      <canvas ref={canvas} style={{ width, height: HEIGHT + AXIS }} />
      <div className="tr-overview-grab" style={{ left, width, height: HEIGHT }} onPointerDown={grab}>
        <i className="tr-brush" style={{ left: a, width: Math.max(2, b - a) }} />
      </div>
    </div>
  );
}

function draw(canvas: HTMLCanvasElement, span: View, trace: Trace | undefined, point: Point, width: number, zone: string, palette: Palette): void {
  const ratio = window.devicePixelRatio || 1;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round((HEIGHT + AXIS) * ratio);
  const ctx = canvas.getContext('2d');
  if (!ctx) return;
  ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
  ctx.clearRect(0, 0, width, HEIGHT + AXIS);
  ctx.fillStyle = palette.sunken;
  ctx.fillRect(0, 0, width, HEIGHT);
  ctx.font = `11px ${fontFamily}`;
  ctx.fillStyle = palette.text3;
  ctx.textAlign = 'center';
  ctx.textBaseline = 'top';
  for (const tick of timeTicks(span, width, zone)) ctx.fillText(tick.label, pxAt(span, width, tick.at), HEIGHT + 4);
  if (!trace || trace.t.length === 0) return;
  let [low, high] = [Infinity, -Infinity];
  trace.low.forEach((value) => { if (value < low) low = value; });
  trace.high.forEach((value) => { if (value > high) high = value; });
  const room = high - low || 1;
  const y = (value: number): number => HEIGHT - 3 - ((value - low) / room) * (HEIGHT - 6);
  ctx.strokeStyle = palette.text3;
  ctx.lineWidth = 1;
  ctx.beginPath();
  const limit = gapLimit(point, trace) ?? Infinity;
  let pen = false;
  trace.t.forEach((at, i) => {
    const mid = trace.mid[i] ?? Number.NaN;
    const broken = i > 0 && at - (trace.t[i - 1] ?? 0) - trace.step > limit;
    if (Number.isNaN(mid)) {
      pen = false;
      return;
    }
    const x = pxAt(span, width, at);
    if (!pen || broken) ctx.moveTo(x, y(trace.high[i] ?? mid));
    ctx.lineTo(x, y(trace.high[i] ?? mid));
    ctx.lineTo(x, y(trace.low[i] ?? mid));
    ctx.lineTo(x, y(mid));
    pen = true;
  });
  ctx.stroke();
}
