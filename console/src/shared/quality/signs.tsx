// SPDX-License-Identifier: Apache-2.0
import type { ConnectionState, Origin } from '@/shared/api/types';
import type { ValueState } from './quality';

// Signs without hue: shape alone tells the state. 14 px, drawn in the text colour.

const line = { fill: 'none', stroke: 'currentColor', strokeWidth: 1.4 } as const;

function Dot() {
  return <circle cx="7" cy="7" r="2.5" fill="currentColor" opacity="0.75" />;
}
function RingQuestion() {
  return <><circle cx="7" cy="7" r="5.800" {...line} strokeDasharray="2.200 1.500" /><path d="M5.300 5.700a1.700 1.700 0 1 1 2.300 1.600c-.4.2-.6.4-.6.9M7 9.700v.6" {...line} strokeLinecap="round" /></>;
}
function RingCross() {
  return <><circle cx="7" cy="7" r="5.800" {...line} /><path d="M5 5l4 4M9 5l-4 4" {...line} strokeLinecap="round" /></>;
}
function ClockFace() {
  return <><circle cx="7" cy="7" r="5.800" {...line} /><path d="M7 3.800V7l2.100 1.500" {...line} strokeLinecap="round" /></>;
}
function Slash() {
  return <><circle cx="7" cy="7" r="5.800" {...line} /><path d="M3.200 10.800l7.600-7.600" {...line} /></>;
}
function Dash() {
  return <path d="M4 7h6" {...line} strokeLinecap="round" />;
}
function Letter({ letter, dashed }: { letter: string; dashed?: boolean }) {
  return (
    <>
      <rect x="1.200" y="1.200" width="11.600" height="11.600" rx="2" {...line} strokeDasharray={dashed ? '2.200 1.500' : undefined} />
      <text x="7" y="10.200" textAnchor="middle" fontSize="9" fontWeight="600" fill="currentColor">{letter}</text>
    </>
  );
}
function Half() {
  return <><circle cx="7" cy="7" r="5" {...line} /><path d="M7 2a5 5 0 0 1 0 10z" fill="currentColor" /></>;
}

const valueSigns: Record<ValueState, React.ReactNode> = {
  good: <Dot />, uncertain: <RingQuestion />, bad: <RingCross />, stale: <ClockFace />, manual: <Letter letter="M" />,
  simulated: <Letter letter="S" dashed />, replayed: <Letter letter="R" dashed />, never: <Dash />,
};
const connectionSigns: Record<ConnectionState, React.ReactNode> = {
  online: <Dot />, degraded: <RingQuestion />, offline: <RingCross />, backoff: <RingCross />, disabled: <Slash />, connecting: <Half />,
};

function Sign({ children }: { children: React.ReactNode }) {
  return <svg width="14" height="14" viewBox="0 0 14 14" aria-hidden style={{ flex: 'none' }}>{children}</svg>;
}

/** Sign of a value's state; always beside the word. */
export function QualitySign({ state }: { state: ValueState }) {
  return <Sign>{valueSigns[state]}</Sign>;
}

/** Connected (dot), degraded (ring ?), lost (ring ×), disabled (slash); always beside the word. */
export function ConnectionSign({ state }: { state: ConnectionState }) {
  return <Sign>{connectionSigns[state]}</Sign>;
}

/** Mark of values that are not real; nothing for real ones. */
export function OriginSign({ origin }: { origin: Origin }) {
  if (origin === 'simulated') return <Sign><Letter letter="S" dashed /></Sign>;
  if (origin === 'replayed') return <Sign><Letter letter="R" dashed /></Sign>;
  return origin === 'unknown' ? <Sign><Letter letter="?" dashed /></Sign> : null;
}
