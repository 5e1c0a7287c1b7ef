// SPDX-License-Identifier: Apache-2.0
import { Popover } from 'antd';
import { ChevronDown, ChevronLeft, ChevronRight, Clock } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { formatDateTime, formatShort } from '@/shared/format/time';
import { useT } from '@/shared/i18n/i18n';
import { useNow } from '@/shared/live/react';
import { parseRange } from '@/shared/time/parse-range';
import { isCalendarRange, resolveRange } from '@/shared/time/range';
import { useRange } from '@/shared/time/useRange';
import { browserZone, offsetText } from '@/shared/time/zone';
import { onShortcut } from './keys';

const presets = ['15m', '1h', '8h', '1d', '1w', '1mo', 'today', 'yesterday', 'this-week', 'last-week', 'this-month', 'last-month'];

export function TimeRange() {
  const t = useT();
  const { range, resolved, zone, setRange, step } = useRange();
  const now = useNow();
  const [open, setOpen] = useState(false);
  useEffect(() => onShortcut('range', () => setOpen(true)), []);
  useEffect(() => onShortcut('earlier', () => step(-1)), [step]);
  useEffect(() => onShortcut('later', () => step(1)), [step]);
  useEffect(() => onShortcut('now', () => setRange('1h')), [setRange]);
  const name = useRangeName()(range);
  const detail = resolved.running
    ? t('shell:range.untilNow')
    : `${formatShort(resolved.from, now, zone)} – ${formatShort(resolved.to, now, zone)}`;
  return (
    <div className="kz-range" role="group" aria-label={t('shell:range.label')}>
      <button type="button" onClick={() => step(-1)} aria-label={t('shell:range.earlier')}><ChevronLeft size={16} /></button>
      <Popover
        trigger="click" placement="bottomRight" open={open} onOpenChange={setOpen} destroyOnHidden arrow={false}
        content={<RangePanel onPick={(next) => { setRange(next); setOpen(false); }} />}
      >
        <button type="button" className="kz-range-main" aria-expanded={open} aria-haspopup="dialog">
          <Clock size={14} aria-hidden />{name && <strong>{name}</strong>}<span className={name ? 'kz-second' : 'kz-strong'}>{detail}</span><ChevronDown size={14} aria-hidden />
        </button>
      </Popover>
      <button type="button" onClick={() => step(1)} aria-label={t('shell:range.later')} disabled={resolved.to >= now}><ChevronRight size={16} /></button>
    </div>
  );
}

/** `Last 8 h` for ranges that have a name, empty for fixed ones. */
function useRangeName(): (range: string) => string {
  const t = useT();
  return (range) => {
    if (isCalendarRange(range)) return t(`shell:range.calendar.${range}`);
    const running = /^(\d+)(s|m|h|d|w|mo|y)$/.exec(range);
    return running ? t(`shell:range.last.${running[2] ?? 'h'}`, { count: Number(running[1]) }) : '';
  };
}

function RangePanel({ onPick }: { onPick: (range: string) => void }) {
  const t = useT();
  const { zone } = useRange();
  const now = useNow();
  const nameOf = useRangeName();
  const field = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState('');
  useEffect(() => field.current?.focus(), []);
  const parsed = parseRange(typed, { now, zone });
  const meaning = parsed.ok ? resolveRange(parsed.range, now, zone) : null;
  const refused = !parsed.ok && typed.trim() !== '' ? t(`shell:range.refused.${parsed.reason}`) : '';
  const own = browserZone();
  const print = (zoneName: string): string =>
    meaning ? `${formatDateTime(meaning.from, zoneName)} – ${formatDateTime(meaning.to, zoneName)} ${zoneName} (${offsetText(meaning.to, zoneName)})` : '';
  return (
    <form className="kz-range-panel" onSubmit={(event) => { event.preventDefault(); if (parsed.ok) onPick(parsed.range); }}>
      <label htmlFor="kz-range-field">{t('shell:range.field')}</label>
      <input
        id="kz-range-field" ref={field} className="kz-input" value={typed} autoComplete="off" aria-describedby="kz-range-says" aria-invalid={refused !== ''}
        placeholder={t('shell:range.placeholder')} onChange={(event) => setTyped(event.target.value)}
      />
      <p id="kz-range-says" className="kz-small" aria-live="polite">
        {meaning ? print(zone) : refused || t('shell:range.example')}
        {meaning && own !== zone && <><br />{print(own)}</>}
      </p>
      <div className="kz-range-presets">
        {presets.map((preset) => <button key={preset} type="button" className="kz-chip" onClick={() => onPick(preset)}>{nameOf(preset)}</button>)}
      </div>
    </form>
  );
}
