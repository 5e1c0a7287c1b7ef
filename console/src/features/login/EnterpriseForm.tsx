// SPDX-License-Identifier: Apache-2.0
import { Button } from 'antd';
import { useQuery } from '@tanstack/react-query';
import { useRef, useState, type FormEvent } from 'react';
import { get, request, tenantPath } from '@/shared/api/client';
import type { Schema, Session, Tenant } from '@/shared/api/types';
import { Field, focusFirstError, TextField } from '@/shared/form/Field';
import { useLanguage, useT } from '@/shared/i18n/i18n';
import { keepSession } from '@/shared/session/session';
import { browserZone } from '@/shared/time/zone';
import { industries, regions } from './codes';
import { judgeUscc } from './uscc';
import { fieldError, Problem, useSubmit } from './useSubmit';

type Draft = { name: string; uscc: string; industry: string; region: string; site_name: string; time_zone: string };
const zones = Intl.supportedValuesOf('timeZone');

/** The code at the start of what was chosen or typed: `C15 Beverages` → `C15`. */
const codeOf = (text: string): string => text.trim().split(/\s/)[0]?.toUpperCase() ?? '';

export function EnterpriseForm({ session, onDone }: { session: Session; onDone: (session: Session) => void }) {
  const t = useT();
  const language = useLanguage();
  const form = useRef<HTMLFormElement>(null);
  const tenantId = session.tenants.find((tenant) => tenant.needs_enterprise)?.id ?? session.tenants[0]?.id ?? '';
  const present = useQuery({ queryKey: ['tenant-setup', tenantId], queryFn: () => request<Tenant>(tenantPath(tenantId, '')) });
  const [draft, setDraft] = useState<Draft>({ name: '', uscc: '', industry: '', region: '', site_name: '', time_zone: browserZone() || 'Asia/Shanghai' });
  const [judged, setJudged] = useState(false);
  const { busy, error, run } = useSubmit();
  const set = (key: keyof Draft) => (value: string): void => setDraft((old) => ({ ...old, [key]: value }));
  const problems = judge(draft, t);
  const say = (key: keyof Draft): string | undefined => (judged ? problems[key] : undefined) ?? fieldError(error, `/${key}`);

  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setJudged(true);
    if (Object.values(problems).some(Boolean)) {
      focusFirstError(form.current);
      return;
    }
    void run(async () => {
      const body: Schema<'TenantSetUp'> = {
        name: draft.name.trim(), uscc: draft.uscc === '' ? null : draft.uscc.trim().toUpperCase(), industry: codeOf(draft.industry),
        region: codeOf(draft.region), site_name: draft.site_name.trim(), time_zone: draft.time_zone,
      };
      await request<Tenant>(tenantPath(tenantId, ''), { method: 'PUT', body, ifMatch: present.data?.etag || '*' });
      onDone(keepSession(await get<Session>('/session')));
    });
  };
  return (
    <form className="kz-form" onSubmit={submit} ref={form}>
      <TextField label={t('login:enterprise.name')} name="name" value={draft.name} onChange={set('name')} autoFocus error={say('name')} maxLength={200} autoComplete="organization" required />
      <TextField label={<>{t('login:enterprise.uscc')} <span className="kz-third">{t('common:form.optional')}</span></>} name="uscc" value={draft.uscc} onChange={set('uscc')} error={say('uscc')} maxLength={18} help={t('login:enterprise.usccHelp')} autoComplete="off" />
      <Coded name="industry" label={t('login:enterprise.industry')} help={t('login:enterprise.industryHelp')} value={draft.industry} onChange={set('industry')} error={say('industry')} options={industries} zh={language === 'zh'} />
      <Coded name="region" label={t('login:enterprise.region')} help={t('login:enterprise.regionHelp')} value={draft.region} onChange={set('region')} error={say('region')} options={regions} zh={language === 'zh'} />
      <TextField label={t('login:enterprise.site')} name="site_name" value={draft.site_name} onChange={set('site_name')} error={say('site_name')} maxLength={200} help={t('login:enterprise.siteHelp')} autoComplete="off" required />
      <Field label={t('login:enterprise.zone')} error={say('time_zone')}>
        {(ids) => (
          <select id={ids.id} name="time_zone" className="kz-input" value={draft.time_zone} onChange={(event) => set('time_zone')(event.target.value)}>
            {[...new Set([draft.time_zone, 'Asia/Shanghai', 'UTC', ...zones])].map((zone) => <option key={zone}>{zone}</option>)}
          </select>
        )}
      </Field>
      <Problem error={error ?? present.error} />
      <Button type="primary" htmlType="submit" loading={busy || present.isPending}>{t('login:enterprise.go')}</Button>
    </form>
  );
}

function judge(draft: Draft, t: ReturnType<typeof useT>): Partial<Record<keyof Draft, string>> {
  const found: Partial<Record<keyof Draft, string>> = {};
  const need = t('common:form.required');
  if (draft.name.trim() === '') found.name = need;
  if (draft.site_name.trim() === '') found.site_name = need;
  if (!/^[A-T](\d{2,4})?$/.test(codeOf(draft.industry))) found.industry = draft.industry.trim() === '' ? need : t('login:enterprise.industryBad');
  if (!/^\d{6}$/.test(codeOf(draft.region))) found.region = draft.region.trim() === '' ? need : t('login:enterprise.regionBad');
  const uscc = draft.uscc.trim().toUpperCase();
  if (uscc !== '') {
    const verdict = judgeUscc(uscc);
    if (!verdict.ok) found.uscc = t(`login:enterprise.uscc_${verdict.reason}`, { found: uscc.charAt(17), expected: verdict.expected ?? '', count: uscc.length });
  }
  return found;
}

interface CodedProps {
  name: string;
  label: string;
  help: string;
  value: string;
  onChange: (value: string) => void;
  error: string | undefined;
  options: [string, string, string][];
  zh: boolean;
}

/** A code chosen from the first levels of its classification, or typed. */
function Coded({ name, label, help, value, onChange, error, options, zh }: CodedProps) {
  return (
    <Field label={label} help={help} error={error}>
      {(ids) => (
        <>
          <input id={ids.id} name={name} className="kz-input" list={`${ids.id}-list`} value={value} onChange={(event) => onChange(event.target.value)} aria-describedby={ids.describedBy} aria-invalid={ids.invalid} aria-required autoComplete="off" maxLength={60} />
          <datalist id={`${ids.id}-list`}>{options.map(([code, chinese, english]) => <option key={code} value={`${code} ${zh ? chinese : english}`} />)}</datalist>
        </>
      )}
    </Field>
  );
}
