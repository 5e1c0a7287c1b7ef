// SPDX-License-Identifier: Apache-2.0
import { Button } from 'antd';
import { CircleCheck, CircleX, PlugZap } from 'lucide-react';
import { formatClock } from '@/shared/format/time';
import { useSpanText } from '@/shared/format/useSpanText';
import { useT } from '@/shared/i18n/i18n';
import { useNow } from '@/shared/live/react';
import { useWorkplace } from '@/shared/session/workplace';
import { Facts } from '@/shared/ui/Inspector';
import { ErrorState } from '@/shared/ui/states';
import type { TestReport } from '../api';
import type { TestState } from './state';

interface TestPanelProps {
  test: TestState | null;
  /** The settings have changed since. */
  old: boolean;
  running: { since: number; cancel: () => void } | null;
  error: unknown;
  onRun: () => void;
}

/** Runs the test and keeps every step in view: what, how long, and when it failed why and what to do. */
export function TestPanel({ test, old, running, error, onRun }: TestPanelProps) {
  const t = useT();
  const { zone } = useWorkplace();
  return (
    <section className="kz-card kz-test" aria-label={t('connect:test.title')}>
      <header>
        <h2>{t('connect:test.title')}</h2>
        {test && <span className="kz-second kz-small">{formatClock(test.at, zone)}{old && ` · ${t('connect:test.old')}`}</span>}
        <span className="kz-grow" />
        {running ? <Running {...running} /> : <Button icon={<PlugZap size={14} />} onClick={onRun} data-testid="run-test">{t(test ? 'connect:test.again' : 'connect:test.run')}</Button>}
      </header>
      <div className="kz-pad" aria-live="polite" style={old ? { opacity: 0.6 } : undefined}>
        {error !== null && <ErrorState error={error} onRetry={onRun} compact />}
        {!test && error === null && <p className="kz-second">{t('connect:test.text')}</p>}
        {test && <Report report={test.report} />}
      </div>
    </section>
  );
}

function Running({ since, cancel }: { since: number; cancel: () => void }) {
  const t = useT();
  const now = useNow();
  const span = useSpanText();
  return (
    <span className="kz-row" role="status">
      {t('connect:test.running', { span: span(Math.max(0, now - since)) })}
      <Button size="small" onClick={cancel}>{t('common:action.cancel')}</Button>
    </span>
  );
}

function Report({ report }: { report: TestReport }) {
  const t = useT();
  const span = useSpanText();
  const known = (prefix: 'what' | 'limit' | 'identity', key: string): string => t(`connect:test.${prefix}.${key}`, { defaultValue: key });
  const identity = Object.entries(report.identity);
  const limits = Object.entries(report.limits);
  return (
    <div data-testid="test-report" data-ok={report.ok}>
      {report.steps.map((step) => (
        <div key={step.name} className="kz-test-step" data-ok={step.ok}>
          {step.ok ? <CircleCheck size={15} className="kz-passed" aria-label={t('connect:test.passed')} /> : <CircleX size={15} aria-label={t('connect:test.failed')} />}
          <strong>{known('what', step.name)}</strong>
          <span style={{ overflowWrap: 'anywhere' }}>{step.text}</span>
          <span className="kz-second">{span(step.ms)}</span>
          {step.cure && <p className="kz-strong">{step.cure}</p>}
        </div>
      ))}
      {report.values.length > 0 && (
        <><h3 style={{ paddingTop: 10 }}>{t('connect:test.values')}</h3>
          <Facts rows={report.values.slice(0, 10).map((value) => [value.address, value.quality.class === 'good' ? value.value : value.quality.text ?? value.quality.name])} /></>
      )}
      {identity.length > 0 && <><h3 style={{ paddingTop: 10 }}>{t('connect:test.identityTitle')}</h3><Facts rows={identity.map(([key, value]) => [known('identity', key), value])} /></>}
      {limits.length > 0 && <><h3 style={{ paddingTop: 10 }}>{t('connect:test.limitsTitle')}</h3><Facts rows={limits.map(([key, value]) => [known('limit', key), plain(value, t)])} /></>}
    </div>
  );
}

/** Drivers write switches as words of their own, and 0 where the other side sets no limit. */
function plain(value: string | number | boolean, t: ReturnType<typeof useT>): string {
  const text = String(value);
  if (text === '0') return t('connect:test.noLimit');
  if (text === 'yes' || text === 'true') return t('common:yes');
  return text === 'no' || text === 'false' ? t('common:no') : text;
}

/** The result in one line, over the later steps. */
export function TestStrip({ test, old, address, onChange }: { test: TestState | null; old: boolean; address: string; onChange: () => void }) {
  const t = useT();
  const span = useSpanText();
  const good = test?.report.ok && !old;
  const identity = test?.report.identity['product'] ?? test?.report.identity['vendor'];
  const failed = test?.report.steps.find((step) => !step.ok);
  const total = test?.report.steps.find((step) => step.name === 'connect')?.ms;
  return (
    <div className="kz-strip" role="status">
      {good ? <span className="kz-passed"><CircleCheck size={15} aria-hidden />{t('connect:test.ok')}</span>
        : <strong>{old && test ? t('connect:test.old') : failed ? t('connect:test.failedAt', { text: failed.text }) : t('connect:test.none')}</strong>}
      <code>{address}</code>
      {good && identity && <span>{identity}</span>}
      {good && Object.entries(test.report.limits).slice(0, 3).map(([key, value]) => <span key={key}><span className="kz-second">{t(`connect:test.limit.${key}`, { defaultValue: key })}</span> <strong>{plain(value, t)}</strong></span>)}
      {good && total !== undefined && <span><span className="kz-second">{t('connect:test.what.connect')}</span> <strong>{span(total)}</strong></span>}
      <span className="kz-grow" />
      <button type="button" className="kz-icon-button" style={{ color: 'var(--kz-accent)' }} onClick={onChange}>{t('connect:changeConnection')}</button>
    </div>
  );
}
