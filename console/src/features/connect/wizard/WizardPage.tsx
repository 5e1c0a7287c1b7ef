// SPDX-License-Identifier: Apache-2.0
import { Button } from 'antd';
import { useQueryClient } from '@tanstack/react-query';
import { ArrowLeft, ArrowRight, X } from 'lucide-react';
import { useMemo, useRef, useState } from 'react';
import { post } from '@/shared/api/client';
import { ApiError, type FieldError } from '@/shared/api/problem';
import type { Driver, Schema } from '@/shared/api/types';
import { focusFirstError } from '@/shared/form/Field';
import { cleanValue, defaultsOf, judgeForm } from '@/shared/form/schema';
import { formatClock } from '@/shared/format/time';
import { useLanguage, useT } from '@/shared/i18n/i18n';
import { useGo, useSearchState } from '@/shared/nav/address';
import { useWorkplace } from '@/shared/session/workplace';
import { Page as PageFrame } from '@/shared/ui/Page';
import { QueryView } from '@/shared/ui/states';
import { addressOf, useDrivers, useLinks } from '../api';
import { ConnectionStep } from './ConnectionStep';
import { DoneStep } from './DoneStep';
import { MappingStep } from './MappingStep';
import { PointsStep } from './PointsStep';
import { ProtocolStep } from './ProtocolStep';
import { ReviewStep } from './ReviewStep';
import { freshState, lacksUnit, specOf, stepOfPointer, steps, stepToResume, testKey, type PointField, type Step, type WizardState } from './state';
import { Stepper } from './Stepper';
import { TestStrip } from './TestPanel';
import { UnitList } from './units';
import { useDraft } from './useDraft';
import { useRowErrors } from './useRowErrors';
import '../connect.css';

export function Page() {
  const drivers = useDrivers();
  return <QueryView query={drivers}>{(items) => <Wizard drivers={items} />}</QueryView>;
}

interface Failure {
  error: unknown;
  fields: FieldError[];
}

/** Pointers of the request that each part of the state stands for. */
const pointersOf: Record<string, string[]> = {
  device: ['/device/name', '/device/class', '/device/equipment'], deviceConfig: ['/device/config'], link: ['/link'], linkName: ['/link/new/name', '/link/name'], linkConfig: ['/link/new/config', '/link/config'],
};
const noFailure: Failure = { error: null, fields: [] };

function Wizard({ drivers }: { drivers: readonly Driver[] }) {
  const t = useT();
  const go = useGo();
  const client = useQueryClient();
  const language = useLanguage();
  const { path, zone } = useWorkplace();
  const [search, setSearch] = useSearchState();
  const { state, setState, change, keptAt, forget } = useDraft(drivers);
  const [judged, setJudged] = useState(false);
  const [busy, setBusy] = useState(false);
  const [reading, setReading] = useState(false);
  const [failure, setFailure] = useState<Failure>(noFailure);
  const [result, setResult] = useState<Schema<'DeviceWizardResult'> | null>(null);
  const form = useRef<HTMLDivElement | null>(null);
  const driver = drivers.find((item) => item.id === state.driver);
  // An interrupted wizard goes on where it can; whoever asks for a step gets that one.
  const [resumed] = useState<Step>(() => stepToResume(state, driver !== undefined && factsOf(driver, state).valid));
  const links = useLinks(state.driver).data;
  const reused = links?.find((link) => link.id === state.link);
  const rows = useRowErrors(state.points, failure.fields);
  const facts = useMemo(() => (driver ? factsOf(driver, state) : null), [driver, state]);
  const wanted = steps.find((step) => step === search['step']) ?? resumed;
  const step: Step = facts ? wanted : 'protocol';
  const to = (next: Step): void => setSearch({ step: next, link: undefined }, false);
  const setPoints = useMemo(() => (next: WizardState['points'] | ((old: WizardState['points']) => WizardState['points'])) => setState((old) => ({ ...old, points: typeof next === 'function' ? next(old.points) : next })), [setState]);

  const choose = (chosen: Driver): void => {
    if (chosen.id !== state.driver) change({ driver: chosen.id, link: null, linkConfig: defaultsOf(chosen.link_schema), deviceConfig: defaultsOf(chosen.device_schema), points: [], test: null });
    to('connection');
  };
  /** What the server said of a part is forgotten when that part is changed. */
  const edit = (part: Partial<WizardState>): void => {
    change(part);
    const touched = Object.keys(part).flatMap((key) => pointersOf[key] ?? []);
    if (touched.length > 0 && failure.fields.length > 0) setFailure({ error: failure.error, fields: failure.fields.filter((field) => !touched.some((prefix) => field.pointer.startsWith(prefix))) });
  };
  const next = (): void => {
    if (step === 'connection' && !facts?.valid) {
      setJudged(true);
      focusFirstError(form.current);
      return;
    }
    const following = steps[steps.indexOf(step) + 1];
    if (following) to(following);
  };
  const save = async (): Promise<void> => {
    setBusy(true);
    setFailure(noFailure);
    try {
      setResult(await post<Schema<'DeviceWizardResult'>>(path('/devices/wizard'), bodyOf(driver as Driver, state)));
      forget();
      await Promise.all(['devices', 'links', 'overview'].map((key) => client.invalidateQueries({ queryKey: [key] })));
    } catch (error) {
      const fields = error instanceof ApiError ? error.fields : [];
      setFailure({ error, fields });
      const first = fields[0];
      if (first && stepOfPointer(first.pointer) === 'connection') setJudged(true);
    } finally {
      setBusy(false);
    }
  };
  const restart = (): void => {
    forget();
    setState(freshState);
    setResult(null);
    setFailure(noFailure);
    setJudged(false);
    to('protocol');
  };
  const address = reused ? addressOf(reused.config) : addressOf(state.linkConfig);
  if (result) return <PageFrame title={t('connect:wizard')} beside={<span className="kz-tag">{result.device.name}</span>}><DoneStep result={result} onAnother={restart} /></PageFrame>;
  const reachable = (target: Step): boolean => target === 'protocol' || (target === 'connection' ? Boolean(facts) : Boolean(facts?.valid));
  const errorAt = (which: readonly PointField[]): boolean => [...rows.values()].some((own) => which.some((field) => own.has(field)));
  const notes = notesOf(t, state, driver?.name[language] ?? '', facts, rows.size);
  return (
    <PageFrame title={t('connect:wizard')}
      beside={state.device.name !== '' && <span className="kz-tag">{state.device.name}</span>}
      actions={<>
        <span className="kz-second kz-small" role="status" style={{ alignSelf: 'center' }}>{keptAt === false ? t('connect:draft.notKept') : keptAt !== null && t('connect:draft.kept', { time: formatClock(keptAt, zone) })}</span>
        <Button onClick={() => go('connect')}>{t('connect:later')}</Button>
        <Button icon={<X size={16} />} aria-label={t('connect:discard')} title={t('connect:discard')} onClick={() => { forget(); go('connect'); }} />
      </>}>
      <Stepper value={step} notes={notes} onGo={to} done={doneOf(state, facts, rows.size === 0)} reachable={Object.fromEntries(steps.map((each) => [each, reachable(each)])) as Record<Step, boolean>} />
      <UnitList />
      <div className="kz-wizard-body">
        {facts && (step === 'points' || step === 'mapping' || step === 'review') && <TestStrip test={state.test} old={facts.tested === 'old'} address={address} onChange={() => to('connection')} />}
        {step === 'protocol' && <ProtocolStep value={state.driver} onChoose={choose} />}
        {step === 'connection' && driver && <ConnectionStep driver={driver} state={state} change={edit} errors={failure.fields} judged={judged} formRef={form} />}
        {step === 'points' && driver && <PointsStep driver={driver} state={state} address={address} errors={rows} onPoints={setPoints} onBusy={setReading} />}
        {step === 'mapping' && <MappingStep points={state.points} errors={rows} onPoints={setPoints} />}
        {step === 'review' && driver && facts && <ReviewStep driver={driver} state={state} address={address} sourceName={reused?.name ?? (state.linkName.trim() || state.device.name)} tested={facts.tested} failure={failure.error} fieldErrors={failure.fields} onGo={to} />}
      </div>
      <div className="kz-wizard-foot">
        <Button onClick={() => { forget(); go('connect'); }}>{t('common:action.cancel')}</Button>
        <span className="kz-grow" />
        <span className="kz-second kz-small">{step === 'connection' && facts?.tested !== 'ok' ? t('connect:untestedPossible') : t('connect:nothingYet')}</span>
        {step !== 'protocol' && <Button icon={<ArrowLeft size={16} />} onClick={() => to(steps[steps.indexOf(step) - 1] ?? 'protocol')} data-testid="wizard-back">{t('common:action.back')}</Button>}
        {(step !== 'protocol' || facts !== null) && step !== 'review' && (
          <Button type="primary" onClick={next} data-testid="wizard-next" disabled={reading || (step === 'points' && errorAt(['name', 'address'])) || (step === 'mapping' && rows.size > 0)}>
            {t('connect:nextIs', { step: t(`connect:step.${steps[steps.indexOf(step) + 1] ?? 'review'}`) })}<ArrowRight size={16} aria-hidden />
          </Button>
        )}
        {step === 'review' && <Button type="primary" loading={busy} disabled={!facts?.valid} onClick={() => void save()} data-testid="wizard-save">{t(facts?.tested === 'ok' ? 'connect:save' : 'connect:saveUntested')}</Button>}
      </div>
    </PageFrame>
  );
}

interface StateFacts {
  valid: boolean;
  tested: 'ok' | 'failed' | 'old' | 'none';
}

function factsOf(driver: Driver, state: WizardState): StateFacts {
  const link = cleanValue(driver.link_schema, state.linkConfig);
  const device = cleanValue(driver.device_schema, state.deviceConfig);
  const linkRight = state.link !== null || judgeForm(driver.link_schema, state.linkConfig).size === 0;
  const valid = linkRight && judgeForm(driver.device_schema, state.deviceConfig).size === 0 && state.device.name.trim() !== '' && state.device.equipment !== '';
  const tested = state.test === null ? 'none' : state.test.of !== testKey(state, link, device) ? 'old' : state.test.report.ok ? 'ok' : 'failed';
  return { valid, tested };
}

function bodyOf(driver: Driver, state: WizardState): Schema<'DeviceWizard'> {
  const { device } = state;
  const link: Schema<'WizardLink'> = state.link === null
    ? { new: { name: state.linkName.trim() || device.name.trim(), driver: driver.id, config: cleanValue(driver.link_schema, state.linkConfig) } }
    : { id: state.link };
  return { link, device: { ...device, name: device.name.trim(), config: cleanValue(driver.device_schema, state.deviceConfig) }, points: state.points.map((point) => specOf(point, !driver.capabilities.includes('poll'))) };
}

function notesOf(t: ReturnType<typeof useT>, state: WizardState, driver: string, facts: StateFacts | null, wrong: number): Record<Step, string> {
  const missing = state.points.filter(lacksUnit).length;
  return {
    protocol: driver || t('connect:note.open'),
    connection: facts ? t(facts.valid ? `connect:note.${facts.tested}` : 'connect:note.incomplete') : t('connect:note.open'),
    points: state.points.length > 0 ? t('connect:note.picked', { count: state.points.length }) : t('connect:note.open'),
    mapping: state.points.length === 0 ? t('connect:note.open') : wrong > 0 ? t('connect:note.wrong', { count: wrong }) : missing > 0 ? t('connect:note.missing', { count: missing }) : t('connect:note.complete'),
    review: t('connect:note.open'),
  };
}

function doneOf(state: WizardState, facts: StateFacts | null, rowsRight: boolean): Record<Step, boolean> {
  return {
    protocol: state.driver !== null, connection: facts?.valid === true && facts.tested === 'ok', points: state.points.length > 0,
    mapping: state.points.length > 0 && rowsRight && !state.points.some(lacksUnit), review: false,
  };
}
