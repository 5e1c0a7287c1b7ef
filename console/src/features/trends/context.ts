// SPDX-License-Identifier: Apache-2.0
import type { CursorName } from './model/cursor';
import { between, type View } from './model/view';
import type { TrendAddress } from './model/address';
import type { PlotStore } from './plot/store';

/** What the parts of the workspace share: the state in the address, the moving picture, and what can be done. */
export interface TrendContext {
  store: PlotStore;
  address: TrendAddress;
  /** The cursor that arrow keys move. */
  active: CursorName;
  setActive: (name: CursorName) => void;
  setCursor: (name: CursorName, at: number | null) => void;
  /** Shows a stretch at once; the address follows when the hand rests. */
  setView: (view: View) => void;
  add: (ids: readonly string[]) => void;
  remove: (id: string) => void;
  toggleHidden: (id: string) => void;
  toggleFit: (lane: string) => void;
  select: (id: string) => void;
}

export const fixedOrder = (a: number, b: number): View => between(a, b);
