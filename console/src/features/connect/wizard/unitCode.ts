// SPDX-License-Identifier: Apache-2.0

/** How sources and people write units that UCUM writes otherwise. */
const written: Record<string, string> = {
  '℃': 'Cel', '°C': 'Cel', degC: 'Cel', '℉': '[degF]', '°F': '[degF]', degF: '[degF]', Wh: 'W.h', kWh: 'kW.h', MWh: 'MW.h', VA: 'V.A', kVA: 'kV.A', MVA: 'MV.A', var: '{var}', kvar: '{kvar}', kVAr: '{kvar}', Mvar: '{Mvar}', kvarh: '{kvarh}',
  rpm: '{rpm}', 'r/min': '{rpm}', 'rev/min': '{rpm}', '1/min': '/min', psi: '[psi]', pH: '[pH]', ppm: '[ppm]', 'm³': 'm3', 'm³/h': 'm3/h', 'm^3/h': 'm3/h', 'm²': 'm2', Nm: 'N.m', 'N·m': 'N.m', 'Ω': 'Ohm', ohm: 'Ohm', 'µm': 'um', 'μm': 'um',
  'µS/cm': 'uS/cm', 'μS/cm': 'uS/cm', 'µA': 'uA', 'μA': 'uA', 'µs': 'us', 'μs': 'us', sec: 's', hr: 'h', lpm: 'L/min', '%RH': '%{RH}', pcs: '{pcs}', '°': 'deg',
};

/** The UCUM code of a unit as written; what is not in the table stays as it is and is judged by the server. */
export function ucumOf(unit: string): string {
  const text = unit.trim();
  return written[text] ?? text;
}
