// SPDX-License-Identifier: Apache-2.0
import { unitText } from '@/shared/format/number';

/** UCUM codes met most often in plants; any other code may be typed. */
const common = [
  'Cel', 'K', 'bar', 'mbar', 'kPa', 'MPa', 'Pa', '%', 'm3/h', 'L/min', 'kg/h', 'm', 'mm', 'm/s', 'mm/s', '{rpm}', 'Hz', 'V', 'A', 'mA', 'kW', 'W', 'kV.A', '{kvar}', 'kW.h', 'kg', 'g', 't', 'L', 'm3',
  's', 'ms', 'min', 'h', 'N', 'kN', 'N.m', 'uS/cm', '[pH]', 'g/L', 'mg/L', 'deg', 'Ohm', '1',
];

export const UNITS_LIST = 'kz-units';

export function UnitList() {
  return <datalist id={UNITS_LIST}>{common.map((code) => <option key={code} value={code}>{unitText(code) || code}</option>)}</datalist>;
}
