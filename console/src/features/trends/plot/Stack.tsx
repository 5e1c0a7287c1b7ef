// SPDX-License-Identifier: Apache-2.0
import { useEffect, useLayoutEffect, useMemo, useRef, useState, type PointerEvent } from 'react';
import { unitText } from '@/shared/format/number';
import { useT } from '@/shared/i18n/i18n';
import { fixedOrder, type TrendContext } from '../context';
import { cursorFor, type CursorName } from '../model/cursor';
import { isStrip, laneHeight, layoutLanes, type Lane } from '../model/lanes';
import type { Prepared } from '../model/prepare';
import { clampView, spanOfView, timeAt, wheelFactor, zoomAt, type View } from '../model/view';
import type { Palette, Words } from './draw';
import { drawFoot, footHeight, type FootArgs } from './foot';
import { LanePlot } from './LanePlot';
import { Legend } from './Legend';
import { Overlay } from './Overlay';
import { GUTTER } from './size';

const FLAGS_PX = 28;
const LEGEND_PX = 22;
const LEAST_LANE_PX = 76;
const RIGHT_PX = 14;
const RIGHT_AXIS_PX = 56;
const CLICK_PX = 4;
const ZOOM_BOX_PX = 6;

interface StackProps {
  context: TrendContext;
  series: readonly Prepared[];
  zone: string;
  palette: Palette;
  words: Words;
  label: string;
  onWidth: (width: number) => void;
}

/** All lanes above one another with their common time axis; wheel, drag and click act on all of them. */
export function Stack({ context, series, zone, palette, words, label, onWidth }: StackProps) {
  const t = useT();
  const { store, address } = context;
  const host = useRef<HTMLDivElement>(null);
  const size = useSize(host);
  const lanes = useMemo(() => layoutLanes(series.map((one) => one.point), address.lanes), [series, address.lanes]);
  const strips = useMemo(() => series.filter((one) => isStrip(one.point)), [series]);
  const right = lanes.some((lane) => lane.axes.length > 1) ? RIGHT_AXIS_PX : RIGHT_PX;
  const plotWidth = Math.max(0, size.width - GUTTER - right);
  const foot = footHeight(strips.length);
  const each = laneHeight(lanes.length, size.height - FLAGS_PX - foot - lanes.length * LEGEND_PX, LEAST_LANE_PX);
  const height = FLAGS_PX + lanes.length * (each + LEGEND_PX) + strips.length * 28;
  useLayoutEffect(() => {
    store.width = plotWidth;
    onWidth(Math.round(plotWidth));
    store.changed();
  }, [store, plotWidth, onWidth]);
  const gestures = useGestures(context, host);
  const footArgs: FootArgs = useMemo(
    () => ({
      strips, zone, palette, width: size.width, left: GUTTER, right, mixed: t('trends:mixed'),
      names: (one) => one.point.name, clock: (minutes) => t('trends:clockChange', { hours: `${minutes > 0 ? '+' : '−'}${Math.abs(minutes / 60)}` }),
    }),
    [strips, zone, palette, size.width, right, t],
  );
  return (
    <div ref={host} className="tr-stack" data-mode={address.mode} role="group" aria-label={label} aria-describedby="tr-table" tabIndex={0} {...gestures.handlers}>
      {plotWidth > 0 && (
        <>
          <div className="tr-flags" />
          {lanes.map((lane) => (
            <div key={lane.key} className="tr-lane">
              <Legend context={context} lane={lane} series={series.filter((one) => lane.axes.some((axis) => axis.ids.includes(one.point.id)))} />
              <LanePlot store={store} lane={lane} series={seriesOf(lane, series)} width={size.width} height={each} right={right} fit={address.fit.has(lane.key)}
                selected={address.selected} zone={zone} palette={palette} words={words} />
              <button type="button" className="tr-axis" style={{ width: GUTTER, height: each }} title={t('trends:fitHint')} aria-label={t('trends:fitAxis', { unit: unitText(lane.axes[0]?.unit) || t('trends:noUnit') })}
                aria-pressed={address.fit.has(lane.key)} onDoubleClick={() => context.toggleFit(lane.key)} onKeyDown={(event) => { if (event.key === 'Enter') context.toggleFit(lane.key); }} />
            </div>
          ))}
          <Foot context={context} args={footArgs} height={foot} />
          <Overlay store={store} series={series} cursors={address} active={context.active} zone={zone} left={GUTTER} height={height} onGrab={gestures.grab} />
        </>
      )}
    </div>
  );
}

const laneCache = new WeakMap<readonly Prepared[], Map<string, Prepared[]>>();

/** The same array for the same input, so that a lane is redrawn only when its data changes. */
function seriesOf(lane: Lane, series: readonly Prepared[]): Prepared[] {
  const byLane = laneCache.get(series) ?? new Map<string, Prepared[]>();
  laneCache.set(series, byLane);
  const known = byLane.get(lane.key);
  if (known) return known;
  const own = series.filter((one) => lane.axes.some((axis) => axis.ids.includes(one.point.id)));
  byLane.set(lane.key, own);
  return own;
}

function Foot({ context: { store }, args, height }: { context: TrendContext; args: FootArgs; height: number }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const draw = (): void => {
      if (canvas.current) drawFoot(canvas.current, store.view, args);
    };
    store.foot = canvas.current;
    draw();
    return store.onView(draw);
  }, [store, args]);
  return <canvas ref={canvas} className="tr-foot" style={{ width: args.width, height }} aria-hidden />;
}

function useSize(host: React.RefObject<HTMLDivElement | null>): { width: number; height: number } {
  const [size, setSize] = useState({ width: 0, height: 0 });
  useLayoutEffect(() => {
    const element = host.current;
    if (!element) return undefined;
    const measure = (): void => setSize((old) => (old.width === element.clientWidth && old.height === element.clientHeight ? old : { width: element.clientWidth, height: element.clientHeight }));
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [host]);
  return size;
}

/** Wheel zooms at the pointer; drag pans, draws a box (Shift or zoom mode) or moves the nearer cursor; a click sets one. */
function useGestures(context: TrendContext, host: React.RefObject<HTMLDivElement | null>) {
  const latest = useRef(context);
  latest.current = context;
  useEffect(() => {
    const element = host.current;
    if (!element) return undefined;
    const onWheel = (event: WheelEvent): void => {
      const { store, setView } = latest.current;
      if (!event.ctrlKey && Math.abs(event.deltaX) > Math.abs(event.deltaY)) return;
      const at = timeAt(store.view, store.width, event.clientX - element.getBoundingClientRect().left - GUTTER);
      // Over the digits the wheel scrolls the stack when it is taller than its room.
      if (at < store.view.from) return;
      event.preventDefault();
      setView(zoomAt(store.view, at, wheelFactor(event.deltaY, event.deltaMode)));
    };
    element.addEventListener('wheel', onWheel, { passive: false });
    return () => element.removeEventListener('wheel', onWheel);
  }, [host]);

  const timeOf = (clientX: number): number => {
    const { store } = latest.current;
    const px = clientX - (host.current?.getBoundingClientRect().left ?? 0) - GUTTER;
    return timeAt(store.view, store.width, Math.max(0, Math.min(store.width, px)));
  };
  const onPlot = (clientX: number): boolean => {
    const px = clientX - (host.current?.getBoundingClientRect().left ?? 0) - GUTTER;
    return px >= 0 && px <= latest.current.store.width;
  };
  const follow = (event: PointerEvent, move: (at: number, px: number) => void, end: (at: number, px: number) => void): void => {
    const element = host.current;
    if (!element) return;
    element.setPointerCapture(event.pointerId);
    element.onpointermove = (next) => move(timeOf(next.clientX), next.clientX - event.clientX);
    element.onpointerup = element.onpointercancel = (next) => {
      element.onpointermove = element.onpointerup = element.onpointercancel = null;
      end(timeOf(next.clientX), next.clientX - event.clientX);
    };
  };
  const grab = (name: CursorName, event: PointerEvent): void => {
    event.preventDefault();
    event.stopPropagation();
    latest.current.setActive(name);
    follow(event, (at) => latest.current.setCursor(name, at), (at, px) => { if (px !== 0) latest.current.setCursor(name, at); });
  };
  const onPointerDown = (event: PointerEvent<HTMLDivElement>): void => {
    if (event.button !== 0 || !onPlot(event.clientX) || (event.target as HTMLElement).closest('button')) return;
    const { store, address } = latest.current;
    const start = store.view;
    const first = timeOf(event.clientX);
    const box = event.shiftKey || address.mode === 'zoom';
    const click = (at: number): void => latest.current.setCursor(cursorFor(address, at), at);
    if (box) {
      follow(event, (at) => store.setBox({ from: first, to: at }), (at, px) => {
        store.setBox(null);
        if (Math.abs(px) > ZOOM_BOX_PX) latest.current.setView(fixedOrder(first, at));
        else click(at);
      });
    } else if (address.mode === 'cursors') {
      const name = cursorFor(address, first);
      latest.current.setCursor(name, first);
      follow(event, (at) => latest.current.setCursor(name, at), () => {});
    } else {
      let moved = false;
      follow(event, (_, px) => {
        moved ||= Math.abs(px) > CLICK_PX;
        if (moved) latest.current.setView(panned(start, px, store.width));
      }, (at) => { if (!moved) click(at); });
    }
  };
  const handlers = {
    onPointerDown,
    onPointerMove: (event: PointerEvent<HTMLDivElement>) => latest.current.store.setHover(onPlot(event.clientX) ? timeOf(event.clientX) : null),
    onPointerLeave: () => latest.current.store.setHover(null),
    onDragOver: (event: React.DragEvent) => { if (event.dataTransfer.types.includes('text/plain')) event.preventDefault(); },
    onDrop: (event: React.DragEvent) => { event.preventDefault(); latest.current.add(event.dataTransfer.getData('text/plain').split(/[\s,]+/).filter((id) => /^[\w.:-]{1,100}$/.test(id))); },
  };
  return { handlers, grab };
}

function panned(start: View, px: number, width: number): View {
  const ms = (-px / width) * spanOfView(start);
  return clampView({ from: start.from + ms, to: start.to + ms });
}
