// SPDX-License-Identifier: Apache-2.0
import { Dropdown } from 'antd';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useT } from '@/shared/i18n/i18n';
import { logOut, sessionKey, useSession } from '@/shared/session/session';
import { useWorkplace } from '@/shared/session/workplace';
import { setPreferences, usePreferences } from '@/shared/theme/preferences';
import type { Density } from '@/shared/theme/tokens';
import { useChangePassword } from './ChangePassword';
import { openShortcuts } from './Shortcuts';

/** One Han sign, or up to two initials. */
export function initials(name: string): string {
  const first = [...name.trim()][0] ?? '?';
  if (/\p{Script=Han}/u.test(first)) return first;
  return name.trim().split(/[\s._-]+/).slice(0, 2).map((part) => ([...part][0] ?? '').toUpperCase()).join('');
}

export function UserMenu() {
  const t = useT();
  const { user } = useSession();
  const { role } = useWorkplace();
  const { density, singleKeys } = usePreferences();
  const client = useQueryClient();
  const navigate = useNavigate();
  const password = useChangePassword();
  const name = user.display_name || user.name;

  const leave = async (): Promise<void> => {
    await logOut().catch(() => undefined);
    client.clear();
    client.setQueryData(sessionKey, null);
    await navigate({ to: '/login' });
  };
  const act = (key: string): void => {
    if (key.startsWith('density:')) setPreferences({ density: key.slice(8) as Density });
    if (key === 'keys') setPreferences({ singleKeys: !singleKeys });
    if (key === 'shortcuts') openShortcuts();
    if (key === 'password') password.ask();
    if (key === 'out') void leave();
  };
  const items = [
    { key: 'who', type: 'group' as const, label: `${name} · ${t(`common:role.${role}`)}` },
    {
      key: 'density', label: t('shell:density.label'),
      children: (['compact', 'default', 'touch'] as const).map((key) => ({ key: `density:${key}`, label: t(`shell:density.${key}`) })),
    },
    { key: 'keys', label: t(singleKeys ? 'shell:keysOff' : 'shell:keysOn') },
    { key: 'shortcuts', label: t('shell:shortcuts.title') },
    { type: 'divider' as const },
    { key: 'password', label: t('shell:changePassword') },
    { key: 'out', label: t('shell:logOut') },
  ];
  return (
    <><Dropdown trigger={['click']} menu={{ items, selectedKeys: [`density:${density}`], onClick: ({ key }) => act(key) }}>
      <button type="button" className="kz-avatar" aria-label={t('shell:userMenu', { name })}>{initials(name)}</button>
    </Dropdown>{password.dialog}</>
  );
}
