// SPDX-License-Identifier: Apache-2.0
import { Button } from 'antd';
import { Eye, Plus, Trash2 } from 'lucide-react';
import { useCallback, useState } from 'react';
import { request } from '@/shared/api/client';
import type { Driver, Schema } from '@/shared/api/types';
import { cleanValue } from '@/shared/form/schema';
import { useLanguage, useT } from '@/shared/i18n/i18n';
import { useWorkplace } from '@/shared/session/workplace';
import { Tabs } from '@/shared/ui/Page';
import { Empty, errorTitle } from '@/shared/ui/states';
import type { TestReport } from '../api';
import { BrowsePane } from './BrowsePane';
import { CsvImport } from './CsvImport';
import { Issues } from './Issues';
import { PointTable, type RowErrors } from './PointTable';
import { newPoint, type PointDraft, type WizardState } from './state';
import { judged, useAddressCheck } from './useAddressCheck';

const READ_AT_ONCE = 200;

interface Props {
  driver: Driver;
  state: WizardState;
  address: string;
  errors: RowErrors;
  onPoints: (next: PointDraft[] | ((old: PointDraft[]) => PointDraft[])) => void;
  onBusy: (busy: boolean) => void;
}

/** Points by browsing where the driver can, and always by table and file. */
export function PointsStep(props: Props) {
  const t = useT();
  const { driver, state, address, onPoints } = props;
  const browses = driver.capabilities.includes('browse');
  const [mode, setMode] = useState<'browse' | 'table'>(browses ? 'browse' : 'table');
  return (
    <>
      {browses && (
        <div style={{ paddingBottom: 10 }}>
          <Tabs label={t('connect:step.points')} value={mode} onChange={setMode} items={[{ key: 'browse', label: t('connect:mode.browse') }, { key: 'table', label: t('connect:mode.table') }]} />
        </div>
      )}
      {mode === 'browse' ? <BrowsePane driver={driver} link={state.link} config={cleanValue(driver.link_schema, state.linkConfig)} address={address} points={state.points} onPoints={onPoints} onBusy={props.onBusy} /> : <TablePane {...props} />}
    </>
  );
}

function TablePane({ driver, state, errors, onPoints }: Props) {
  const t = useT();
  const language = useLanguage();
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set());
  const preview = usePreview(driver, state);
  const { points } = state;
  const checkError = useAddressCheck(driver.id, points, (verdicts) => onPoints((old) => judged(old, verdicts)));
  const change = useCallback((key: string, part: Partial<PointDraft>) => onPoints((old) => old.map((point) => (point.key === key ? { ...point, ...part } : point))), [onPoints]);
  const add = (): void => {
    const last = points.at(-1);
    onPoints([...points, newPoint(last ? { unit: last.unit, period: last.period } : {})]);
    requestAnimationFrame(() => document.querySelector<HTMLInputElement>(`input[name="points.${points.length}.name"]`)?.focus());
  };
  const remove = (): void => {
    onPoints(points.filter((point) => !ticked.has(point.key)));
    setTicked(new Set());
  };
  const [example] = driver.address_schema.examples ?? [];
  return (
    <section className="kz-card kz-table-pane" aria-label={t('connect:mode.table')}>
      <header style={{ flexWrap: 'wrap' }}>
        <Button icon={<Plus size={14} />} onClick={add} data-testid="add-row">{t('connect:addRow')}</Button>
        <CsvImport driver={driver} points={points} onAdd={(more) => onPoints([...points, ...more])} />
        <Button icon={<Eye size={14} />} loading={preview.busy} disabled={points.length === 0} onClick={preview.read}>{t('connect:readOnce')}</Button>
        {ticked.size > 0 && <Button icon={<Trash2 size={14} />} onClick={remove}>{t('connect:removeRows', { count: ticked.size })}</Button>}
        <span className="kz-grow" />
        <span className="kz-second kz-small" role="status">{preview.note || t('connect:rows', { count: points.length })}</span>
      </header>
      <p className="kz-small kz-second" style={{ padding: '6px 12px', borderBottom: '1px solid var(--kz-row-line)' }}>{driver.address_schema['x-help']?.[language]}</p>
      <PointTable points={points} columns={['name', 'address', 'type', 'value', 'unit', 'scale', 'period', 'description']} errors={errors} onChange={change} ticked={ticked} onTicked={setTicked} values={preview.values}
        {...(example === undefined ? {} : { addressHint: String(example) })} empty={<Empty title={t('connect:noRows')} text={t('connect:noRowsText')} action={<Button type="primary" onClick={add}>{t('connect:addRow')}</Button>} />} />
      {checkError !== null && <p role="alert" className="kz-strong" style={{ padding: '6px 12px' }}>{errorTitle(checkError, t)}</p>}
      <Issues points={points} errors={errors} onGo={(key) => goToRow(points, key)} />
    </section>
  );
}

/** Puts the focus into the first wrong field of a row, when the row is drawn. */
export function goToRow(points: readonly PointDraft[], key: string): void {
  const at = points.findIndex((point) => point.key === key);
  const fields = [...document.querySelectorAll<HTMLInputElement>(`input[name^="points.${at}."]`)];
  (fields.find((field) => field.getAttribute('aria-invalid') === 'true') ?? fields[0])?.focus();
}

/** Reads the addresses of the table once, through the test of the driver. */
function usePreview(driver: Driver, state: WizardState) {
  const t = useT();
  const { path } = useWorkplace();
  const [busy, setBusy] = useState(false);
  const [note, setNote] = useState('');
  const [values, setValues] = useState<ReadonlyMap<string, Schema<'FirstValue'>>>(new Map());
  const read = (): void => {
    const addresses = [...new Set(state.points.filter((point) => point.trouble === '' && point.address.trim() !== '').map((point) => point.address.trim()))].slice(0, READ_AT_ONCE);
    if (addresses.length === 0) return;
    setBusy(true);
    setNote('');
    const body = {
      ...(state.link === null ? { link: cleanValue(driver.link_schema, state.linkConfig) } : { link_id: state.link }),
      device: cleanValue(driver.device_schema, state.deviceConfig), addresses,
    };
    request<TestReport>(path(`/drivers/${encodeURIComponent(driver.id)}/test`), { method: 'POST', body })
      .then(({ data }) => {
        setValues(new Map(data.values.map((value) => [value.address, value])));
        const failed = data.steps.find((step) => !step.ok);
        setNote(failed ? failed.text : t('connect:readDone', { count: data.values.filter((value) => value.quality.class === 'good').length, total: addresses.length }));
      }, (error: unknown) => setNote(errorTitle(error, t)))
      .finally(() => setBusy(false));
  };
  return { busy, note, values, read };
}
