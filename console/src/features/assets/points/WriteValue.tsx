// SPDX-License-Identifier: Apache-2.0
import { Button, Modal } from 'antd';
import { useQueryClient } from '@tanstack/react-query';
import { CircleAlert, CircleCheck, PenLine } from 'lucide-react';
import { useState, type FormEvent, type ReactNode } from 'react';
import { post } from '@/shared/api/client';
import type { Device, Point, Scalar, Schema } from '@/shared/api/types';
import { Field } from '@/shared/form/Field';
import { NO_VALUE, unitText, withUnit } from '@/shared/format/number';
import { useT } from '@/shared/i18n/i18n';
import { usePointState } from '@/shared/quality/cells';
import { useFormatValue } from '@/shared/quality/useFormatValue';
import { roleAtLeast } from '@/shared/session/session';
import { useWorkplace } from '@/shared/session/workplace';
import { Facts } from '@/shared/ui/Inspector';
import { ErrorState } from '@/shared/ui/states';
import { valueToWrite } from './write';

type Value = Exclude<Scalar, null>;
type Result = Schema<'PointWriteResult'>;
type Stage = { at: 'typing' } | { at: 'asking' | 'busy'; value: Value } | { at: 'over'; value: Value; result: Result } | { at: 'failed'; error: unknown };

/** Writes to the equipment: a value, then a look at what it does, then what became of it. Nothing for points that cannot be written. */
export function WriteValue({ point, device }: { point: Point; device: Device }) {
  const t = useT();
  const { role } = useWorkplace();
  const [open, setOpen] = useState(false);
  if (point.access === 'read') return null;
  const may = roleAtLeast(role, 'operator');
  return (
    <>
      <Button icon={<PenLine size={14} />} disabled={!may} title={may ? undefined : t('assets:write.needsOperator')} onClick={() => setOpen(true)} data-testid="write-value">{t('assets:write.action')}</Button>
      <Modal open={open} onCancel={() => setOpen(false)} footer={null} width={480} title={t('assets:write.title', { name: point.name })} destroyOnHidden>
        <WriteDialog point={point} device={device} onClose={() => setOpen(false)} />
      </Modal>
    </>
  );
}

function WriteDialog({ point, device, onClose }: { point: Point; device: Device; onClose: () => void }) {
  const t = useT();
  const client = useQueryClient();
  const { path } = useWorkplace();
  const format = useFormatValue();
  const { live, state } = usePointState(point);
  const [stage, setStage] = useState<Stage>({ at: 'typing' });
  const [typed, setTyped] = useState('');
  const words = (value: Scalar | undefined): string => withUnit(format(value, point), point.unit);
  const now = state === 'never' || point.access === 'write' ? NO_VALUE : `${words(live?.value ?? live?.known)}${state === 'good' ? '' : ` · ${t(`common:quality.${state}`)}`}`;
  const write = async (value: Value): Promise<void> => {
    setStage({ at: 'busy', value });
    try {
      const result = await post<Result>(path(`/points/${encodeURIComponent(point.id)}/write`), { value } satisfies Schema<'PointWrite'>);
      setStage({ at: 'over', value, result });
      void client.invalidateQueries({ queryKey: ['value'] });
    } catch (error) {
      setStage({ at: 'failed', error });
    }
  };
  const back = <Button onClick={() => setStage({ at: 'typing' })}>{t('common:action.back')}</Button>;
  const close = <Button onClick={onClose}>{t('common:action.close')}</Button>;
  const names: [string, ReactNode][] = [[t('assets:device'), device.name], [t('assets:write.point'), point.name]];
  if (stage.at === 'typing') return <Typing point={point} typed={typed} onTyped={setTyped} now={now} onGo={(value) => setStage({ at: 'asking', value })} onCancel={onClose} />;
  if (stage.at === 'failed') return <div className="kz-form"><ErrorState error={stage.error} compact /><div className="kz-row">{back}{close}</div></div>;
  if (stage.at === 'over') return <Outcome value={words(stage.value)} result={stage.result} unit={point.unit} names={names} actions={<>{close}<Button onClick={() => { setTyped(''); setStage({ at: 'typing' }); }}>{t('assets:write.another')}</Button></>} />;
  return (
    <div className="kz-form" data-testid="write-confirm">
      <p className="kz-strong">{t('assets:write.ask')}</p>
      <Facts rows={[...names, [t('assets:write.old'), now], [t('assets:write.new'), <strong key="n">{words(stage.value)}</strong>]]} />
      <p className="kz-second">{t('assets:write.effect')}</p>
      <div className="kz-row"><Button type="primary" loading={stage.at === 'busy'} onClick={() => void write(stage.value)} data-testid="write-now">{t('assets:write.now')}</Button>{stage.at === 'asking' && back}</div>
    </div>
  );
}

interface TypingProps {
  point: Point;
  typed: string;
  onTyped: (text: string) => void;
  now: string;
  onGo: (value: Value) => void;
  onCancel: () => void;
}

function Typing({ point, typed, onTyped, now, onGo, onCancel }: TypingProps) {
  const t = useT();
  const [judged, setJudged] = useState(false);
  const found = valueToWrite(typed, point);
  const unit = unitText(point.unit);
  const limit = (value: number | null): string => (value === null ? NO_VALUE : withUnit(String(value), point.unit));
  const numeric = point.type === 'double' || point.type === 'int64';
  const help = !numeric ? undefined : point.limit_low === null && point.limit_high === null ? t('common:limits.none') : t('assets:write.limits', { low: limit(point.limit_low), high: limit(point.limit_high) });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setJudged(true);
    if ('value' in found) onGo(found.value);
  };
  const error = judged && 'problem' in found ? t(`assets:write.problem.${found.problem}`, { low: limit(point.limit_low), high: limit(point.limit_high) }) : undefined;
  return (
    <form className="kz-form" onSubmit={submit} noValidate>
      <Facts rows={[[t('assets:write.old'), now], [t('assets:type'), t(`common:type.${point.type}`)]]} />
      <Field label={t('assets:write.new')} help={help} error={error}>
        {(ids) => point.type === 'bool' ? (
          <select id={ids.id} name="write.value" className="kz-input" value={typed} aria-invalid={ids.invalid} aria-describedby={ids.describedBy} autoFocus onChange={(event) => onTyped(event.target.value)}>
            <option value="" />
            {['true', 'false'].map((key) => <option key={key} value={key}>{t(`common:bool.${key}`)}</option>)}
          </select>
        ) : (
          <span className="kz-with-unit">
            <input id={ids.id} name="write.value" className="kz-input" value={typed} autoFocus autoComplete="off" inputMode={numeric ? 'decimal' : 'text'} maxLength={numeric ? 40 : 65_536} aria-invalid={ids.invalid} aria-describedby={ids.describedBy} onChange={(event) => onTyped(event.target.value)} />
            {unit !== '' && <span className="kz-second">{unit}</span>}
          </span>
        )}
      </Field>
      <div className="kz-row"><Button type="primary" htmlType="submit" data-testid="write-review">{t('assets:write.review')}</Button><Button onClick={onCancel}>{t('common:action.cancel')}</Button></div>
    </form>
  );
}

function Outcome({ value, result, unit, names, actions }: { value: string; result: Result; unit: string | null; names: [string, ReactNode][]; actions: ReactNode }) {
  const t = useT();
  const done = result.result === 'done';
  return (
    <div className="kz-form" data-testid="write-result" data-result={result.result}>
      <p role="status" className="kz-row kz-strong">{done ? <CircleCheck size={16} className="kz-passed" aria-hidden /> : <CircleAlert size={16} aria-hidden />}{t(`assets:write.result.${result.result}`)}</p>
      {result.result !== 'done' && <p>{result.text} {result.result !== 'refused' && t(`assets:write.cure.${result.result}`)}</p>}
      <Facts rows={[...names, [t('assets:write.new'), value], [t('assets:write.readBack'), result.read_back === null || result.read_back === '' ? t('assets:write.notRead') : withUnit(result.read_back, unit)]]} />
      <div className="kz-row">{actions}</div>
    </div>
  );
}
