// SPDX-License-Identifier: Apache-2.0
import { Button } from 'antd';
import { useRef, useState, type FormEvent, type ReactNode } from 'react';
import type { Answer } from '@/shared/api/client';
import { ApiError } from '@/shared/api/problem';
import { useT } from '@/shared/i18n/i18n';
import { errorTitle } from '@/shared/ui/states';
import { focusFirstError } from './Field';
import { changesOf, differencesOf, merged, type Draft, type Side } from './merge';

export interface EditField {
  key: string;
  label: string;
  /** The value in words, for the comparison with somebody else's. */
  show: (value: unknown) => string;
  control: (value: unknown, set: (value: unknown) => void, error: string | undefined) => ReactNode;
}

interface EditFormProps {
  label: string;
  fields: readonly EditField[];
  value: Draft;
  etag: string;
  /** What is saved now; asked for when somebody else saved in between. */
  reload: () => Promise<Answer<Draft>>;
  /** Sends the changed members; `base` is the version that `etag` names. */
  save: (change: Draft, etag: string, base: Draft) => Promise<void>;
  judge: (draft: Draft) => Record<string, string>;
  onDone: () => void;
  onCancel: () => void;
}

/** Edits a saved object. When somebody else saved in between, both versions stand side by side and nothing is lost. */
export function EditForm({ label, fields, value, etag, reload, save, judge, onDone, onCancel }: EditFormProps) {
  const t = useT();
  const form = useRef<HTMLFormElement>(null);
  // The version the form was opened with; the page's own refreshes must not slip under it.
  const [base, setBase] = useState({ value, etag });
  const [draft, setDraft] = useState(value);
  const [theirs, setTheirs] = useState<Answer<Draft> | null>(null);
  const [judged, setJudged] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const api = error instanceof ApiError ? error : null;
  const wrong = judged ? judge(draft) : {};

  const send = async (next: Draft, from: { value: Draft; etag: string }): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      const change = changesOf(from.value, next);
      if (Object.keys(change).length > 0) await save(change, from.etag, from.value);
      onDone();
    } catch (cause) {
      if (cause instanceof ApiError && cause.conflict) await reload().then(setTheirs, setError);
      else setError(cause);
      focusFirstError(form.current);
    } finally {
      setBusy(false);
    }
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setJudged(true);
    if (Object.keys(judge(draft)).length > 0) focusFirstError(form.current);
    else void send(draft, base);
  };
  const settle = (picks: ReadonlyMap<string, Side>): void => {
    if (!theirs) return;
    const from = { value: theirs.data, etag: theirs.etag };
    const next = merged(draft, theirs.data, picks);
    setBase(from);
    setDraft(next);
    setTheirs(null);
    void send(next, from);
  };

  if (theirs) return <Conflict fields={fields} base={base.value} mine={draft} theirs={theirs.data} onSettle={settle} onCancel={onCancel} />;
  return (
    <form ref={form} className="kz-form" onSubmit={submit} noValidate aria-label={label}>
      {fields.map((field) => (
        <div key={field.key}>{field.control(draft[field.key], (next) => setDraft((old) => ({ ...old, [field.key]: next })), wrong[field.key] ?? api?.fields.find((each) => each.pointer === `/${field.key}`)?.text)}</div>
      ))}
      {error !== null && !api?.fields.some((each) => fields.some((field) => each.pointer === `/${field.key}`)) && <p role="alert" className="kz-strong">{errorTitle(error, t)}</p>}
      <div className="kz-row"><Button type="primary" htmlType="submit" loading={busy}>{t('common:action.save')}</Button><Button onClick={onCancel}>{t('common:action.cancel')}</Button></div>
    </form>
  );
}

interface ConflictProps {
  fields: readonly EditField[];
  base: Draft;
  mine: Draft;
  theirs: Draft;
  onSettle: (picks: ReadonlyMap<string, Side>) => void;
  onCancel: () => void;
}

/** Mine and theirs side by side, one choice for each member that differs. */
export function Conflict({ fields, base, mine, theirs, onSettle, onCancel }: ConflictProps) {
  const t = useT();
  const [picks, setPicks] = useState<ReadonlyMap<string, Side>>(() => differencesOf(base, mine, theirs));
  const rows = fields.filter((field) => picks.has(field.key));
  const all = (side: Side): void => setPicks(new Map(rows.map((field) => [field.key, side])));
  return (
    <div className="kz-form" data-testid="conflict" style={{ maxWidth: 'none' }}>
      <p role="alert" className="kz-strong">{t('common:conflict.title')}</p>
      <p className="kz-second">{t(rows.length > 0 ? 'common:conflict.text' : 'common:conflict.same')}</p>
      {rows.length > 0 && (
        <table className="kz-conflict">
          <thead>
            <tr>
              <th scope="col">{t('common:conflict.field')}</th>
              {(['mine', 'theirs'] as const).map((side) => <th key={side} scope="col"><Button size="small" onClick={() => all(side)}>{t(`common:conflict.${side}`)}</Button></th>)}
            </tr>
          </thead>
          <tbody>
            {rows.map((field) => (
              <tr key={field.key}>
                <th scope="row">{field.label}</th>
                {(['mine', 'theirs'] as const).map((side) => (
                  <td key={side}>
                    <label className="kz-row">
                      <input type="radio" name={`conflict.${field.key}`} checked={picks.get(field.key) === side} onChange={() => setPicks(new Map(picks).set(field.key, side))} aria-label={`${field.label}: ${t(`common:conflict.${side}`)}`} />
                      <span style={{ overflowWrap: 'anywhere' }}>{field.show((side === 'mine' ? mine : theirs)[field.key]) || t('common:none')}</span>
                    </label>
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <div className="kz-row"><Button type="primary" onClick={() => onSettle(picks)}>{t('common:conflict.save')}</Button><Button onClick={onCancel}>{t('common:action.cancel')}</Button></div>
    </div>
  );
}
