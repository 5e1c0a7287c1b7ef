// SPDX-License-Identifier: Apache-2.0
// The one place where colours, sizes and type are written down. Everything else uses the CSS
// variables made from here (`--kz-<name>`) or Ant's tokens mapped in ant.ts.

export const lightColors = {
  page: '#F2F4F6',
  surface: '#FFFFFF',
  raised: '#FFFFFF',
  sunken: '#E8EBEF',
  rail: '#EAEDF1',
  line: '#DDE1E6',
  'row-line': '#EBEEF1',
  edge: '#7E8998',
  text: '#18202B',
  text2: '#465163',
  text3: '#5F6B7C',
  accent: '#1459B8',
  'on-accent': '#FFFFFF',
  tint: '#E6EFFA',
  passed: '#1B7A48',
  'passed-tint': '#E7F4EC',
  'prio-1': '#C4122F',
  'prio-1-on': '#FFFFFF',
  'prio-2': '#C2500A',
  'prio-2-on': '#FFFFFF',
  'prio-3': '#F0C000',
  'prio-3-on': '#18202B',
  'prio-3-edge': '#6E5600',
  'prio-4': '#7440B0',
  'prio-4-on': '#FFFFFF',
  band: '#B9C3CE',
  track: '#E8EBEF',
  hatch: '#C9D0D8',
  'series-1': '#1766C2',
  'series-2': '#0B7F78',
  'series-3': '#7A4FC0',
  'series-4': '#8A5424',
  'series-5': '#5E7010',
  'series-6': '#AF3F78',
  'series-7': '#44556E',
  'series-8': '#0E7FA8',
} as const;

export type ColorName = keyof typeof lightColors;

export const darkColors: Record<ColorName, string> = {
  page: '#12161B',
  surface: '#191E25',
  raised: '#222932',
  sunken: '#0D1115',
  rail: '#0F1317',
  line: '#2E3742',
  'row-line': '#262E38',
  edge: '#74808F',
  text: '#E8ECF1',
  text2: '#B4BECA',
  text3: '#8C98A8',
  accent: '#6FA8F5',
  'on-accent': '#12161B',
  tint: '#1C2E47',
  passed: '#4CC38A',
  'passed-tint': '#16301F',
  'prio-1': '#FF5A6A',
  'prio-1-on': '#12161B',
  'prio-2': '#FF9142',
  'prio-2-on': '#12161B',
  'prio-3': '#FFD43B',
  'prio-3-on': '#12161B',
  'prio-3-edge': '#FFD43B',
  'prio-4': '#C08CFF',
  'prio-4-on': '#12161B',
  band: '#4A5563',
  track: '#242C36',
  hatch: '#3A4552',
  'series-1': '#6FA8F5',
  'series-2': '#3FC6B8',
  'series-3': '#B79BFF',
  'series-4': '#D9A26B',
  'series-5': '#B5C653',
  'series-6': '#F08FBE',
  'series-7': '#A9B8CC',
  'series-8': '#5CC8EE',
};

export type Theme = 'light' | 'dark';
export const colors: Record<Theme, Record<ColorName, string>> = { light: lightColors, dark: darkColors };

export const fontFamily =
  '"Segoe UI Variable Text","Segoe UI",-apple-system,Roboto,"Noto Sans","PingFang SC","HarmonyOS Sans SC",' +
  '"Microsoft YaHei UI","Microsoft YaHei","Noto Sans CJK SC","Source Han Sans SC",system-ui,sans-serif';
export const monoFamily =
  'ui-monospace,"Cascadia Mono",Consolas,Menlo,"DejaVu Sans Mono","Noto Sans Mono CJK SC",monospace';

export const radius = { mark: 3, control: 5, card: 6 } as const;
export type Density = 'compact' | 'default' | 'touch';
export const rowHeight: Record<Density, number> = { compact: 26, default: 30, touch: 44 };

/** The theme as CSS custom properties, one rule text for a style element. */
export function themeCss(theme: Theme, density: Density): string {
  const vars = Object.entries(colors[theme]).map(([name, value]) => `--kz-${name}:${value}`);
  const shadow = theme === 'light' ? '0 6px 24px rgba(24,32,43,.16)' : '0 6px 24px rgba(0,0,0,.5)';
  vars.push(
    `--kz-row:${rowHeight[density]}px`,
    `--kz-control:${rowHeight[density]}px`,
    `--kz-radius:${radius.control}px`,
    `--kz-radius-card:${radius.card}px`,
    `--kz-radius-mark:${radius.mark}px`,
    `--kz-font:${fontFamily}`,
    `--kz-mono:${monoFamily}`,
    `--kz-shadow:${shadow}`,
    `color-scheme:${theme}`,
  );
  return `:root{${vars.join(';')}}`;
}
