// SPDX-License-Identifier: Apache-2.0
import { Button } from 'antd';
import { useRef, useState, type FormEvent } from 'react';
import { patch } from '@/shared/api/client';
import { ApiError } from '@/shared/api/problem';
import type { Driver, Link } from '@/shared/api/types';
import { focusFirstError, TextField } from '@/shared/form/Field';
import { patchValue, wrongFields, type FormValue } from '@/shared/form/schema';
import { errorsUnder, SchemaForm } from '@/shared/form/SchemaForm';
import { useT } from '@/shared/i18n/i18n';
import { useWorkplace } from '@/shared/session/workplace';
import { errorTitle } from '@/shared/ui/states';

interface Props {
  link: Link;
  etag: string;
  driver: Driver;
  onDone: () => void;
  onCancel: () => void;
}

/** Name and settings of a saved source; stored secrets stay unless typed again. A change reconnects it. */
export function EditLink({ link, etag, driver, onDone, onCancel }: Props) {
  const t = useT();
  const { path } = useWorkplace();
  const form = useRef<HTMLFormElement>(null);
  // What is edited is the version the form was opened with; another's save in between is a conflict, not lost.
  const opened = useRef({ etag, config: link.config as FormValue });
  const [name, setName] = useState(link.name);
  const [config, setConfig] = useState<FormValue>(link.config);
  const [judged, setJudged] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const api = error instanceof ApiError ? error : null;
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setJudged(true);
    const wrong = wrongFields(driver.link_schema, config, link.secrets_set);
    if (name.trim() === '' || wrong.length > 0) return focusFirstError(form.current);
    setBusy(true);
    setError(null);
    try {
      await patch<Link>(path(`/links/${encodeURIComponent(link.id)}`), { name: name.trim(), config: patchValue(driver.link_schema, opened.current.config, config) }, opened.current.etag);
      onDone();
    } catch (cause) {
      setError(cause);
      focusFirstError(form.current);
    } finally {
      setBusy(false);
    }
  };
  return (
    <form ref={form} className="kz-form" style={{ padding: '0 16px 16px' }} onSubmit={(event) => void submit(event)} noValidate aria-label={t('connect:configure')}>
      <TextField label={t('connect:sourceName')} name="link.name" value={name} onChange={setName} maxLength={200} required error={judged && name.trim() === '' ? t('common:form.required') : api?.fields.find((field) => field.pointer === '/name')?.text} />
      <SchemaForm schema={driver.link_schema} value={config} onChange={setConfig} errors={errorsUnder(api?.fields ?? [], '/config')} judged={judged} secretsSet={link.secrets_set} />
      {error !== null && (api === null || api.fields.length === 0) && <p role="alert" className="kz-strong">{api?.conflict ? t('common:form.conflict') : errorTitle(error, t)}</p>}
      <p className="kz-small kz-second">{t('connect:reconnects')}</p>
      <div className="kz-row"><Button type="primary" htmlType="submit" loading={busy}>{t('common:action.save')}</Button><Button onClick={onCancel}>{t('common:action.cancel')}</Button></div>
    </form>
  );
}
