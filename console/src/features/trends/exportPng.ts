// SPDX-License-Identifier: Apache-2.0
import { fontFamily } from '@/shared/theme/tokens';
import { pxAt } from './model/view';
import { lookOf, type Prepared } from './model/prepare';
import type { Palette } from './plot/draw';
import type { PlotStore } from './plot/store';
import type { Lane } from './model/lanes';

interface Picture {
  title: string;
  /** Range and zone. */
  range: string;
  lanes: readonly Lane[];
  series: readonly Prepared[];
  cursors: { name: string; at: number | null; text: string }[];
  store: PlotStore;
  palette: Palette;
  left: number;
  nameOf: (series: Prepared) => string;
}

const HEAD = 64;
const LEGEND = 22;
const PAD = 12;

/** The plot as a PNG that stands alone: title, range, zone, legend, cursors. */
export async function pictureOf({ title, range, lanes, series, cursors, store, palette, left, nameOf }: Picture): Promise<Blob | null> {
  const ratio = window.devicePixelRatio || 1;
  const plots = lanes.map((lane) => {
    const handle = [...store.lanes].find(([key]) => key.startsWith(`${lane.key}#`))?.[1];
    return { lane, canvas: handle?.plot.ctx.canvas };
  });
  const foot = store.foot;
  const width = (foot?.width ?? 0) / ratio + 2 * PAD;
  const height = HEAD + plots.reduce((sum, { canvas }) => sum + LEGEND + (canvas?.height ?? 0) / ratio, 0) + (foot?.height ?? 0) / ratio + PAD;
  const canvas = document.createElement('canvas');
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  const ctx = canvas.getContext('2d');
  if (!ctx) return null;
  ctx.scale(ratio, ratio);
  ctx.fillStyle = palette.surface;
  ctx.fillRect(0, 0, width, height);
  ctx.textBaseline = 'top';
  ctx.fillStyle = palette.text;
  ctx.font = `600 16px ${fontFamily}`;
  ctx.fillText(title, PAD, PAD, width - 2 * PAD);
  ctx.fillStyle = palette.text2;
  ctx.font = `12px ${fontFamily}`;
  ctx.fillText(range, PAD, PAD + 24, width - 2 * PAD);
  let y = HEAD;
  for (const { lane, canvas: plot } of plots) {
    legend(ctx, lane, series, palette, left + PAD, y, nameOf);
    if (plot) ctx.drawImage(plot, PAD, y + LEGEND, plot.width / ratio, plot.height / ratio);
    y += LEGEND + (plot?.height ?? 0) / ratio;
  }
  if (foot) ctx.drawImage(foot, PAD, y, foot.width / ratio, foot.height / ratio);
  for (const cursor of cursors) {
    if (cursor.at === null || cursor.at < store.view.from || cursor.at > store.view.to) continue;
    const x = Math.round(PAD + left + pxAt(store.view, store.width, cursor.at)) + 0.5;
    ctx.strokeStyle = ctx.fillStyle = palette.text;
    ctx.beginPath();
    ctx.moveTo(x, HEAD - 4);
    ctx.lineTo(x, y);
    ctx.stroke();
    ctx.textAlign = 'center';
    ctx.fillText(`${cursor.name} ${cursor.text}`, x, HEAD - 20);
  }
  return new Promise((resolve) => canvas.toBlob(resolve, 'image/png'));
}

function legend(ctx: CanvasRenderingContext2D, lane: Lane, series: readonly Prepared[], palette: Palette, left: number, y: number, nameOf: (series: Prepared) => string): void {
  let x = left;
  ctx.font = `12px ${fontFamily}`;
  ctx.textAlign = 'left';
  for (const one of series) {
    if (!lane.axes.some((axis) => axis.ids.includes(one.point.id))) continue;
    ctx.fillStyle = palette[lookOf(one.colour).name];
    ctx.fillRect(x, y + 9, 14, 3);
    ctx.fillStyle = palette.text;
    const text = nameOf(one);
    ctx.fillText(text, x + 20, y + 4);
    x += 36 + ctx.measureText(text).width;
  }
}

export function save(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
