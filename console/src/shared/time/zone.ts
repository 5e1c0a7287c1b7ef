// SPDX-License-Identifier: Apache-2.0
// Wall clock of an IANA zone without a library: Intl knows the rules.

export interface Wall {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function partsFormat(zone: string): Intl.DateTimeFormat {
  let made = formats.get(zone);
  if (!made) {
    made = new Intl.DateTimeFormat('en-US', {
      timeZone: zone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric',
      hour: 'numeric', minute: 'numeric', second: 'numeric',
    });
    formats.set(zone, made);
  }
  return made;
}

export function isZone(zone: string): boolean {
  try {
    partsFormat(zone);
    return true;
  } catch {
    return false;
  }
}

export const browserZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** The wall clock in `zone` at `ms` (Unix milliseconds). */
export function wallOf(ms: number, zone: string): Wall {
  const wall: Wall = { year: 0, month: 0, day: 0, hour: 0, minute: 0, second: 0 };
  for (const part of partsFormat(zone).formatToParts(ms)) {
    if (part.type in wall) wall[part.type as keyof Wall] = Number(part.value);
  }
  return wall;
}

const asUtc = (w: Wall): number => Date.UTC(w.year, w.month - 1, w.day, w.hour, w.minute, w.second);

/** Zone's distance from UTC at `ms`, in minutes. */
export function offsetMinutes(ms: number, zone: string): number {
  return Math.round((asUtc(wallOf(ms, zone)) - Math.floor(ms / 1000) * 1000) / 60_000);
}

/** The moment of a wall clock; a clock skipped by summer time gives the moment after the jump. */
export function instantOf(wall: Wall, zone: string): number {
  const target = asUtc(wall);
  let guess = target - offsetMinutes(target, zone) * 60_000;
  for (let round = 0; round < 2; round += 1) guess = target - offsetMinutes(guess, zone) * 60_000;
  return guess;
}

/** `UTC+08:00`. */
export function offsetText(ms: number, zone: string): string {
  const minutes = offsetMinutes(ms, zone);
  const abs = Math.abs(minutes);
  const two = (n: number): string => String(n).padStart(2, '0');
  return `UTC${minutes < 0 ? '\u2212' : '+'}${two(Math.floor(abs / 60))}:${two(abs % 60)}`;
}
