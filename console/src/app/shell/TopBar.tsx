// SPDX-License-Identifier: Apache-2.0
import { Dropdown } from 'antd';
import { Building2, ChevronsUpDown, Monitor, Moon, Sun } from 'lucide-react';
import { useMatches, useNavigate, useRouterState } from '@tanstack/react-router';
import type { Equipment } from '@/shared/api/types';
import { setLanguage, useLanguage, useT } from '@/shared/i18n/i18n';
import { useSession } from '@/shared/session/session';
import { useWorkplace } from '@/shared/session/workplace';
import { setPreferences, usePreferences, type ThemeChoice } from '@/shared/theme/preferences';
import { JobsIndicator } from './JobsIndicator';
import { LiveIndicator } from './LiveIndicator';
import { SearchBox } from './SearchBox';
import { TimeRange } from './TimeRange';
import { UserMenu } from './UserMenu';

export function TopBar({ sites }: { sites: Equipment[] }) {
  const timed = useMatches().at(-1)?.staticData.timed ?? false;
  return (
    <header className="kz-top">
      <PlaceSwitcher sites={sites} />
      <SearchBox />
      <div className="kz-top-right">
        {timed && <TimeRange />}
        <LiveIndicator />
        <JobsIndicator />
        <LanguageButton />
        <ThemeButton />
        <UserMenu />
      </div>
    </header>
  );
}

/** Tenant and site; the page stays when it exists there too. */
function PlaceSwitcher({ sites }: { sites: Equipment[] }) {
  const t = useT();
  const session = useSession();
  const { tenant, site, siteName } = useWorkplace();
  const navigate = useNavigate();
  const page = useRouterState({ select: (state) => state.location.pathname.split('/').slice(5) });
  const label = site === 'all' ? t('shell:allSites') : siteName;
  const items = [
    {
      key: 'tenants', type: 'group' as const, label: t('shell:tenant'),
      children: session.tenants.map((item) => ({ key: `t:${item.id}`, label: item.name })),
    },
    {
      key: 'sites', type: 'group' as const, label: t('shell:site'),
      children: [{ key: 's:all', label: t('shell:allSites') }, ...sites.map((item) => ({ key: `s:${item.id}`, label: item.name }))],
    },
  ];
  const go = (key: string): void => {
    const id = key.slice(2);
    // Objects belong to one tenant: in another one only the list they were found in exists.
    const rest = key.startsWith('t:') && id !== tenant.id ? page.slice(0, 1) : page;
    const root = key.startsWith('t:') ? `/t/${id}/s/all` : `/t/${tenant.id}/s/${id}`;
    void navigate({ href: `${root}/${rest.join('/')}` });
  };
  return (
    <Dropdown trigger={['click']} menu={{ items, selectedKeys: [`t:${tenant.id}`, `s:${site}`], onClick: ({ key }) => go(key) }}>
      <button type="button" className="kz-place" aria-label={t('shell:switchPlace', { tenant: tenant.name, site: label })}>
        <Building2 size={16} aria-hidden />
        <span className="kz-cut">{tenant.name}</span>
        <span className="kz-third">/</span>
        <strong className="kz-cut">{label}</strong>
        <ChevronsUpDown size={14} aria-hidden />
      </button>
    </Dropdown>
  );
}

function LanguageButton() {
  const t = useT();
  const language = useLanguage();
  const other = language === 'zh' ? 'en' : 'zh';
  return (
    <button type="button" className="kz-icon-button" lang={other === 'zh' ? 'zh-CN' : 'en'} onClick={() => void setLanguage(other)} aria-label={t('shell:otherLanguage')}>
      {other === 'zh' ? '中' : 'EN'}
    </button>
  );
}

const themeIcons = { light: Sun, dark: Moon, system: Monitor };

function ThemeButton() {
  const t = useT();
  const { theme } = usePreferences();
  const Icon = themeIcons[theme];
  const items = (['system', 'light', 'dark'] as ThemeChoice[]).map((key) => ({ key, label: t(`shell:theme.${key}`) }));
  return (
    <Dropdown trigger={['click']} menu={{ items, selectedKeys: [theme], onClick: ({ key }) => setPreferences({ theme: key as ThemeChoice }) }}>
      <button type="button" className="kz-icon-button" aria-label={t('shell:theme.label')}><Icon size={16} aria-hidden /></button>
    </Dropdown>
  );
}
