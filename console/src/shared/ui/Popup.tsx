// SPDX-License-Identifier: Apache-2.0
import { Button } from 'antd';
import { useEffect, useId, useRef, useState, type ReactNode } from 'react';
import './popup.css';

/** A button with a small panel below it; closes with Escape, by a press elsewhere, and from inside by `close`. */
export function Popup({ label, icon, children }: { label: string; icon: ReactNode; children: (close: () => void) => ReactNode }) {
  const id = useId();
  const box = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState(false);
  useEffect(() => {
    if (!open) return undefined;
    const onPress = (event: PointerEvent): void => { if (!box.current?.contains(event.target as Node)) setOpen(false); };
    const onKey = (event: KeyboardEvent): void => {
      if (event.key !== 'Escape') return;
      event.preventDefault();
      setOpen(false);
      box.current?.querySelector('button')?.focus();
    };
    document.addEventListener('pointerdown', onPress);
    document.addEventListener('keydown', onKey, true);
    return () => {
      document.removeEventListener('pointerdown', onPress);
      document.removeEventListener('keydown', onKey, true);
    };
  }, [open]);
  return (
    <div ref={box} className="kz-popup-box">
      <Button icon={icon} aria-expanded={open} aria-controls={open ? id : undefined} onClick={() => setOpen(!open)}>{label}</Button>
      {open && <div id={id} className="kz-popup" role="group" aria-label={label}>{children(() => setOpen(false))}</div>}
    </div>
  );
}
