// SPDX-License-Identifier: Apache-2.0
import { Box, Boxes, Building2, Cog, Factory, Layers, Package, Warehouse, Workflow } from 'lucide-react';
import { useEffect, useState } from 'react';
import { get } from '@/shared/api/client';
import type { Equipment, EquipmentLevel } from '@/shared/api/types';
import { formatCount } from '@/shared/format/number';
import { TreeGrid } from '@/shared/grid/TreeGrid';
import { useTree } from '@/shared/grid/useTree';
import { useT } from '@/shared/i18n/i18n';
import { useGo } from '@/shared/nav/address';
import { useWorkplace } from '@/shared/session/workplace';
import { Empty, NoMatch } from '@/shared/ui/states';
import { SearchField } from '@/shared/ui/SearchField';
import { useEquipment, type EquipmentPage } from './api';
import { EditEquipment, NewEquipment } from './EquipmentDialog';

const icons: Record<EquipmentLevel, typeof Box> = {
  enterprise: Building2, site: Factory, area: Layers, process_cell: Workflow, production_line: Workflow, production_unit: Boxes,
  storage_zone: Warehouse, storage_unit: Warehouse, unit: Box, work_cell: Cog, equipment_module: Package,
};

/** Equipment by ISA-95 level, children on demand, search on the server. */
export function EquipmentTree({ active }: { active: string | undefined }) {
  const t = useT();
  const go = useGo();
  const { path, tenant, site } = useWorkplace();
  const [q, setQ] = useState('');
  const root = site === 'all' ? undefined : site;
  const tree = useTree<Equipment>({
    key: `${tenant.id}/${site}/${q}`,
    idOf: (node) => node.id,
    fetchChildren: (parent, cursor, limit) =>
      get<EquipmentPage>(path('/equipment'), { parent: parent ?? root, q: parent === null ? q : undefined, cursor, limit }),
    initiallyOpen: [],
  });
  // The way to the chosen node is open, and a lone root too.
  const above = useEquipment(active).data?.data.path;
  const { setOpen, rows } = tree;
  const lone = rows.length === 1 ? rows[0]?.id : undefined;
  useEffect(() => {
    for (const step of above ?? []) setOpen(step.id, true);
    if (lone !== undefined) setOpen(lone, true);
  }, [above, lone, setOpen]);
  return (
    <>
      <div className="kz-row" style={{ padding: '10px 10px 8px' }}>
        <SearchField value={q} onChange={setQ} label={t('assets:tree.search')} width={400} />
        <NewEquipment parent={active ?? root ?? lone ?? ''} onDone={() => tree.reload()} />
        {active !== undefined && <EditEquipment key={active} id={active} onDone={() => tree.reload()} />}
      </div>
      <TreeGrid
        label={t('assets:tree.label')} tree={tree} nameOf={(node) => node.name} hasChildren={(node) => node.child_count > 0} activeId={active}
        onActive={(node) => { if (node.id !== active) go('assets', { node: node.id }); }}
        node={(node) => {
          const Icon = icons[node.level];
          return (
            <>
              <Icon size={16} aria-hidden />
              <span className="kz-cut kz-grow" title={node.name}>{node.name}</span>
              <span className="kz-third" style={{ paddingRight: 6 }}>{formatCount(node.device_count)}</span>
            </>
          );
        }}
        empty={q === '' ? <Empty title={t('assets:tree.empty')} text={t('assets:tree.emptyText')} /> : <NoMatch filter={q} onClear={() => setQ('')} />}
      />
    </>
  );
}
