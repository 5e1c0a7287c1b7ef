// SPDX-License-Identifier: Apache-2.0
import type { ReactNode } from 'react';
import { useT } from '@/shared/i18n/i18n';
import { SplitPane } from '@/shared/ui/SplitPane';
import { EquipmentTree } from './EquipmentTree';

/** Tree at the left, the chosen object at the right; both pages of Assets share it. */
export function Frame({ active, children }: { active: string | undefined; children: ReactNode }) {
  const t = useT();
  return (
    <SplitPane name="assets" initial={266} sideLabel={t('assets:tree.label')} side={<EquipmentTree active={active} />}>
      {children}
    </SplitPane>
  );
}
