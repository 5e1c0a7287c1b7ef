// SPDX-License-Identifier: Apache-2.0
import { useEffect, useLayoutEffect, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { formatNumber } from '@/shared/format/number';
import { fontFamily } from '@/shared/theme/tokens';
import { axisRange, type Lane } from '../model/lanes';
import type { Prepared } from '../model/prepare';
import { timeTicks } from '../model/ticks';
import { drawOver, drawUnder, type DrawnSeries, type Frame, type Palette, type Words } from './draw';
import { GUTTER } from './size';
import type { PlotStore } from './store';

interface LanePlotProps {
  store: PlotStore;
  lane: Lane;
  series: readonly Prepared[];
  width: number;
  height: number;
  /** Room for second axes, the same in all lanes. */
  right: number;
  fit: boolean;
  selected: string;
  zone: string;
  palette: Palette;
  words: Words;
}

type Latest = Omit<LanePlotProps, 'store'>;

const axisOf = (lane: Lane, id: string): number => Math.max(0, lane.axes.findIndex((axis) => axis.ids.includes(id)));

function rangeOf(latest: Latest, store: PlotStore, axis: number): [number, number] {
  const own = latest.series.filter((one) => axisOf(latest.lane, one.point.id) === axis);
  const traces = own.flatMap((one) => (one.compare ? [one.trace, one.compare.trace] : [one.trace]));
  return axisRange(own.map((one) => one.point), traces, store.view, latest.fit);
}

function frameOf(u: uPlot, latest: Latest, store: PlotStore): Frame {
  const ratio = uPlot.pxRatio;
  return {
    ctx: u.ctx, ratio, left: u.bbox.left, top: u.bbox.top, width: u.bbox.width, height: u.bbox.height, view: store.view,
    palette: latest.palette, font: `${12 * ratio}px ${fontFamily}`, words: latest.words,
  };
}

function drawnOf(u: uPlot, latest: Latest): DrawnSeries[] {
  return latest.series.map((series) => {
    const scale = u.scales[`y${axisOf(latest.lane, series.point.id)}`];
    const [min, max] = [scale?.min ?? 0, scale?.max ?? 1];
    const { top, height } = u.bbox;
    return { series, selected: latest.selected === series.point.id, y: (value) => top + height - ((value - min) / (max - min || 1)) * height };
  });
}

function optionsOf(store: PlotStore, latest: { current: Latest }): uPlot.Options {
  const { lane, width, height, right, palette } = latest.current;
  const font = `11px ${fontFamily}`;
  const grid = { stroke: palette['row-line'], width: 1 };
  return {
    width, height, ms: 1, pxAlign: 1,
    padding: [6, lane.axes.length > 1 ? 0 : right, 6, 0],
    cursor: { show: false },
    legend: { show: false },
    scales: {
      x: { time: false, auto: false, range: () => [store.view.from, store.view.to] },
      ...Object.fromEntries(lane.axes.map((_, i) => [`y${i}`, { auto: false, range: (): [number, number] => rangeOf(latest.current, store, i) }])),
    },
    axes: [
      { size: 0, grid, ticks: { show: false }, values: (_, splits) => splits.map(() => ''), splits: () => timeTicks(store.view, store.width, latest.current.zone).map((tick) => tick.at) },
      ...lane.axes.map((_, i): uPlot.Axis => ({
        scale: `y${i}`, side: i === 0 ? 3 : 1, size: i === 0 ? GUTTER : right, gap: 6, space: 28, font, stroke: palette.text3,
        grid: i === 0 ? grid : { show: false }, ticks: { show: false }, values: (_self, splits) => splits.map((value) => formatNumber(value)),
      })),
    ],
    series: [{}, ...lane.axes.map((_, i) => ({ scale: `y${i}`, paths: () => null, points: { show: false } }))],
    hooks: {
      drawClear: [(u) => drawUnder(frameOf(u, latest.current, store), drawnOf(u, latest.current))],
      draw: [(u) => drawOver(frameOf(u, latest.current, store), drawnOf(u, latest.current))],
    },
  };
}

/** One lane: uPlot keeps canvas, scales, axes and grid; the series are drawn by draw.ts from their pieces. */
export function LanePlot({ store, ...props }: LanePlotProps) {
  const host = useRef<HTMLDivElement>(null);
  const latest = useRef<Latest>(props);
  const plot = useRef<uPlot | null>(null);
  latest.current = props;
  const { lane, width, height, right, palette } = props;
  const shape = `${lane.key}#${lane.axes.length}#${right}`;

  useLayoutEffect(() => {
    const element = host.current;
    if (!element) return undefined;
    const lanes = store.lanes;
    const blank = [[store.view.from, store.view.to], ...latest.current.lane.axes.map(() => [null, null])] as uPlot.AlignedData;
    const made = new uPlot(optionsOf(store, latest), blank, element);
    plot.current = made;
    const draw = (): void => redraw(made, latest.current, store);
    draw();
    lanes.set(shape, {
      plot: made,
      yOf: (id, value) => {
        const one = latest.current.series.find((candidate) => candidate.point.id === id);
        if (!one) return null;
        const stack = made.root.closest('.tr-stack');
        const top = made.root.getBoundingClientRect().top - (stack?.getBoundingClientRect().top ?? 0) + (stack?.scrollTop ?? 0);
        return top + made.valToPos(value, `y${axisOf(latest.current.lane, id)}`) + made.bbox.top / uPlot.pxRatio;
      },
    });
    const stop = store.onView(draw);
    return () => {
      stop();
      lanes.delete(shape);
      made.destroy();
      plot.current = null;
    };
  }, [store, shape, palette]);

  useLayoutEffect(() => {
    plot.current?.setSize({ width, height });
  }, [width, height]);

  useEffect(() => {
    if (!plot.current) return;
    redraw(plot.current, latest.current, store);
    store.changed();
  }, [store, props.series, props.fit, props.selected, props.words, props.zone, lane, width, height, palette]);

  return <div ref={host} style={{ height }} />;
}

function redraw(plot: uPlot, latest: Latest, store: PlotStore): void {
  plot.batch(() => {
    plot.setScale('x', { min: store.view.from, max: store.view.to });
    latest.lane.axes.forEach((_, i) => {
      const [min, max] = rangeOf(latest, store, i);
      plot.setScale(`y${i}`, { min, max });
    });
    plot.redraw(false, true);
  });
}
