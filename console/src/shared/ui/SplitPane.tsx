// SPDX-License-Identifier: Apache-2.0
import { useState, type KeyboardEvent, type PointerEvent, type ReactNode } from 'react';
import { useT } from '@/shared/i18n/i18n';
import './split.css';

interface SplitPaneProps {
  /** The width is remembered under this name. */
  name: string;
  initial: number;
  min?: number;
  max?: number;
  side: ReactNode;
  sideLabel: string;
  children: ReactNode;
}

function remembered(name: string, initial: number): number {
  try {
    return Number(localStorage.getItem(`karez.split.${name}`)) || initial;
  } catch {
    return initial;
  }
}

/** Panel of a chosen width beside the rest; the line between them moves by pointer and arrow keys. */
export function SplitPane({ name, initial, min = 180, max = 520, side, sideLabel, children }: SplitPaneProps) {
  const t = useT();
  const [width, setWidth] = useState(() => remembered(name, initial));
  const set = (next: number): void => {
    const kept = Math.max(min, Math.min(max, Math.round(next)));
    setWidth(kept);
    try {
      localStorage.setItem(`karez.split.${name}`, String(kept));
    } catch {
      // Forgotten at reload.
    }
  };
  const drag = (event: PointerEvent<HTMLDivElement>): void => {
    event.currentTarget.setPointerCapture(event.pointerId);
    const start = event.clientX - width;
    const line = event.currentTarget;
    line.onpointermove = (move) => set(move.clientX - start);
    line.onpointerup = () => { line.onpointermove = null; };
  };
  const onKey = (event: KeyboardEvent): void => {
    if (event.key === 'ArrowLeft') set(width - 16);
    else if (event.key === 'ArrowRight') set(width + 16);
    else return;
    event.preventDefault();
  };
  return (
    <div className="kz-split">
      <section className="kz-split-side" style={{ width }} aria-label={sideLabel}>{side}</section>
      <div className="kz-split-line" role="separator" aria-orientation="vertical" aria-label={t('common:grid.resize')} aria-valuenow={width} aria-valuemin={min} aria-valuemax={max} tabIndex={0} onPointerDown={drag} onKeyDown={onKey} />
      <div className="kz-split-main">{children}</div>
    </div>
  );
}
