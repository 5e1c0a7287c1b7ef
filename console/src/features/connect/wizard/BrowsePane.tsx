// SPDX-License-Identifier: Apache-2.0
import { Button } from 'antd';
import { Box, Database, Folder, RotateCw, Tag } from 'lucide-react';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { Driver } from '@/shared/api/types';
import type { FormValue } from '@/shared/form/schema';
import { formatCount, NO_VALUE, unitText } from '@/shared/format/number';
import { useSpanText } from '@/shared/format/useSpanText';
import { DataGrid, type Column } from '@/shared/grid/DataGrid';
import { TreeGrid } from '@/shared/grid/TreeGrid';
import type { RowSource } from '@/shared/grid/useRowWindow';
import { useT } from '@/shared/i18n/i18n';
import { reportJob } from '@/shared/jobs/jobs';
import { Empty, errorTitle } from '@/shared/ui/states';
import { SearchField } from '@/shared/ui/SearchField';
import type { BrowseNode } from '../api';
import { Basket } from './Basket';
import { matcher, opens, ROOT, selectable, type BrowseStore } from './browseStore';
import { addNodes, dropAddresses, MAX_POINTS } from './pick';
import { FirstValueText } from './PointTable';
import type { PointDraft } from './state';
import { useBrowseStore, useBrowseTree } from './useBrowse';

const REFRESH_MS = 2_000;
/** Sources that listen before they answer are not asked for values again and again. */
const QUICK_MS = 1_000;
const ID_OF_SERVER_OBJECT = 'i=2253';

interface Props {
  driver: Driver;
  link: string | null;
  config: FormValue;
  address: string;
  points: readonly PointDraft[];
  onPoints: (points: PointDraft[]) => void;
  /** A folder is being read; leaving now would lose it. */
  onBusy: (busy: boolean) => void;
}

/** Address space, the variables of the chosen folder with their present values, and what is ticked. */
export function BrowsePane({ driver, link, config, address, points, onPoints, onBusy }: Props) {
  const t = useT();
  const store = useBrowseStore(driver.id, link, config);
  const version = store.getVersion();
  const [folder, setFolder] = useState(ROOT);
  const [search, setSearch] = useState('');
  const picked = useMemo(() => new Set(points.map((point) => point.address)), [points]);
  const counts = useMemo(() => { void version; return store.countAll(picked); }, [store, version, picked]);
  const walk = useWalk(store, points, onPoints, onBusy);
  useEffect(() => {
    void store.load(folder);
  }, [store, folder]);
  useRefresh(store, folder);
  const rows = useMemo(() => {
    void version;
    if (search === '') return store.children(folder).filter((node) => node.kind === 'variable' || selectable(node));
    const fits = matcher(search);
    return [...store.all()].filter((node) => (node.kind === 'variable' || selectable(node)) && (fits(node.display || node.name) || fits(node.id) || fits(node.address ?? '')));
  }, [store, version, folder, search]);
  const tick = (addresses: ReadonlySet<string>): void => {
    const here = new Set(rows.flatMap((node) => (selectable(node) ? [node.address as string] : [])));
    const off = new Set([...here].filter((each) => picked.has(each) && !addresses.has(each)));
    const on = rows.filter((node) => selectable(node) && addresses.has(node.address as string) && !picked.has(node.address as string));
    onPoints(addNodes(dropAddresses(points, off), on, store).points);
  };
  const branch = store.branch(folder);
  const path = folder === ROOT ? address : [...store.pathOf(folder), store.node(folder)?.display || (store.node(folder)?.name ?? '')].join(' / ');
  return (
    <div className="kz-browse">
      <section className="kz-card" aria-label={t('connect:browse.tree')}>
        <header><h2>{t('connect:browse.tree')}</h2><span className="kz-second kz-small kz-cut">{t('connect:browse.seen', { count: store.size })}</span><span className="kz-grow" />
          <button type="button" className="kz-icon-button" aria-label={t('connect:browse.reload')} title={t('connect:browse.reload')} onClick={() => store.reload(folder)}><RotateCw size={14} /></button></header>
        <Tree store={store} counts={counts} folder={folder} onFolder={(id) => { setFolder(id); setSearch(''); }} address={address} onTick={walk.toggle} />
        <footer>{walk.running !== null
          ? <><span role="status">{t('connect:browse.reading', { count: walk.running })}</span><Button size="small" onClick={walk.stop}>{t('common:action.cancel')}</Button></>
          : <span role="status">{walk.note || t('connect:browse.keys')}</span>}</footer>
      </section>
      <section className="kz-card" aria-label={t('connect:browse.variables')}>
        <header style={{ flexWrap: 'wrap' }}>
          <h2 className="kz-cut" style={{ flex: '0 1 auto' }} title={path}>{search === '' ? path : t('connect:browse.found', { q: search })}</h2>
          <span className="kz-second kz-small">{t('connect:browse.variablesOf', { count: rows.length })}</span><span className="kz-grow" />
          <SearchField value={search} onChange={setSearch} label={t('connect:browse.search')} width={210} />
        </header>
        <Variables store={store} folder={search === '' ? folder : ''} rows={rows} picked={picked} onTicked={tick} withPath={search !== ''} />
        <VariablesFoot took={branch?.took ?? 0} />
      </section>
      <Basket points={points} counts={counts} store={store} onPoints={onPoints} />
    </div>
  );
}

function VariablesFoot({ took }: { took: number }) {
  const t = useT();
  const span = useSpanText();
  return (
    <footer>
      <span>{took > 0 && took < QUICK_MS ? t('connect:browse.refreshed', { span: span(REFRESH_MS) }) : t('connect:browse.readOnce')}{took > 0 && ` · ${t('connect:browse.took', { span: span(took) })}`}</span>
      <span>{t('connect:browse.gridKeys')}</span>
    </footer>
  );
}

/** Values of the folder in view, as long as the source answers quickly. */
function useRefresh(store: BrowseStore, folder: string): void {
  useEffect(() => {
    const timer = setInterval(() => {
      const branch = store.branch(folder);
      if (!document.hidden && branch && branch.took > 0 && branch.took < QUICK_MS) void store.refresh(folder);
    }, REFRESH_MS);
    return () => clearInterval(timer);
  }, [store, folder]);
}

/** Ticking a folder reads all below it first, however many pages that takes; it can be stopped. */
function useWalk(store: BrowseStore, points: readonly PointDraft[], onPoints: (points: PointDraft[]) => void, onBusy: (busy: boolean) => void) {
  const t = useT();
  const [running, setRunning] = useState<number | null>(null);
  const [note, setNote] = useState('');
  const abort = useRef<AbortController | null>(null);
  const latest = useRef(points);
  latest.current = points;
  useEffect(() => () => abort.current?.abort(), []);
  const reading = running !== null;
  useEffect(() => {
    onBusy(reading);
    return () => onBusy(false);
  }, [reading, onBusy]);
  const stop = useCallback(() => abort.current?.abort(), []);
  const toggle = async (node: BrowseNode, on: boolean): Promise<void> => {
    const control = new AbortController();
    abort.current?.abort();
    abort.current = control;
    setNote('');
    setRunning(0);
    const name = t('connect:browse.job', { name: node.display || node.name });
    const job = `browse-${node.id}`;
    reportJob({ id: job, name, progress: null, state: 'running', cancel: () => control.abort() });
    try {
      const { nodes, cut } = await store.walk(node.id, control.signal, setRunning);
      const all = selectable(node) ? [node, ...nodes] : nodes;
      if (on) {
        const result = addNodes(latest.current, all, store);
        onPoints(result.points);
        setNote(result.over > 0 || cut ? t('connect:browse.tooMany', { limit: formatCount(MAX_POINTS), count: result.over }) : t('connect:browse.added', { count: result.added }));
      } else onPoints(dropAddresses(latest.current, new Set(all.flatMap((each) => each.address ?? []))));
      reportJob({ id: job, name, progress: 1, state: 'done' });
    } catch (error) {
      reportJob({ id: job, name, progress: null, state: 'failed' });
      setNote(control.signal.aborted ? t('connect:browse.stopped') : errorTitle(error, t));
    } finally {
      if (abort.current === control) setRunning(null);
    }
  };
  return { running, note, stop, toggle };
}

interface TreeProps {
  store: BrowseStore;
  counts: ReadonlyMap<string, { known: number; picked: number; complete: boolean }>;
  folder: string;
  onFolder: (id: string) => void;
  address: string;
  onTick: (node: BrowseNode, on: boolean) => Promise<void>;
}

function Tree({ store, counts, folder, onFolder, address, onTick }: TreeProps) {
  const t = useT();
  const root = useMemo<BrowseNode>(() => ({
    id: ROOT, name: address, display: t('connect:browse.root'), description: '', kind: 'folder', type: null, unit: null, value: null, quality: null, has_children: true, address: null,
  }), [address, t]);
  const tree = useBrowseTree(store, root);
  const stateOf = (id: string): boolean | 'mixed' => {
    const count = counts.get(id);
    if (!count || count.picked === 0) return false;
    return count.complete && count.picked === count.known ? true : 'mixed';
  };
  const tickOf = (_: BrowseNode, id: string): boolean | 'mixed' | 'disabled' => (id === ROOT && store.node(ID_OF_SERVER_OBJECT) ? 'disabled' : stateOf(id));
  return (
    <TreeGrid
      label={t('connect:browse.tree')} tree={tree} nameOf={(node) => node.display || node.name} hasChildren={opens} activeId={folder} onActive={(_, id) => onFolder(id)} tickOf={tickOf}
      onTick={(node, id) => void onTick(node, stateOf(id) !== true)}
      node={(node) => {
        const Icon = node.id === ROOT ? Database : node.kind === 'folder' ? Folder : node.kind === 'object' ? Box : Tag;
        const count = counts.get(node.id);
        return (
          <>
            <Icon size={15} aria-hidden />
            <span className="kz-cut kz-grow" title={node.id === ROOT ? node.name : node.id}>{node.display || node.name}</span>
            <span className="kz-third" style={{ paddingRight: 8 }}>{count?.complete ? formatCount(count.known) : node.child_count ? formatCount(node.child_count) : ''}</span>
          </>
        );
      }}
      empty={<Empty title={t('connect:browse.empty')} text={t('connect:browse.emptyText')} />}
    />
  );
}

interface VariablesProps {
  store: BrowseStore;
  /** Folder whose further pages are loaded while scrolling; empty for found rows. */
  folder: string;
  rows: readonly BrowseNode[];
  picked: ReadonlySet<string>;
  onTicked: (addresses: ReadonlySet<string>) => void;
  withPath: boolean;
}

const rowId = (node: BrowseNode): string => node.address ?? node.id;
const rowName = (node: BrowseNode): string => node.display || node.name;

function Variables({ store, folder, rows, picked, onTicked, withPath }: VariablesProps) {
  const t = useT();
  const columns = useMemo<Column<BrowseNode>[]>(() => [
    { id: 'name', label: t('connect:col.name'), width: 150, grow: 2, text: rowName, cell: (node) => <span className="kz-cut kz-strong" title={node.id}>{rowName(node)}</span> },
    withPath
      ? { id: 'path', label: t('connect:browse.path'), width: 130, grow: 2, text: (node) => store.pathOf(node.id).join(' / '), cell: (node) => <span className="kz-cut kz-second">{store.pathOf(node.id).join(' / ')}</span> }
      : { id: 'description', label: t('connect:col.description'), width: 110, grow: 2, text: (node) => node.description, cell: (node) => <span className="kz-cut kz-second" title={node.description}>{node.description === rowName(node) ? '' : node.description}</span> },
    { id: 'type', label: t('connect:col.type'), width: 84, text: (node) => node.native_type ?? '', cell: (node) => <span className="kz-cut">{node.native_type || (node.type ? t(`common:type.${node.type}`) : NO_VALUE)}</span> },
    { id: 'value', label: t('connect:browse.value'), width: 110, grow: 1, align: 'right', text: (node) => node.value ?? '', cell: (node) => <FirstValueText value={node.quality ? { value: node.value, quality: node.quality } : undefined} /> },
    { id: 'unit', label: t('connect:col.unit'), width: 64, text: (node) => node.unit ?? '', cell: (node) => <span className="kz-cut kz-second">{unitText(node.unit)}</span> },
    { id: 'hint', label: t('connect:browse.hint'), width: 120, grow: 1, cell: (node) => <span className="kz-cut kz-second">{hintOf(node, t)}</span> },
  ], [t, store, withPath]);
  const branch = store.branch(folder);
  const more = branch !== undefined && branch.next !== null;
  const source: RowSource<BrowseNode> = {
    rows, total: rows.length + (more ? 1 : 0), need: (index) => { if (more && index >= rows.length && !branch.loading && !branch.error) void store.load(folder); },
    isPending: folder !== '' && rows.length === 0 && (!branch || branch.loading), isOld: false, error: branch?.error ?? null, refetch: () => store.reload(folder), took: null,
  };
  return (
    <DataGrid label={t('connect:browse.variables')} columns={columns} source={source} rowId={rowId} rowName={rowName} ticked={picked} onTicked={onTicked}
      empty={<Empty title={t(withPath ? 'common:state.noMatch' : 'connect:browse.noVariables')} text={t(withPath ? 'connect:browse.onlySeen' : 'connect:browse.noVariablesText')} />} />
  );
}

function hintOf(node: BrowseNode, t: ReturnType<typeof useT>): string {
  if (!selectable(node)) return t('connect:browse.notAPoint');
  if (node.quality?.class === 'bad') return t('connect:browse.notReadable');
  return node.unit === null && node.type !== 'bool' && node.type !== 'string' ? t('connect:browse.unitNext') : '';
}
