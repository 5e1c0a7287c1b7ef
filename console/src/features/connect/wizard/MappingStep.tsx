// SPDX-License-Identifier: Apache-2.0
import { Button } from 'antd';
import { useCallback, useMemo, useState } from 'react';
import { formatCount } from '@/shared/format/number';
import { useT } from '@/shared/i18n/i18n';
import { SearchField } from '@/shared/ui/SearchField';
import { NoMatch, Empty } from '@/shared/ui/states';
import { matcher } from './browseStore';
import { Issues } from './Issues';
import { PointTable, type RowErrors } from './PointTable';
import { goToRow } from './PointsStep';
import { isNumeric, lacksUnit, type PointDraft } from './state';
import { UNITS_LIST } from './units';

const bulkFields = ['unit', 'scale', 'offset', 'period', 'low', 'high'] as const;
type BulkField = (typeof bulkFields)[number];

interface Props {
  points: readonly PointDraft[];
  errors: RowErrors;
  onPoints: (next: PointDraft[] | ((old: PointDraft[]) => PointDraft[])) => void;
}

/** Names, units, scaling, sampling and limits; one value for many rows at once. */
export function MappingStep({ points, errors, onPoints }: Props) {
  const t = useT();
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set());
  const [search, setSearch] = useState('');
  const [onlyOpen, setOnlyOpen] = useState(false);
  const missing = points.filter(lacksUnit).length;
  const shown = useMemo(() => {
    const fits = matcher(search);
    return points.filter((point) => (search === '' || fits(point.name) || fits(point.address)) && (!onlyOpen || lacksUnit(point)));
  }, [points, search, onlyOpen]);
  const change = useCallback((key: string, part: Partial<PointDraft>) => onPoints((old) => old.map((point) => (point.key === key ? { ...point, ...part } : point))), [onPoints]);
  const targets = ticked.size > 0 ? shown.filter((point) => ticked.has(point.key)) : shown;
  const setAll = (field: BulkField, value: string): void => {
    const keys = new Set(targets.filter((point) => field === 'period' || isNumeric(point)).map((point) => point.key));
    onPoints((old) => old.map((point) => (keys.has(point.key) ? { ...point, [field]: value } : point)));
  };
  return (
    <section className="kz-card kz-table-pane" aria-label={t('connect:step.mapping')}>
      <header style={{ flexWrap: 'wrap' }}>
        <SearchField value={search} onChange={setSearch} label={t('connect:browse.search')} width={190} />
        <button type="button" className="kz-chip" aria-pressed={onlyOpen} onClick={() => setOnlyOpen(!onlyOpen)}>{t('connect:onlyWithoutUnit', { count: missing })}</button>
        <span className="kz-grow" />
        <BulkSet count={targets.length} some={ticked.size > 0} onSet={setAll} />
      </header>
      <PointTable points={points} shown={shown} columns={['name', 'unit', 'scale', 'offset', 'period', 'low', 'high', 'type', 'write', 'description']} errors={errors} onChange={change} ticked={ticked} onTicked={setTicked}
        empty={points.length === 0 ? <Empty title={t('connect:noPoints')} text={t('connect:noPointsText')} /> : <NoMatch filter={search || t('connect:onlyWithoutUnit', { count: missing })} onClear={() => { setSearch(''); setOnlyOpen(false); }} />} />
      <Issues points={points} errors={errors} onGo={(key) => goToRow(points, key)} />
    </section>
  );
}

function BulkSet({ count, some, onSet }: { count: number; some: boolean; onSet: (field: BulkField, value: string) => void }) {
  const t = useT();
  const [field, setField] = useState<BulkField>('unit');
  const [value, setValue] = useState('');
  const submit = (): void => {
    if (value.trim() !== '' || field === 'low' || field === 'high') onSet(field, value.trim());
  };
  return (
    <form className="kz-row" aria-label={t('connect:bulk.title')} onSubmit={(event) => { event.preventDefault(); submit(); }}>
      <span className="kz-small kz-second">{t(some ? 'connect:bulk.ticked' : 'connect:bulk.all', { count, value: formatCount(count) })}</span>
      <select className="kz-input" name="bulk.field" style={{ width: 'auto' }} aria-label={t('connect:column')} value={field} onChange={(event) => { setField(event.target.value as BulkField); setValue(''); }}>
        {bulkFields.map((item) => <option key={item} value={item}>{t(`connect:col.${item}`)}</option>)}
      </select>
      <input className="kz-input" name="bulk.value" style={{ width: 110 }} aria-label={t('connect:value')} value={value} autoComplete="off" list={field === 'unit' ? UNITS_LIST : undefined} onChange={(event) => setValue(event.target.value)} />
      <Button htmlType="submit" disabled={count === 0}>{t('connect:bulk.set')}</Button>
    </form>
  );
}
