// SPDX-License-Identifier: Apache-2.0
import type { ColorName } from '@/shared/theme/tokens';
import { lookOf, type Prepared } from '../model/prepare';
import { commonGaps, type Piece } from '../model/segments';
import { BAD, indexAt, isSubstituted, UNCERTAIN, type Trace } from '../model/trace';
import type { View } from '../model/view';

export type Palette = Record<ColorName, string>;

/** Words drawn on the canvas. */
export interface Words {
  bad: (code: number, ms: number) => string;
  gap: (cause: string, code: number | null, ms: number) => string;
  limit: (key: 'high' | 'low', value: number, point: Prepared['point']) => string;
}

export interface Frame {
  ctx: CanvasRenderingContext2D;
  ratio: number;
  /** Plotting area in canvas pixels. */
  left: number;
  top: number;
  width: number;
  height: number;
  view: View;
  palette: Palette;
  font: string;
  words: Words;
}

export interface DrawnSeries {
  series: Prepared;
  selected: boolean;
  y: (value: number) => number;
}

const ENVELOPE_ALPHA = 0.28;
const BAND_LABEL_PX = 24;
const MARKER_SPACING_PX = 5;

const xOf = (f: Frame, time: number): number => f.left + ((time - f.view.from) / (f.view.to - f.view.from)) * f.width;

function clipped(f: Frame, draw: () => void): void {
  f.ctx.save();
  f.ctx.beginPath();
  f.ctx.rect(f.left, f.top, f.width, f.height);
  f.ctx.clip();
  draw();
  f.ctx.restore();
}

/** Beneath the grid: normal band, empty stretches, bad stretches. */
export function drawUnder(f: Frame, drawn: readonly DrawnSeries[]): void {
  clipped(f, () => {
    const banded = drawn.find((one) => one.selected) ?? (drawn.length === 1 ? drawn[0] : undefined);
    if (banded) normalBand(f, banded);
    for (const gap of commonGaps(drawn.map(({ series }) => series.gaps))) fillBand(f, gap.from, gap.to, f.palette.sunken);
    for (const { series } of drawn) for (const band of series.bands) hatchBand(f, band.from, band.to);
  });
}

function normalBand(f: Frame, { series, y }: DrawnSeries): void {
  const { normal_low: low, normal_high: high } = series.point;
  if (low === null || high === null || high <= low) return;
  f.ctx.globalAlpha = 0.5;
  f.ctx.fillStyle = f.palette.track;
  f.ctx.fillRect(f.left, y(high), f.width, y(low) - y(high));
  f.ctx.globalAlpha = 1;
}

function fillBand(f: Frame, from: number, to: number, colour: string): void {
  const [a, b] = [xOf(f, from), xOf(f, to)];
  if (b < f.left || a > f.left + f.width) return;
  f.ctx.fillStyle = colour;
  f.ctx.fillRect(a, f.top, Math.max(f.ratio, b - a), f.height);
}

const hatches = new Map<string, CanvasPattern>();

export function hatchOf(ctx: CanvasRenderingContext2D, colour: string, ratio: number): CanvasPattern | string {
  const key = `${colour}@${ratio}`;
  const known = hatches.get(key);
  if (known) return known;
  const size = Math.round(8 * ratio);
  const tile = document.createElement('canvas');
  tile.width = tile.height = size;
  const pen = tile.getContext('2d');
  if (!pen) return colour;
  pen.strokeStyle = colour;
  pen.lineWidth = ratio;
  for (const shift of [-size, 0, size]) {
    pen.beginPath();
    pen.moveTo(shift, size);
    pen.lineTo(shift + size, 0);
    pen.stroke();
  }
  const pattern = ctx.createPattern(tile, 'repeat');
  if (pattern) hatches.set(key, pattern);
  return pattern ?? colour;
}

function hatchBand(f: Frame, from: number, to: number): void {
  const [a, b] = [xOf(f, from), xOf(f, to)];
  if (b < f.left || a > f.left + f.width) return;
  f.ctx.fillStyle = hatchOf(f.ctx, f.palette.edge, f.ratio);
  f.ctx.globalAlpha = 0.55;
  f.ctx.fillRect(a, f.top, Math.max(f.ratio, b - a), f.height);
  f.ctx.globalAlpha = 1;
  if (b - a > 3 * f.ratio) sides(f, a, b, [3 * f.ratio, 3 * f.ratio]);
}

function sides(f: Frame, a: number, b: number, dash: number[]): void {
  f.ctx.strokeStyle = f.palette.edge;
  f.ctx.lineWidth = f.ratio;
  f.ctx.setLineDash(dash);
  f.ctx.beginPath();
  for (const x of [a, b]) {
    f.ctx.moveTo(Math.round(x) + 0.5, f.top);
    f.ctx.lineTo(Math.round(x) + 0.5, f.top + f.height);
  }
  f.ctx.stroke();
  f.ctx.setLineDash([]);
}

/** Above the grid: limits, comparison, envelopes, lines, gap ends, labels of stretches. */
export function drawOver(f: Frame, drawn: readonly DrawnSeries[]): void {
  clipped(f, () => {
    limits(f, drawn);
    for (const one of drawn) compareLine(f, one);
    for (const one of drawn) if (one.series.trace.reduced) envelope(f, one);
    for (const one of drawn) line(f, one);
    for (const one of drawn) ends(f, one);
    labels(f, drawn);
  });
}

function limits(f: Frame, drawn: readonly DrawnSeries[]): void {
  const limited = drawn.filter(({ series }) => series.point.limit_high !== null || series.point.limit_low !== null);
  const shown = limited.some((one) => one.selected) ? limited.filter((one) => one.selected) : limited.length <= 2 ? limited : [];
  f.ctx.font = f.font;
  for (const { series, y } of shown) {
    for (const key of ['high', 'low'] as const) {
      const value = key === 'high' ? series.point.limit_high : series.point.limit_low;
      if (value === null) continue;
      const at = Math.round(y(value)) + 0.5;
      f.ctx.strokeStyle = f.ctx.fillStyle = f.palette['prio-3-edge'];
      f.ctx.lineWidth = f.ratio;
      f.ctx.setLineDash([7 * f.ratio, 4 * f.ratio]);
      f.ctx.beginPath();
      f.ctx.moveTo(f.left, at);
      f.ctx.lineTo(f.left + f.width, at);
      f.ctx.stroke();
      f.ctx.setLineDash([]);
      f.ctx.textAlign = 'right';
      const below = key === 'low' || at - f.top < 16 * f.ratio;
      f.ctx.textBaseline = below ? 'top' : 'bottom';
      const text = f.words.limit(key, value, series.point);
      const room = f.ctx.measureText(text).width + 6 * f.ratio;
      f.ctx.globalAlpha = 0.8;
      f.ctx.fillStyle = f.palette.surface;
      f.ctx.fillRect(f.left + f.width - 3 * f.ratio - room, below ? at + 2 * f.ratio : at - 16 * f.ratio, room, 14 * f.ratio);
      f.ctx.globalAlpha = 1;
      f.ctx.fillStyle = f.palette['prio-3-edge'];
      f.ctx.fillText(text, f.left + f.width - 6 * f.ratio, at + (below ? 3 : -3) * f.ratio);
    }
  }
}

/** Part of a piece that the view shows, with one entry more on both sides. */
function within(trace: Trace, piece: Piece, view: View): [number, number] {
  const first = Math.max(piece.first, indexAt(trace.t, view.from - trace.step));
  let last = Math.min(piece.last, indexAt(trace.t, view.to) + 1);
  if (last < first) last = first - 1;
  return [first, last];
}

/** `calm` joins the middles of the columns instead of their last values. */
function pathOf(f: Frame, trace: Trace, piece: Piece, step: boolean, y: (value: number) => number, calm = false): Path2D | null {
  const [first, last] = within(trace, piece, f.view);
  if (last < first) return null;
  const path = new Path2D();
  let before = 0;
  for (let i = first; i <= last; i += 1) {
    const [px, py] = [xOf(f, trace.t[i] ?? 0), y(calm ? ((trace.low[i] ?? 0) + (trace.high[i] ?? 0)) / 2 : (trace.mid[i] ?? 0))];
    if (i === first) path.moveTo(px, py);
    else {
      if (step) path.lineTo(px, before);
      path.lineTo(px, py);
    }
    before = py;
  }
  return path;
}

function compareLine(f: Frame, { series, y }: DrawnSeries): void {
  if (!series.compare) return;
  const { trace, pieces } = series.compare;
  f.ctx.strokeStyle = f.palette[lookOf(series.colour).name];
  f.ctx.lineWidth = f.ratio;
  f.ctx.globalAlpha = 0.85;
  f.ctx.setLineDash([1.5 * f.ratio, 3.5 * f.ratio]);
  for (const piece of pieces) {
    const path = pathOf(f, trace, piece, series.point.interpolation === 'step', y, trace.reduced);
    if (path) f.ctx.stroke(path);
  }
  f.ctx.setLineDash([]);
  f.ctx.globalAlpha = 1;
}

function envelope(f: Frame, { series, y }: DrawnSeries): void {
  const { trace } = series;
  f.ctx.fillStyle = f.palette[lookOf(series.colour).name];
  f.ctx.globalAlpha = ENVELOPE_ALPHA;
  const least = f.ratio;
  for (const piece of series.pieces) {
    const [first, last] = within(trace, piece, f.view);
    if (last < first) continue;
    f.ctx.beginPath();
    for (let i = first; i <= last; i += 1) f.ctx.lineTo(xOf(f, trace.t[i] ?? 0), y(trace.high[i] ?? 0) - least / 2);
    for (let i = last; i >= first; i -= 1) f.ctx.lineTo(xOf(f, trace.t[i] ?? 0), y(trace.low[i] ?? 0) + least / 2);
    f.ctx.fill();
  }
  f.ctx.globalAlpha = 1;
}

/** Solid for good, dashed for uncertain, thin dashes for bad, dots for simulated; a dash pattern from the ninth series on. */
function line(f: Frame, { series, selected, y }: DrawnSeries): void {
  const end = series.trace.t.length - 1;
  const { trace, point } = series;
  const look = lookOf(series.colour);
  const scaled = (dash: number[]): number[] => dash.map((n) => n * f.ratio);
  const good = point.origin === 'simulated' ? [2, 2] : look.dash;
  f.ctx.strokeStyle = f.palette[look.name];
  f.ctx.lineJoin = 'round';
  for (const piece of series.pieces) {
    const path = pathOf(f, trace, piece, point.interpolation === 'step', y);
    if (!path) continue;
    if (series.holdTo !== null && piece.last === end && series.holdTo > (trace.t[end] ?? 0)) path.lineTo(xOf(f, series.holdTo), y(trace.mid[end] ?? 0));
    const bad = piece.quality === BAD;
    f.ctx.lineWidth = (bad ? 1 : selected ? 2.2 : 1.5) * f.ratio;
    f.ctx.globalAlpha = bad ? 0.75 : 1;
    f.ctx.setLineDash(scaled(bad ? [3, 3] : piece.quality === UNCERTAIN ? [6, 4] : good));
    f.ctx.stroke(path);
  }
  f.ctx.setLineDash([]);
  f.ctx.globalAlpha = 1;
  markers(f, series, y);
}

/** Stored samples as dots when there is room, substituted ones as squares, lone ones always. */
function markers(f: Frame, series: Prepared, y: (value: number) => number): void {
  const { trace } = series;
  const first = Math.max(0, indexAt(trace.t, f.view.from));
  const last = indexAt(trace.t, f.view.to);
  const roomy = !trace.reduced && (last - first + 1) * MARKER_SPACING_PX * f.ratio <= f.width;
  f.ctx.fillStyle = f.palette[lookOf(series.colour).name];
  const r = 2 * f.ratio;
  for (const piece of series.pieces) {
    const lone = piece.first === piece.last;
    if (!roomy && !lone) continue;
    for (let i = Math.max(first, piece.first); i <= Math.min(last, piece.last); i += 1) {
      const [px, py] = [xOf(f, trace.t[i] ?? 0), y(trace.mid[i] ?? 0)];
      f.ctx.beginPath();
      if (isSubstituted(trace, i)) f.ctx.rect(px - 1.5 * r, py - 1.5 * r, 3 * r, 3 * r);
      else f.ctx.arc(px, py, r, 0, 2 * Math.PI);
      f.ctx.fill();
    }
  }
}

function ends(f: Frame, { series, y }: DrawnSeries): void {
  const { trace } = series;
  f.ctx.strokeStyle = f.palette[lookOf(series.colour).name];
  f.ctx.fillStyle = f.palette.surface;
  f.ctx.lineWidth = 1.4 * f.ratio;
  const ring = (i: number): void => {
    f.ctx.beginPath();
    f.ctx.arc(xOf(f, trace.t[i] ?? 0), y(trace.mid[i] ?? 0), 3.2 * f.ratio, 0, 2 * Math.PI);
    f.ctx.fill();
    f.ctx.stroke();
  };
  for (const piece of series.pieces) {
    if (piece.openStart) ring(piece.first);
    if (piece.openEnd) ring(piece.last);
  }
}

interface Label {
  from: number;
  to: number;
  text: string;
  bad: boolean;
}

/** Length and cause of stretches wide enough to read; the same stretch of several series is told once. */
function labels(f: Frame, drawn: readonly DrawnSeries[]): void {
  const wanted: Label[] = [];
  for (const { series } of drawn) {
    for (const band of series.bands) wanted.push({ ...band, text: f.words.bad(band.code, band.to - band.from), bad: true });
  }
  for (const gap of commonGaps(drawn.map(({ series }) => series.gaps))) {
    const [a, b] = [xOf(f, gap.from), xOf(f, gap.to)];
    if (b - a > 2 * f.ratio && b > f.left && a < f.left + f.width) sides(f, a, b, []);
    wanted.push({ from: gap.from, to: gap.to, text: f.words.gap(gap.cause, gap.code, gap.to - gap.from), bad: false });
  }
  const taken: { a: number; b: number; y: number }[] = [];
  const told: Label[] = [];
  for (const label of wanted.sort((p, q) => q.to - q.from - (p.to - p.from))) {
    const shown = Math.min(f.left + f.width, xOf(f, label.to)) - Math.max(f.left, xOf(f, label.from));
    // One lost link stops several series at nearly the same time: the longest stretch speaks for those within it.
    const same = told.some((other) => other.bad === label.bad && other.from <= label.from && other.to >= label.to);
    if (shown <= BAND_LABEL_PX * f.ratio || same) continue;
    told.push(label);
    placeLabel(f, label, taken);
  }
}

function placeLabel(f: Frame, label: Label, taken: { a: number; b: number; y: number }[]): void {
  const { ctx, ratio } = f;
  ctx.font = f.font;
  const sign = label.bad ? 16 * ratio : 0;
  const width = ctx.measureText(label.text).width + sign + 14 * ratio;
  const height = 20 * ratio;
  const middle = (Math.max(f.left, xOf(f, label.from)) + Math.min(f.left + f.width, xOf(f, label.to))) / 2;
  const a = Math.max(f.left + 4 * ratio, Math.min(f.left + f.width - width - 4 * ratio, middle - width / 2));
  if (width > f.width) return;
  let y = label.bad ? f.top + 6 * ratio : f.top + f.height - height - 6 * ratio;
  const hits = (at: number): boolean => taken.some((box) => box.a < a + width && box.b > a && Math.abs(box.y - at) < height + 2 * ratio);
  for (let tries = 0; hits(y) && tries < 4; tries += 1) y += (label.bad ? 1 : -1) * (height + 3 * ratio);
  if (hits(y) || y < f.top || y + height > f.top + f.height) return;
  taken.push({ a, b: a + width, y });
  ctx.fillStyle = f.palette.raised;
  ctx.strokeStyle = f.palette.edge;
  ctx.lineWidth = ratio;
  ctx.beginPath();
  ctx.roundRect(a, y, width, height, 3 * ratio);
  ctx.fill();
  ctx.stroke();
  ctx.strokeStyle = ctx.fillStyle = f.palette.text;
  if (label.bad) badSign(ctx, a + 13 * ratio, y + height / 2, ratio);
  ctx.textAlign = 'left';
  ctx.textBaseline = 'middle';
  ctx.fillText(label.text, a + 7 * ratio + sign, y + height / 2 + ratio * 0.5);
}

function badSign(ctx: CanvasRenderingContext2D, x: number, y: number, ratio: number): void {
  ctx.lineWidth = 1.3 * ratio;
  ctx.beginPath();
  ctx.arc(x, y, 5.2 * ratio, 0, 2 * Math.PI);
  const d = 2 * ratio;
  ctx.moveTo(x - d, y - d);
  ctx.lineTo(x + d, y + d);
  ctx.moveTo(x + d, y - d);
  ctx.lineTo(x - d, y + d);
  ctx.stroke();
}
