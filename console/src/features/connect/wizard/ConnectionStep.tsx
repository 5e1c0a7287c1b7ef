// SPDX-License-Identifier: Apache-2.0
import { useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useRef, useState, type RefObject } from 'react';
import { get, request, type Page } from '@/shared/api/client';
import { pathsOf } from '@/shared/api/equipment';
import { ApiError, type FieldError } from '@/shared/api/problem';
import type { DeviceClass, Driver, Equipment } from '@/shared/api/types';
import { Field, focusFirstError, TextField } from '@/shared/form/Field';
import { cleanValue } from '@/shared/form/schema';
import { errorsUnder, SchemaForm } from '@/shared/form/SchemaForm';
import { useT } from '@/shared/i18n/i18n';
import { useWorkplace } from '@/shared/session/workplace';
import { addressOf, useLinks, type TestReport } from '../api';
import { testKey, type WizardState } from './state';
import { TestPanel } from './TestPanel';

const classes: DeviceClass[] = ['production_equipment', 'process_unit', 'product_in_use', 'control_system', 'gateway'];

interface StepProps {
  driver: Driver;
  state: WizardState;
  change: (change: Partial<WizardState>) => void;
  errors: readonly FieldError[];
  /** Every field is judged after the first attempt to go on. */
  judged: boolean;
  formRef: RefObject<HTMLDivElement | null>;
}

/** The device, its source, and beside them the test that is run before anything is saved. */
export function ConnectionStep({ driver, state, change, errors, judged, formRef }: StepProps) {
  const t = useT();
  const { path } = useWorkplace();
  const [running, setRunning] = useState<{ since: number; cancel: () => void } | null>(null);
  const [failure, setFailure] = useState<unknown>(null);
  const [testErrors, setTestErrors] = useState<FieldError[]>([]);
  const stop = useRef<AbortController | null>(null);
  useEffect(() => () => stop.current?.abort(), []);
  const refused = useRef(errors.length > 0);
  useEffect(() => { if (refused.current) focusFirstError(formRef.current); }, [formRef]);
  const link = cleanValue(driver.link_schema, state.linkConfig);
  const device = cleanValue(driver.device_schema, state.deviceConfig);
  const of = testKey(state, link, device);
  const run = async (): Promise<void> => {
    const abort = new AbortController();
    stop.current?.abort();
    stop.current = abort;
    setRunning({ since: Date.now(), cancel: () => abort.abort() });
    setFailure(null);
    setTestErrors([]);
    try {
      const addresses = state.points.slice(0, 20).map((point) => point.address).filter(Boolean);
      const body = { ...(state.link === null ? { link } : { link_id: state.link }), device, ...(addresses.length > 0 ? { addresses } : {}) };
      const { data } = await request<TestReport>(path(`/drivers/${encodeURIComponent(driver.id)}/test`), { method: 'POST', body, signal: abort.signal });
      change({ test: { report: data, at: Date.now(), of } });
    } catch (error) {
      if (abort.signal.aborted) return;
      if (error instanceof ApiError && error.fields.length > 0) setTestErrors(error.fields);
      else setFailure(error);
    } finally {
      if (stop.current === abort) setRunning(null);
    }
  };
  const linkErrors = [...errorsUnder(errors, '/link/new/config'), ...errorsUnder(errors, '/link/config'), ...errorsUnder(testErrors, '/link')];
  const deviceErrors = [...errorsUnder(errors, '/device/config'), ...errorsUnder(testErrors, '/device')];
  const at = (pointer: string): string | undefined => errors.find((error) => error.pointer === pointer)?.text;
  return (
    <div className="kz-page-scroll" style={{ paddingTop: 12 }}>
      <div className="kz-two" ref={formRef}>
        <section className="kz-card" aria-label={t('connect:step.connection')}>
          <div className="kz-pad kz-form">
            <DeviceFields state={state} change={change} at={at} judged={judged} />
            <fieldset className="kz-form-group">
              <legend>{t('connect:source')}</legend>
              <SourceFields driver={driver} state={state} change={change} at={at} />
              {state.link === null && <SchemaForm schema={driver.link_schema} value={state.linkConfig} onChange={(linkConfig) => change({ linkConfig })} errors={linkErrors} judged={judged} />}
            </fieldset>
            {Object.keys(driver.device_schema.properties ?? {}).length > 0 && (
              <fieldset className="kz-form-group">
                <legend>{t('connect:deviceOnSource')}</legend>
                <SchemaForm schema={driver.device_schema} value={state.deviceConfig} onChange={(deviceConfig) => change({ deviceConfig })} errors={deviceErrors} judged={judged} />
              </fieldset>
            )}
          </div>
        </section>
        <TestPanel test={state.test} old={state.test !== null && state.test.of !== of} running={running} error={failure} onRun={() => void run()} />
      </div>
    </div>
  );
}

interface PartProps {
  state: WizardState;
  change: (change: Partial<WizardState>) => void;
  at: (pointer: string) => string | undefined;
}

function DeviceFields({ state, change, at, judged }: PartProps & { judged: boolean }) {
  const t = useT();
  const { device } = state;
  const set = (part: Partial<WizardState['device']>): void => change({ device: { ...device, ...part } });
  const needed = (text: string): string | undefined => (judged && text.trim() === '' ? t('common:form.required') : undefined);
  return (
    <fieldset className="kz-form-group">
      <legend>{t('connect:device')}</legend>
      <TextField label={t('connect:deviceName')} name="device.name" value={device.name} onChange={(name) => set({ name })} error={needed(device.name) ?? at('/device/name')} maxLength={200} required autoFocus />
      <EquipmentField value={device.equipment} onChange={(equipment) => set({ equipment })} error={needed(device.equipment) ?? at('/device/equipment')} />
      <Field label={t('connect:class')} error={at('/device/class')}>
        {(ids) => (
          <select id={ids.id} name="device.class" className="kz-input" value={device.class} aria-invalid={ids.invalid} onChange={(event) => set({ class: event.target.value as DeviceClass })}>
            {classes.map((item) => <option key={item} value={item}>{t(`common:class.${item}`)}</option>)}
          </select>
        )}
      </Field>
    </fieldset>
  );
}

/** Node of the plant the device belongs to; the site of the page, or the only one, is chosen beforehand. */
function EquipmentField({ value, onChange, error }: { value: string; onChange: (id: string) => void; error: string | undefined }) {
  const t = useT();
  const { path, tenant, site } = useWorkplace();
  const query = useQuery({
    queryKey: ['equipment-choice', tenant.id],
    queryFn: async ({ signal }) => (await get<Page<Equipment>>(path('/equipment'), { q: '*', limit: 1000 }, signal)).items,
    staleTime: 30_000,
  });
  const items = query.data;
  const wanted = items?.find((item) => item.id === site) ?? items?.find((item) => item.level === 'site') ?? items?.[0];
  const first = useRef(onChange);
  first.current = onChange;
  useEffect(() => {
    if (items && wanted && !items.some((item) => item.id === value)) first.current(wanted.id);
  }, [items, wanted, value]);
  const paths = useMemo(() => pathsOf(items ?? []), [items]);
  return (
    <Field label={t('connect:equipment')} help={query.error ? t('connect:equipmentFailed') : undefined} error={error}>
      {(ids) => (
        <select id={ids.id} name="device.equipment" className="kz-input" value={value} aria-invalid={ids.invalid} aria-busy={query.isPending} onChange={(event) => onChange(event.target.value)}>
          {value === '' && <option value="" />}
          {(items ?? []).toSorted((a, b) => (paths.get(a.id) ?? '').localeCompare(paths.get(b.id) ?? '')).map((item) => <option key={item.id} value={item.id}>{paths.get(item.id)}</option>)}
        </select>
      )}
    </Field>
  );
}

function SourceFields({ driver, state, change, at }: PartProps & { driver: Driver }) {
  const t = useT();
  const links = useLinks(driver.id).data ?? [];
  return (
    <>
      {links.length > 0 && (
        <Field label={t('connect:whichSource')} error={at('/link/id')}>
          {(ids) => (
            <select id={ids.id} name="link.id" className="kz-input" value={state.link ?? ''} aria-invalid={ids.invalid} onChange={(event) => change({ link: event.target.value || null })}>
              <option value="">{t('connect:newSource')}</option>
              {links.map((link) => <option key={link.id} value={link.id}>{[link.name, addressOf(link.config)].filter(Boolean).join(' · ')}</option>)}
            </select>
          )}
        </Field>
      )}
      {state.link === null && (
        <TextField label={t('connect:sourceName')} name="link.name" value={state.linkName} onChange={(linkName) => change({ linkName })} placeholder={state.device.name} help={t('connect:sourceNameHelp')} error={at('/link/new/name') ?? at('/link/name')} maxLength={200} />
      )}
    </>
  );
}
