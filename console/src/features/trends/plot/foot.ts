// SPDX-License-Identifier: Apache-2.0
import { fontFamily } from '@/shared/theme/tokens';
import type { Prepared } from '../model/prepare';
import { clockChanges, timeTicks } from '../model/ticks';
import { pxAt, type View } from '../model/view';
import { hatchOf, type Palette } from './draw';

export const STRIP_PX = 28;
export const AXIS_PX = 28;

export interface FootArgs {
  strips: readonly Prepared[];
  names: (series: Prepared) => string;
  zone: string;
  palette: Palette;
  width: number;
  left: number;
  right: number;
  mixed: string;
  clock: (minutes: number) => string;
}

export function footHeight(strips: number): number {
  return strips * STRIP_PX + AXIS_PX;
}

/** State strips and, below them, the time axis that belongs to all lanes. */
export function drawFoot(canvas: HTMLCanvasElement, view: View, args: FootArgs): void {
  const ratio = window.devicePixelRatio || 1;
  const height = footHeight(args.strips.length);
  if (canvas.width !== Math.round(args.width * ratio)) canvas.width = Math.round(args.width * ratio);
  if (canvas.height !== Math.round(height * ratio)) canvas.height = Math.round(height * ratio);
  const ctx = canvas.getContext('2d');
  if (!ctx) return;
  ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
  ctx.clearRect(0, 0, args.width, height);
  const plot = args.width - args.left - args.right;
  args.strips.forEach((series, index) => strip(ctx, view, series, index * STRIP_PX + 3, plot, args, ratio));
  axis(ctx, view, args.strips.length * STRIP_PX, plot, args);
}

function strip(ctx: CanvasRenderingContext2D, view: View, series: Prepared, top: number, plot: number, args: FootArgs, ratio: number): void {
  const { palette, left } = args;
  const height = STRIP_PX - 7;
  ctx.font = `11px ${fontFamily}`;
  ctx.textBaseline = 'middle';
  ctx.textAlign = 'right';
  ctx.fillStyle = palette.text3;
  ctx.fillText(fitted(ctx, args.names(series), left - 10), left - 8, top + height / 2);
  ctx.save();
  ctx.beginPath();
  ctx.rect(left, top - 1, plot, height + 2);
  ctx.clip();
  const x = (time: number): number => left + pxAt(view, plot, time);
  for (const run of series.runs) {
    const [a, b] = [x(run.from), x(run.to)];
    if (b < left || a > left + plot) continue;
    // Hue belongs to alarms and lines: states differ by lightness and word.
    ctx.fillStyle = run.text === null || Number.isNaN(run.value) ? palette.track : run.value === 0 ? palette.track : palette.band;
    ctx.fillRect(a, top, Math.max(1, b - a), height);
    if (run.bad || run.text === null) {
      ctx.save();
      ctx.fillStyle = hatchOf(ctx, palette.edge, ratio);
      ctx.fillRect(a, top, Math.max(1, b - a), height);
      ctx.restore();
    }
    ctx.strokeStyle = palette.edge;
    ctx.lineWidth = 1;
    ctx.strokeRect(Math.round(a) + 0.5, top + 0.5, Math.max(1, Math.round(b) - Math.round(a)), height - 1);
    label(ctx, run.text ?? args.mixed, Math.max(left, a), Math.min(left + plot, b), top + height / 2, palette.text);
  }
  ctx.restore();
}

function label(ctx: CanvasRenderingContext2D, text: string, a: number, b: number, y: number, colour: string): void {
  if (b - a < 24) return;
  const shown = fitted(ctx, text, b - a - 8);
  if (shown === '…') return;
  ctx.fillStyle = colour;
  ctx.textAlign = 'center';
  ctx.fillText(shown, (a + b) / 2, y + 0.5);
}

function fitted(ctx: CanvasRenderingContext2D, text: string, room: number): string {
  if (ctx.measureText(text).width <= room) return text;
  let end = text.length;
  while (end > 0 && ctx.measureText(`${text.slice(0, end)}…`).width > room) end -= 1;
  return `${text.slice(0, end)}…`;
}

function axis(ctx: CanvasRenderingContext2D, view: View, top: number, plot: number, { palette, left, zone, clock }: FootArgs): void {
  ctx.font = `11px ${fontFamily}`;
  ctx.textBaseline = 'top';
  ctx.textAlign = 'center';
  ctx.strokeStyle = palette.line;
  ctx.lineWidth = 1;
  ctx.beginPath();
  ctx.moveTo(left, top + 0.5);
  ctx.lineTo(left + plot, top + 0.5);
  for (const tick of timeTicks(view, plot, zone)) {
    const x = Math.round(left + pxAt(view, plot, tick.at)) + 0.5;
    ctx.moveTo(x, top);
    ctx.lineTo(x, top + 5);
    ctx.fillStyle = tick.day ? palette.text : palette.text3;
    const half = ctx.measureText(tick.label).width / 2;
    ctx.fillText(tick.label, Math.max(half, x), top + 8);
  }
  ctx.stroke();
  for (const change of clockChanges(view, zone)) {
    const x = left + pxAt(view, plot, change.at);
    ctx.fillStyle = palette.text;
    ctx.fillRect(x - 0.5, top, 1, 10);
    ctx.textAlign = x > left + plot / 2 ? 'right' : 'left';
    ctx.fillText(clock(change.minutes), x + (x > left + plot / 2 ? -4 : 4), top + 8);
    ctx.textAlign = 'center';
  }
}
