// SPDX-License-Identifier: Apache-2.0
import { Modal } from 'antd';
import { useEffect, useRef, useState } from 'react';
import { useT } from '@/shared/i18n/i18n';
import { useGo } from '@/shared/nav/address';
import { roleAtLeast } from '@/shared/session/session';
import { useWorkplace } from '@/shared/session/workplace';
import { getPreferences, setPreferences } from '@/shared/theme/preferences';
import { railItems } from '../features';
import { onShortcut, runShortcut, typing, type ShortcutName } from './keys';
import { useRailOpen } from './Rail';

export function openShortcuts(): void {
  runShortcut('help');
}

const GO_WAIT_MS = 1500;
const single: Record<string, ShortcutName> = { '?': 'help', '/': 'search', t: 'range', T: 'range', n: 'now', N: 'now' };

/** The keys of the whole console, and the list of them. */
export function Shortcuts() {
  const t = useT();
  const go = useGo();
  const { role } = useWorkplace();
  const railOpen = useRailOpen();
  const [open, setOpen] = useState(false);
  const pendingGo = useRef(0);
  useEffect(() => onShortcut('help', () => setOpen(true)), []);
  const items = railItems.filter((item) => roleAtLeast(role, item.role ?? 'viewer'));

  useEffect(() => {
    const act = (event: KeyboardEvent): boolean => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') return runShortcut('search');
      if (event.altKey && event.key === 'ArrowLeft') return runShortcut('earlier');
      if (event.altKey && event.key === 'ArrowRight') return runShortcut('later');
      if (typing(event) || event.ctrlKey || event.metaKey || event.altKey || !getPreferences().singleKeys) return false;
      if (pendingGo.current > Date.now()) {
        pendingGo.current = 0;
        const item = items.find((candidate) => candidate.key === event.key.toLowerCase());
        if (item) go(item.path);
        return item !== undefined;
      }
      if (event.key === 'g') {
        pendingGo.current = Date.now() + GO_WAIT_MS;
        return true;
      }
      if (event.key === '[') {
        setPreferences({ railCollapsed: railOpen });
        return true;
      }
      const name = single[event.key];
      return name !== undefined && runShortcut(name);
    };
    const onKey = (event: KeyboardEvent): void => {
      if (!event.defaultPrevented && act(event)) event.preventDefault();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [go, items, railOpen]);

  const rows: [string, string][] = [
    ['Ctrl K  /', t('shell:shortcuts.search')],
    ...items.map((item): [string, string] => [`g ${item.key}`, t('shell:shortcuts.go', { page: t(item.label) })]),
    ['[', t('shell:shortcuts.rail')],
    ['T', t('shell:shortcuts.range')],
    ['Alt ← →', t('shell:shortcuts.step')],
    ['N', t('shell:shortcuts.now')],
    ['↑ ↓  J K', t('shell:shortcuts.rows')],
    ['Space', t('shell:shortcuts.tick')],
    ['Enter', t('shell:shortcuts.open')],
    ['Esc', t('shell:shortcuts.back')],
    ['?', t('shell:shortcuts.help')],
    ['karez --help', t('shell:shortcuts.commandLine')],
  ];
  return (
    <Modal open={open} onCancel={() => setOpen(false)} footer={null} title={t('shell:shortcuts.title')} width={440} destroyOnHidden>
      <dl className="kz-facts">
        {rows.map(([key, text]) => <div key={key + text} style={{ display: 'contents' }}><dt><kbd className="kz-kbd">{key}</kbd></dt><dd style={{ textAlign: 'left' }}>{text}</dd></div>)}
      </dl>
    </Modal>
  );
}
