// SPDX-License-Identifier: Apache-2.0
import { CircleAlert, CircleCheck } from 'lucide-react';
import { useMemo, type ReactNode } from 'react';
import type { FieldError } from '@/shared/api/problem';
import type { Driver } from '@/shared/api/types';
import { formatCount } from '@/shared/format/number';
import { useLanguage, useT } from '@/shared/i18n/i18n';
import { Facts } from '@/shared/ui/Inspector';
import { ErrorState } from '@/shared/ui/states';
import { LoadFigures, useBytesPerSample } from './Basket';
import { loadOf } from './load';
import { pointErrorAt, stepOfPointer, type Step, type WizardState } from './state';

const SHOWN = 50;

interface Props {
  driver: Driver;
  state: WizardState;
  address: string;
  sourceName: string;
  tested: 'ok' | 'failed' | 'old' | 'none';
  failure: unknown;
  fieldErrors: readonly FieldError[];
  onGo: (step: Step) => void;
}

/** All that will be created, the load it brings, and where the server found something wrong. */
export function ReviewStep({ driver, state, address, sourceName, tested, failure, fieldErrors, onGo }: Props) {
  const t = useT();
  const language = useLanguage();
  const perSample = useBytesPerSample();
  const load = useMemo(() => loadOf(state.points, perSample), [state.points, perSample]);
  const source: [string, ReactNode][] = [
    [t('connect:source'), `${sourceName} · ${t(state.link === null ? 'connect:review.new' : 'connect:review.existing')}`],
    [t('connect:protocol'), driver.name[language]], [t('connect:address'), <code key="a">{address}</code>],
    [t('connect:test.title'), <span key="t" className="kz-row" style={{ justifyContent: 'flex-end' }}>{tested === 'ok' ? <CircleCheck size={15} className="kz-passed" aria-hidden /> : <CircleAlert size={15} aria-hidden />}{t(`connect:review.tested.${tested}`)}</span>],
  ];
  return (
    <div className="kz-page-scroll" style={{ paddingTop: 4 }}>
      {fieldErrors.length > 0 && <Refused errors={fieldErrors} state={state} onGo={onGo} />}
      {failure !== null && fieldErrors.length === 0 && <section className="kz-card"><ErrorState error={failure} compact /></section>}
      <div className="kz-review">
        <section className="kz-card"><header><h2>{t('connect:review.create')}</h2></header>
          <div className="kz-pad" style={{ display: 'flex', flexDirection: 'column', gap: 12 }}>
            <Facts rows={[[t('connect:device'), <strong key="d">{state.device.name}</strong>], [t('connect:class'), t(`common:class.${state.device.class}`)], ...source]} />
            <Facts rows={[
              [t('connect:points'), <strong key="p">{formatCount(state.points.length)}</strong>], [t('connect:review.numbers'), formatCount(load.byType.numbers)],
              [t('connect:review.switches'), formatCount(load.byType.switches)], [t('connect:review.texts'), formatCount(load.byType.texts)], [t('connect:review.writable'), formatCount(state.points.filter((point) => point.write).length)],
            ]} />
          </div>
        </section>
        <section className="kz-card"><header><h2>{t('connect:review.before')}</h2></header>
          <div className="kz-pad" style={{ display: 'flex', flexDirection: 'column', gap: 12 }}>
            <LoadFigures load={load} count={state.points.length} />
            <ul style={{ display: 'flex', flexDirection: 'column', gap: 6 }}>
              {load.withoutUnit > 0 && <Note onGo={() => onGo('mapping')}>{t('connect:basket.noUnit', { count: load.withoutUnit })}</Note>}
              {tested !== 'ok' && <Note onGo={() => onGo('connection')}>{t(`connect:review.untested.${tested}`)}</Note>}
              {state.points.length === 0 && <Note onGo={() => onGo('points')}>{t('connect:review.noPoints')}</Note>}
            </ul>
          </div>
        </section>
      </div>
    </div>
  );
}

function Note({ children, onGo }: { children: ReactNode; onGo: () => void }) {
  const t = useT();
  return <li className="kz-row"><CircleAlert size={15} aria-hidden /><span className="kz-grow">{children}</span><button type="button" className="kz-icon-button" style={{ color: 'var(--kz-accent)' }} onClick={onGo}>{t('connect:review.show')}</button></li>;
}

function Refused({ errors, state, onGo }: { errors: readonly FieldError[]; state: WizardState; onGo: (step: Step) => void }) {
  const t = useT();
  const place = (error: FieldError): string => {
    const row = pointErrorAt(error, state.points);
    const at = row ? state.points.findIndex((point) => point.key === row.key) : -1;
    return row ? t('connect:review.rowField', { row: formatCount(at + 1), name: state.points[at]?.name ?? '', column: t(`connect:col.${row.field}`) }) : t(`connect:step.${stepOfPointer(error.pointer)}`);
  };
  return (
    <section className="kz-card" role="alert" style={{ maxWidth: 1100 }}>
      <header><CircleAlert size={16} aria-hidden /><h2>{t('connect:review.refused', { count: errors.length })}</h2></header>
      <ul style={{ padding: '6px 16px' }}>
        {errors.slice(0, SHOWN).map((error, at) => (
          <li key={at} className="kz-row" style={{ minHeight: 28 }}>
            <span className="kz-second" title={error.pointer}>{place(error)}</span><span className="kz-grow">{error.text}</span>
            <button type="button" className="kz-icon-button" style={{ color: 'var(--kz-accent)' }} onClick={() => onGo(stepOfPointer(error.pointer))}>{t('connect:review.correct')}</button>
          </li>
        ))}
      </ul>
    </section>
  );
}
