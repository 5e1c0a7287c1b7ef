// SPDX-License-Identifier: Apache-2.0
// Times and pixels of the plot. A view is the stretch of time the plot spans; all times are Unix ms.

export interface View {
  from: number;
  to: number;
}

export const MIN_SPAN_MS = 10;
export const MAX_SPAN_MS = 20 * 366 * 86_400_000;
const EARLIEST = 0;
const LATEST = Date.UTC(2200, 0, 1);

export const spanOfView = (view: View): number => view.to - view.from;
export const timeAt = (view: View, width: number, px: number): number => view.from + (px / width) * spanOfView(view);
export const pxAt = (view: View, width: number, time: number): number => ((time - view.from) / spanOfView(view)) * width;

/** Keeps span and ends within what the server takes. */
export function clampView(view: View): View {
  const span = Math.max(MIN_SPAN_MS, Math.min(MAX_SPAN_MS, spanOfView(view)));
  const middle = (view.from + view.to) / 2;
  const from = Math.max(EARLIEST, Math.min(LATEST - span, middle - span / 2));
  return { from: Math.round(from), to: Math.round(from + span) };
}

/** Factor below 1 shows less time; the moment under the pointer stays where it is. */
export function zoomAt(view: View, time: number, factor: number): View {
  const span = Math.max(MIN_SPAN_MS, Math.min(MAX_SPAN_MS, spanOfView(view) * factor));
  const share = (time - view.from) / spanOfView(view);
  return clampView({ from: time - share * span, to: time + (1 - share) * span });
}

export function panBy(view: View, ms: number): View {
  return clampView({ from: view.from + ms, to: view.to + ms });
}

/** The stretch between two moments in either order. */
export function between(a: number, b: number): View {
  return clampView({ from: Math.min(a, b), to: Math.max(a, b) });
}

/** Wheel turns of any device as a zoom factor; a notch is about a quarter. */
export function wheelFactor(deltaY: number, deltaMode: number): number {
  const pixels = deltaY * (deltaMode === 1 ? 33 : deltaMode === 2 ? 400 : 1);
  return Math.exp(Math.max(-300, Math.min(300, pixels)) * 0.0022);
}

const OVERVIEW_TIMES = 6;

/** The strip below spans six views; it stands still while the view moves within it. */
export function overviewOf(view: View, now: number, old: View | null): View {
  const span = spanOfView(view);
  if (old) {
    const ratio = spanOfView(old) / span;
    if (ratio >= 3 && ratio <= 12 && view.from >= old.from && view.to <= old.to) return old;
  }
  const whole = span * OVERVIEW_TIMES;
  const end = Math.max(view.to, Math.min(now, view.to + (whole - span) / 2));
  return clampView({ from: end - whole, to: end });
}
