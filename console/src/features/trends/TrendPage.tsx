// SPDX-License-Identifier: Apache-2.0
import { lazy, Suspense, useCallback, useMemo, useState } from 'react';
import { formatDateTime } from '@/shared/format/time';
import { unitText } from '@/shared/format/number';
import { useT } from '@/shared/i18n/i18n';
import { download } from '@/shared/api/client';
import { useWorkplace } from '@/shared/session/workplace';
import { useTheme } from '@/shared/theme/preferences';
import { colors } from '@/shared/theme/tokens';
import { offsetText } from '@/shared/time/zone';
import { Page as PageFrame } from '@/shared/ui/Page';
import { SplitPane } from '@/shared/ui/SplitPane';
import { Empty, ErrorState, Loading } from '@/shared/ui/states';
import { CursorTable } from './CursorTable';
import { pictureOf, save } from './exportPng';
import { useTrendKeys } from './keys';
import { compareShift } from './model/address';
import { isStrip, layoutLanes } from './model/lanes';
import { overviewOf, type View } from './model/view';
import { PointsPanel } from './panel/PointsPanel';
import { Overview } from './plot/Overview';
import { cursorText } from './plot/Overlay';
import { GUTTER } from './plot/size';
import { Notices, Status } from './Status';
import { Toolbar } from './Toolbar';
import { useOverviewTrace, usePoints, type PointState } from './data';
import { usePicture } from './usePicture';
import { useWorkspace, type Workspace } from './useWorkspace';
import { useWords } from './words';
import './trends.css';

const Stack = lazy(() => import('./plot/Stack').then((module) => ({ default: module.Stack })));

/** The trend workspace: points at the left, lanes, overview and the figures at the cursors. */
export function Page() {
  const t = useT();
  const workspace = useWorkspace();
  const { context } = workspace;
  const ids = useMemo(() => context.address.entries.map((entry) => entry.id), [context.address.entries]);
  const states = usePoints(ids);
  const chosen = useMemo(() => states.flatMap((state) => (state.point ? [state.point] : [])), [states]);
  const [sheet, setSheet] = useState(false);
  return (
    <SplitPane name="trends" initial={232} sideLabel={t('trends:points')} side={<PointsPanel context={context} chosen={chosen} />}>
      <button type="button" className="tr-sheet-button kz-chip" aria-expanded={sheet} onClick={() => setSheet(!sheet)}>{t(sheet ? 'common:action.close' : 'trends:points')}</button>
      {sheet && <section className="tr-sheet" aria-label={t('trends:points')}><PointsPanel context={context} chosen={chosen} /></section>}
      {ids.length === 0
        ? <PageFrame title={t('trends:title')}><DropZone workspace={workspace} /></PageFrame>
        : <Trend workspace={workspace} points={states} />}
    </SplitPane>
  );
}

function DropZone({ workspace: { context } }: { workspace: Workspace }) {
  const t = useT();
  return (
    <div className="tr-drop" onDragOver={(event) => event.preventDefault()} onDrop={(event) => { event.preventDefault(); context.add([event.dataTransfer.getData('text/plain')]); }}>
      <Empty title={t('trends:empty')} text={t('trends:emptyText')} />
    </div>
  );
}

function Trend({ workspace, points }: { workspace: Workspace; points: PointState[] }) {
  const t = useT();
  const { context, range, change, back, refused } = workspace;
  const { address, store } = context;
  const { path } = useWorkplace();
  const palette = colors[useTheme()];
  const words = useWords();
  const [width, setWidth] = useState(0);
  const onWidth = useCallback((next: number) => setWidth(next), []);
  const { from, to, running } = range.resolved;
  const view = useMemo(() => ({ from, to }), [from, to]);
  const shift = compareShift(address.compare, to - from);
  const picture = usePicture({ address, points, view, running, width, shift });
  const { series, trend } = picture;
  useTrendKeys(context, series, back);
  const lanes = useMemo(() => layoutLanes(series.map((one) => one.point), address.lanes), [series, address.lanes]);
  const fitted = lanes.length > 0 && lanes.every((lane) => address.fit.has(lane.key));
  const files = address.entries.map((entry) => ({ id: entry.id, name: points.find((point) => point.id === entry.id)?.point?.name ?? entry.id }));
  const rangeText = `${formatDateTime(from, range.zone, true)} – ${formatDateTime(to, range.zone, true)} ${range.zone} (${offsetText(to, range.zone)})`;
  const label = t('trends:plotLabel', { count: series.length, names: series.map((one) => one.point.name).join(', '), range: rangeText });

  const csv = (ids: readonly string[]): void => {
    ids.forEach((id, index) => setTimeout(() => download(path(`/history/${encodeURIComponent(id)}/export.csv`), { from: new Date(store.view.from).toISOString(), to: new Date(store.view.to).toISOString() }, `${files.find((file) => file.id === id)?.name ?? id}.csv`), index * 400));
  };
  const png = (): void => {
    const cursors = (['a', 'b'] as const).map((name) => ({ name: name.toUpperCase(), at: address[name], text: cursorText(address[name] ?? 0, store.view, range.zone) }));
    const nameOf = (one: (typeof series)[number]): string => [one.point.description || one.point.name, unitText(one.point.unit), one.point.origin === 'simulated' ? 'S' : one.point.origin === 'replayed' ? 'R' : ''].filter(Boolean).join(' ');
    const title = series.map((one) => `${one.point.device_name} / ${one.point.name}`).slice(0, 4).join(' · ');
    void pictureOf({ title, range: rangeText, lanes, series, cursors, store, palette, left: GUTTER, nameOf }).then((blob) => {
      if (blob) save(blob, `trend-${new Date(store.view.from).toISOString().slice(0, 16).replaceAll(':', '')}.png`);
    });
  };
  return (
    <PageFrame title={t('trends:title')}
      actions={<Toolbar address={address} onChange={change} files={files} onCsv={csv} onPng={png} fitted={fitted} onFitAll={() => change({ fit: fitted ? undefined : lanes.map((lane) => lane.key).join(',') })} />}>
      <Notices workspace={workspace} picture={picture} refused={refused + address.refused} />
      <div className="tr-body">
        {trend.error && !trend.data ? <ErrorState error={trend.error} onRetry={() => void trend.refetch()} /> : (
          <Suspense fallback={<Loading rows={8} />}>
            <Stack context={context} series={series} zone={range.zone} palette={palette} words={words} label={label} onWidth={onWidth} />
          </Suspense>
        )}
      </div>
      <OverviewStrip workspace={workspace} picture={picture} width={width} view={view} />
      <CursorTable context={context} points={points} series={series} range={view} running={running} shift={shift} zone={range.zone} />
      <Status frame={trend.data} loading={trend.isFetching && !trend.data} count={address.entries.length} series={series} view={view} />
    </PageFrame>
  );
}

interface StripProps {
  workspace: Workspace;
  picture: ReturnType<typeof usePicture>;
  width: number;
  view: View;
}

function OverviewStrip({ workspace: { context, range }, picture, width, view }: StripProps) {
  const palette = colors[useTheme()];
  const [old, setOld] = useState<View | null>(null);
  const span = overviewOf(view, Date.now(), old);
  if (span !== old && (old === null || span.from !== old.from || span.to !== old.to)) setOld(span);
  const lines = picture.series.filter((one) => !isStrip(one.point));
  const chosen = lines.find((one) => one.point.id === context.address.selected) ?? lines[0];
  const trace = useOverviewTrace(chosen?.point.id, span, width);
  if (width === 0 || !chosen) return null;
  return (
    <Overview store={context.store} span={span} trace={trace.data?.traces.get(chosen.point.id)} left={GUTTER} width={width} zone={range.zone} palette={palette} point={chosen.point} onView={context.setView} />
  );
}
