// SPDX-License-Identifier: Apache-2.0
import { ConfigProvider } from 'antd';
import en from 'antd/locale/en_US';
import zh from 'antd/locale/zh_CN';
import { useMemo, type ReactNode } from 'react';
import { useLanguage } from '@/shared/i18n/i18n';
import { antThemeConfig } from '@/shared/theme/ant';
import { usePreferences, useTheme } from '@/shared/theme/preferences';
import { themeCss } from '@/shared/theme/tokens';

export function ThemeRoot({ children }: { children: ReactNode }) {
  const theme = useTheme();
  const { density } = usePreferences();
  const language = useLanguage();
  const config = useMemo(() => antThemeConfig(theme, density), [theme, density]);
  return (
    <ConfigProvider theme={config} locale={language === 'zh' ? zh : en} componentSize="middle" wave={{ disabled: true }} button={{ autoInsertSpace: false }}>
      <style>{themeCss(theme, density)}</style>
      {children}
    </ConfigProvider>
  );
}
