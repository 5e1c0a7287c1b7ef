// SPDX-License-Identifier: Apache-2.0
// Numbers as the console prints them: true minus, grouped thousands, fixed digits by the point's
// precision, narrow no-break space before the unit.

const MINUS = '\u2212';
const NARROW_SPACE = '\u202F';
export const NO_VALUE = '\u2013';

const formats = new Map<string, Intl.NumberFormat>();

function format(options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = JSON.stringify(options);
  let made = formats.get(key);
  if (!made) {
    // Both languages group by thousands with a comma and use the point.
    made = new Intl.NumberFormat('en-US', options);
    formats.set(key, made);
  }
  return made;
}

/** `digits` = decimals; without it up to six significant digits, never an exponent between 1e-4 and 1e15. */
export function formatNumber(value: number, digits?: number | null): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '\u221E' : `${MINUS}\u221E`;
  const size = Math.abs(value);
  let text: string;
  if (size !== 0 && (size >= 1e15 || size < 1e-4)) {
    text = value.toExponential(3);
  } else if (digits !== undefined && digits !== null) {
    text = format({ minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);
  } else if (Number.isInteger(value)) {
    text = format({ maximumFractionDigits: 0 }).format(value);
  } else {
    text = format({ maximumSignificantDigits: Math.max(6, Math.ceil(Math.log10(size)) + 1) }).format(value);
  }
  return text.replace('-', MINUS);
}

/** A count of things. */
export function formatCount(value: number): string {
  return formatNumber(Math.round(value), 0);
}

const unitSigns: Record<string, string> = {
  Cel: '℃', '[degF]': '℉', '[degR]': '°R', '1': '', '{1}': '', '{rpm}': 'rpm', 'u': 'u', deg: '°', Ohm: 'Ω', um: 'µm', us: 'µs', uA: 'µA',
  '[psi]': 'psi', '[psia]': 'psia', '[ft_i]': 'ft', '[lb_av]': 'lb', '[in_i]': 'in', m3: 'm³', m2: 'm²', 'm3/h': 'm³/h', 'uS/cm': 'µS/cm', 'kW.h': 'kWh', 'N.m': 'N·m', 'rev/min': 'rpm',
};

/** A UCUM code as people write it (`Cel` → ℃); a code not in the list prints as it is, annotations bare. */
export function unitText(ucum: string | null | undefined): string {
  if (!ucum) return '';
  return unitSigns[ucum] ?? ucum.replaceAll(/\{([^}]*)\}/g, '$1').replaceAll('.', '·');
}

export function withUnit(text: string, ucum: string | null | undefined): string {
  const unit = unitText(ucum);
  return unit === '' ? text : `${text}${NARROW_SPACE}${unit}`;
}

/** A share of 0..1 with one decimal, never rounded up to 100.0 %. */
export function formatPercent(share: number): string {
  const tenths = share >= 1 ? 1000 : Math.min(999, Math.round(share * 1000));
  return withUnit(formatNumber(tenths / 10, 1), '%');
}

/** Size in bytes with decimal prefixes. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
  let value = bytes;
  let step = 0;
  while (value >= 1000 && step < units.length - 1) {
    value /= 1000;
    step += 1;
  }
  return withUnit(formatNumber(value, step === 0 || value >= 100 ? 0 : 1), units[step]);
}
