// SPDX-License-Identifier: Apache-2.0
import { Button } from 'antd';
import { Box, FileDown, Ruler, X } from 'lucide-react';
import { useMemo } from 'react';
import { useQuery } from '@tanstack/react-query';
import { get } from '@/shared/api/client';
import type { Overview } from '@/shared/api/types';
import { formatBytes, formatCount, formatNumber } from '@/shared/format/number';
import { useT } from '@/shared/i18n/i18n';
import { useWorkplace } from '@/shared/session/workplace';
import type { BrowseStore } from './browseStore';
import { csvOfPoints, saveText } from './csv';
import { loadOf, type Load } from './load';
import { MAX_POINTS } from './pick';
import type { PointDraft } from './state';

/** What the store has taken for a sample so far; null before it has enough of them. */
export function useBytesPerSample(): number | null {
  const { path, tenant } = useWorkplace();
  const { data } = useQuery({ queryKey: ['overview', tenant.id], queryFn: ({ signal }) => get<Overview>(path('/overview'), {}, signal), staleTime: 60_000 });
  return data && data.samples_total > 100_000 ? data.store_bytes / data.samples_total : null;
}

interface BasketProps {
  points: readonly PointDraft[];
  counts: ReadonlyMap<string, { known: number; picked: number; complete: boolean }>;
  store: BrowseStore;
  onPoints: (points: PointDraft[]) => void;
}

/** Everything ticked by folder, the load to expect and what needs attention. */
export function Basket({ points, onPoints }: BasketProps) {
  const t = useT();
  const perSample = useBytesPerSample();
  const groups = useMemo(() => {
    const found = new Map<string, number>();
    for (const point of points) found.set(point.folder, (found.get(point.folder) ?? 0) + 1);
    return [...found];
  }, [points]);
  const load = useMemo(() => loadOf(points, perSample), [points, perSample]);
  return (
    <section className="kz-card kz-basket-card" aria-label={t('connect:basket.title')}>
      <header><h2>{t('connect:basket.title')}</h2><strong data-testid="basket-count">{formatCount(points.length)}</strong><span className="kz-grow" />
        {points.length > 0 && <button type="button" className="kz-icon-button" style={{ color: 'var(--kz-accent)' }} onClick={() => onPoints([])}>{t('connect:basket.clear')}</button>}</header>
      <div className="kz-basket">
        {points.length === 0 ? <p className="kz-second" style={{ padding: 12 }}>{t('connect:basket.empty')}</p> : (
          <>
            <ul>
              {groups.slice(0, 200).map(([folder, count]) => (
                <li key={folder}>
                  <Box size={15} aria-hidden /><span className="kz-cut kz-grow" title={folder}>{folder || t('connect:browse.root')}</span><strong>{formatCount(count)}</strong>
                  <button type="button" className="kz-icon-button" aria-label={t('connect:basket.remove', { name: folder })} onClick={() => onPoints(points.filter((point) => point.folder !== folder))}><X size={14} /></button>
                </li>
              ))}
            </ul>
            <LoadFigures load={load} count={points.length} />
            {load.withoutUnit > 0 && (
              <section><h3>{t('connect:basket.attention')}</h3>
                <div className="kz-row" style={{ alignItems: 'flex-start' }}><Ruler size={15} aria-hidden style={{ marginTop: 3 }} /><span><strong>{t('connect:basket.noUnit', { count: load.withoutUnit })}</strong><br /><span className="kz-small kz-second">{t('connect:basket.noUnitText')}</span></span></div></section>
            )}
          </>
        )}
      </div>
      <footer><Button size="small" icon={<FileDown size={14} />} disabled={points.length === 0} onClick={() => saveText('points.csv', csvOfPoints(points))}>{t('connect:basket.export')}</Button></footer>
    </section>
  );
}

/** Samples a second, points and bytes a day, before anything is saved. */
export function LoadFigures({ load, count }: { load: Load; count: number }) {
  const t = useT();
  return (
    <section>
      <h3>{t('connect:load.title')}</h3>
      <div className="kz-row"><span className="kz-grow">{t('connect:load.rate')}</span><strong>{t('connect:load.perSecond', { value: formatNumber(Math.round(load.rate * 10) / 10) })}</strong></div>
      <div className="kz-row"><span className="kz-grow">{t('connect:load.points')}</span><strong>{formatCount(count)} / {formatCount(MAX_POINTS)}</strong></div>
      <div className="kz-meter" aria-hidden><i style={{ width: `${Math.min(100, (count / MAX_POINTS) * 100)}%` }} /></div>
      <div className="kz-row"><span className="kz-grow">{t('connect:load.disk')}</span><strong>{t('connect:load.about', { value: formatBytes(load.bytesPerDay) })}</strong></div>
      <p className="kz-small kz-second">{t('connect:load.assumed')}</p>
    </section>
  );
}
