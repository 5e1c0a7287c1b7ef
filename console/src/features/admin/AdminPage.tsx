// SPDX-License-Identifier: Apache-2.0
import { useT } from '@/shared/i18n/i18n';
import { useSearchState } from '@/shared/nav/address';
import { Page as PageFrame, Tabs } from '@/shared/ui/Page';
import { TokensTab } from './TokensTab';
import { UsersTab } from './UsersTab';
import './admin.css';

type TabKey = 'users' | 'tokens';

/** Who may do what in this tenant: people, and programs with tokens. */
export function Page() {
  const t = useT();
  const [search, setSearch] = useSearchState();
  const tab: TabKey = search['tab'] === 'tokens' ? 'tokens' : 'users';
  return (
    <PageFrame title={t('admin:title')}>
      <Tabs<TabKey> label={t('admin:title')} value={tab} onChange={(key) => setSearch({ tab: key === 'users' ? undefined : key, q: undefined, sel: undefined, sort: undefined })}
        items={[{ key: 'users', label: t('admin:users') }, { key: 'tokens', label: t('admin:tokens') }]} />
      {tab === 'users' ? <UsersTab /> : <TokensTab />}
    </PageFrame>
  );
}
