// SPDX-License-Identifier: Apache-2.0
import { theme as antTheme, type ThemeConfig } from 'antd';
import { colors, fontFamily, monoFamily, radius, rowHeight, type Density, type Theme } from './tokens';

/** Ant's tokens from ours; no per-component colours anywhere else. */
export function antThemeConfig(theme: Theme, density: Density): ThemeConfig {
  const c = colors[theme];
  return {
    algorithm: theme === 'dark' ? antTheme.darkAlgorithm : antTheme.defaultAlgorithm,
    cssVar: { key: 'kz' },
    hashed: false,
    token: {
      fontSize: 13,
      fontFamily,
      fontFamilyCode: monoFamily,
      borderRadius: radius.control,
      borderRadiusLG: radius.card,
      borderRadiusSM: radius.mark,
      controlHeight: rowHeight[density],
      motionDurationFast: '0.1s',
      motionDurationMid: '0.1s',
      motionDurationSlow: '0.1s',
      fontWeightStrong: 600,
      wireframe: false,
      colorPrimary: c.accent,
      colorLink: c.accent,
      colorInfo: c.accent,
      colorSuccess: c.passed,
      // Alarm hues mean alarms only: errors of forms are told by sign and word in the text colour.
      colorError: c.text,
      colorWarning: c.text2,
      colorText: c.text,
      colorTextSecondary: c.text2,
      colorTextTertiary: c.text3,
      colorTextPlaceholder: c.text3,
      colorTextLightSolid: c['on-accent'],
      colorBgLayout: c.page,
      colorBgContainer: c.surface,
      colorBgElevated: c.raised,
      colorBorder: c.edge,
      colorBorderSecondary: c.line,
      colorSplit: c['row-line'],
      controlItemBgActive: c.tint,
      controlItemBgHover: c.sunken,
      boxShadow: 'none',
      boxShadowTertiary: 'none',
    },
    components: {
      Button: { fontWeight: 600, primaryShadow: 'none', defaultShadow: 'none', dangerShadow: 'none' },
      Form: { itemMarginBottom: 16, verticalLabelPadding: '0 0 4px', labelColor: c.text2 },
    },
  };
}
