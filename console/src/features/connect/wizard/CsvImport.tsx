// SPDX-License-Identifier: Apache-2.0
import { Button, Modal } from 'antd';
import { CircleAlert, CircleCheck, FileDown, FileUp } from 'lucide-react';
import { useRef, useState } from 'react';
import { formatCount } from '@/shared/format/number';
import { useT } from '@/shared/i18n/i18n';
import { Rich } from '@/shared/i18n/Rich';
import { errorTitle } from '@/shared/ui/states';
import type { Driver } from '@/shared/api/types';
import { csvOfErrors, readPoints, saveText, templateCsv, type CsvError } from './csv';
import { MAX_POINTS } from './pick';
import type { PointDraft } from './state';
import { judged, useAskDriver } from './useAddressCheck';

const MAX_BYTES = 16 * 1024 * 1024;
const SHOWN = 200;

interface Outcome {
  file: string;
  total: number;
  good: PointDraft[];
  bad: number;
  errors: CsvError[];
}

interface Props {
  driver: Driver;
  points: readonly PointDraft[];
  onAdd: (points: PointDraft[]) => void;
}

/** Reads a file as a dry run: every row is judged, the driver judges the addresses, and only then rows are taken over. */
export function CsvImport({ driver, points, onAdd }: Props) {
  const t = useT();
  const ask = useAskDriver(driver.id);
  const input = useRef<HTMLInputElement>(null);
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState('');
  const sentence = (item: CsvError): string => item.said ?? t(`connect:csv.expect.${item.expect}`);
  const read = async (file: File): Promise<void> => {
    setBusy(true);
    setError('');
    try {
      if (file.size > MAX_BYTES) throw new RangeError(t('connect:csv.tooLarge'));
      const text = new TextDecoder('utf-8', { fatal: true }).decode(await file.arrayBuffer());
      const result = readPoints(text, new Set(points.map((point) => point.name)));
      const addresses = [...new Set(result.points.map(({ point }) => point.address))];
      const verdicts = addresses.length === 0 ? [] : await ask(addresses, new AbortController().signal);
      const known = new Map(addresses.map((address, at) => [address, verdicts[at]] as const));
      const errors = [...result.errors];
      const good: PointDraft[] = [];
      for (const { line, point } of result.points) {
        const verdict = known.get(point.address);
        if (verdict && !verdict.ok) errors.push({ line, column: 'address', value: point.address, expect: 'address', ...(verdict.text ? { said: verdict.text } : {}) });
        else good.push(...judged([point], new Map(verdict ? [[point.address, verdict]] : [])));
      }
      errors.sort((a, b) => a.line - b.line);
      setOutcome({ file: file.name, total: result.total, good: good.slice(0, MAX_POINTS - points.length), bad: result.total - good.length, errors });
    } catch (cause) {
      setError(cause instanceof TypeError ? t('connect:csv.notUtf8') : cause instanceof RangeError ? cause.message : errorTitle(cause, t));
    } finally {
      setBusy(false);
      if (input.current) input.current.value = '';
    }
  };
  const examples = (driver.address_schema.examples ?? []).map(String);
  return (
    <>
      <input ref={input} type="file" name="points-csv" accept=".csv,text/csv" aria-label={t('connect:csv.import')} className="kz-hidden" tabIndex={-1} onChange={(event) => { const file = event.target.files?.[0]; if (file) void read(file); }} />
      <Button icon={<FileUp size={14} />} loading={busy} onClick={() => input.current?.click()}>{t('connect:csv.import')}</Button>
      <Button icon={<FileDown size={14} />} onClick={() => saveText('points-template.csv', templateCsv(examples))}>{t('connect:csv.template')}</Button>
      {error !== '' && <span role="alert" className="kz-strong">{error}</span>}
      <Modal open={outcome !== null} onCancel={() => setOutcome(null)} footer={null} width={860} title={t('connect:csv.title', { file: outcome?.file ?? '' })} destroyOnHidden>
        {outcome && (
          <div data-testid="csv-report" style={{ display: 'flex', flexDirection: 'column', gap: 12 }}>
            <p className="kz-row"><CircleCheck size={16} className="kz-passed" aria-hidden /><Rich text={t('connect:csv.good', { count: outcome.good.length, total: formatCount(outcome.total) })} /></p>
            {outcome.bad > 0 && <p className="kz-row"><CircleAlert size={16} aria-hidden /><Rich text={t('connect:csv.bad', { count: outcome.bad })} /></p>}
            {outcome.errors.length > 0 && <CsvErrors errors={outcome.errors} sentence={sentence} />}
            <div className="kz-row">
              <Button type="primary" disabled={outcome.good.length === 0} onClick={() => { onAdd(outcome.good); setOutcome(null); }}>{t('connect:csv.take', { count: outcome.good.length })}</Button>
              {outcome.errors.length > 0 && <Button icon={<FileDown size={14} />} onClick={() => saveText('errors.csv', csvOfErrors(outcome.errors, sentence))}>{t('connect:csv.saveErrors')}</Button>}
              <Button type="text" onClick={() => setOutcome(null)}>{t('common:action.cancel')}</Button>
            </div>
          </div>
        )}
      </Modal>
    </>
  );
}

function CsvErrors({ errors, sentence }: { errors: readonly CsvError[]; sentence: (error: CsvError) => string }) {
  const t = useT();
  return (
    <div className="kz-issues" style={{ maxHeight: 320, border: '1px solid var(--kz-line)' }} tabIndex={0} role="region" aria-label={t('connect:csv.errors')}>
      <table>
        <thead><tr><th>{t('connect:csv.line')}</th><th>{t('connect:column')}</th><th>{t('connect:value')}</th><th>{t('connect:csv.expected')}</th></tr></thead>
        <tbody>
          {errors.slice(0, SHOWN).map((error, at) => <tr key={at}><td>{formatCount(error.line)}</td><td>{error.column ?? ''}</td><td><code>{error.value.slice(0, 120)}</code></td><td>{sentence(error)}</td></tr>)}
        </tbody>
      </table>
      {errors.length > SHOWN && <p className="kz-small kz-second" style={{ padding: '4px 12px' }}>{t('connect:moreIssues', { count: errors.length - SHOWN })}</p>}
    </div>
  );
}
