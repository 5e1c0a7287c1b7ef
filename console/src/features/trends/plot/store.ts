// SPDX-License-Identifier: Apache-2.0
import { useSyncExternalStore } from 'react';
import type uPlot from 'uplot';
import type { View } from '../model/view';

/** Where a lane's plot lies, for the layers above it. */
export interface LaneHandle {
  plot: uPlot;
  /** Vertical place of a value in CSS pixels from the top of the stack, null when it is not in this lane. */
  yOf: (id: string, value: number) => number | null;
}

/** What moves faster than React draws: the view, the pointer, the plots. Read by the layers with `usePlot`. */
export class PlotStore {
  view: View;
  /** Time under the pointer. */
  hover: number | null = null;
  /** Box being drawn, as times. */
  box: View | null = null;
  /** Width of the plotting area in CSS pixels. */
  width = 0;
  version = 0;
  readonly lanes = new Map<string, LaneHandle>();
  foot: HTMLCanvasElement | null = null;
  private readonly listeners = new Set<() => void>();
  private readonly viewListeners = new Set<() => void>();

  constructor(view: View) {
    this.view = view;
  }

  setView(view: View): void {
    if (view.from === this.view.from && view.to === this.view.to) return;
    this.view = view;
    for (const draw of this.viewListeners) draw();
    this.changed();
  }

  setHover(time: number | null): void {
    if (time === this.hover) return;
    this.hover = time;
    this.changed();
  }

  setBox(box: View | null): void {
    this.box = box;
    this.changed();
  }

  changed(): void {
    this.version += 1;
    for (const notify of this.listeners) notify();
  }

  subscribe = (notify: () => void): (() => void) => {
    this.listeners.add(notify);
    return () => this.listeners.delete(notify);
  };

  /** Plots redraw before the layers above them are told. */
  onView(draw: () => void): () => void {
    this.viewListeners.add(draw);
    return () => this.viewListeners.delete(draw);
  }
}

/** Draws the calling component anew on every change of the store. */
export function usePlot(store: PlotStore): PlotStore {
  useSyncExternalStore(store.subscribe, () => store.version);
  return store;
}
