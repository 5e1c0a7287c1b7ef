// SPDX-License-Identifier: Apache-2.0
import { Tooltip } from 'antd';
import { CircleHelp, PanelLeftClose, PanelLeftOpen } from 'lucide-react';
import { useRouterState } from '@tanstack/react-router';
import { Fragment, useSyncExternalStore } from 'react';
import { useT } from '@/shared/i18n/i18n';
import { roleAtLeast } from '@/shared/session/session';
import { useWorkplace } from '@/shared/session/workplace';
import { setPreferences, usePreferences } from '@/shared/theme/preferences';
import { AppLink } from '@/shared/ui/AppLink';
import { railItems } from '../features';
import { openShortcuts } from './Shortcuts';

const wide = '(min-width: 1440px)';

/** Open at 1,440 px and more unless the user chose otherwise. */
export function useRailOpen(): boolean {
  const { railCollapsed } = usePreferences();
  const isWide = useSyncExternalStore(
    (notify) => {
      const query = window.matchMedia(wide);
      query.addEventListener('change', notify);
      return () => query.removeEventListener('change', notify);
    },
    () => window.matchMedia(wide).matches,
  );
  return railCollapsed === null ? isWide : !railCollapsed;
}

function Mark() {
  return (
    <svg width="24" height="24" viewBox="0 0 24 24" aria-hidden>
      <rect width="24" height="24" rx="5" fill="#1459B8" />
      <path d="M4.5 7h15M7 7v8.500M12 7v10M17 7v6M4.500 17.500c3 0 4.500-1 7.500-1s4.500-2.500 7.500-2.500" fill="none" stroke="#fff" strokeWidth="1.600" strokeLinecap="round" />
    </svg>
  );
}

export function Rail() {
  const t = useT();
  const open = useRailOpen();
  const { role } = useWorkplace();
  const here = useRouterState({ select: (state) => state.location.pathname.split('/')[5] ?? '' });
  const items = railItems.filter((item) => roleAtLeast(role, item.role ?? 'viewer'));
  const toggleLabel = t(open ? 'shell:rail.collapse' : 'shell:rail.expand');
  return (
    <nav className="kz-rail" data-open={open} aria-label={t('shell:rail.label')}>
      <div className="kz-brand"><Mark />{open && <span>Karez</span>}</div>
      <ul>
        {items.map((item, index) => {
          const group = Math.floor(item.order / 100);
          const before = items[index - 1];
          const Icon = item.icon;
          const current = here === item.path.split('/')[0];
          const link = (
            <AppLink path={item.path} className="kz-rail-item" aria-current={current ? 'page' : undefined} aria-label={open ? undefined : t(item.label)}>
              <Icon size={18} aria-hidden />
              {open && <span>{t(item.label)}</span>}
            </AppLink>
          );
          return (
            <Fragment key={item.path}>
              {before && Math.floor(before.order / 100) !== group && <li className="kz-rail-rule" aria-hidden />}
              <li>{open ? link : <Tooltip title={t(item.label)} placement="right">{link}</Tooltip>}</li>
            </Fragment>
          );
        })}
      </ul>
      <div className="kz-rail-foot">
        <button type="button" className="kz-rail-item" onClick={openShortcuts} aria-label={t('shell:help')}>
          <CircleHelp size={18} aria-hidden />{open && <span>{t('shell:help')}</span>}
        </button>
        <button type="button" className="kz-rail-item" onClick={() => setPreferences({ railCollapsed: open })} aria-label={toggleLabel} aria-expanded={open}>
          {open ? <PanelLeftClose size={18} aria-hidden /> : <PanelLeftOpen size={18} aria-hidden />}{open && <span>{toggleLabel}</span>}
        </button>
      </div>
    </nav>
  );
}
