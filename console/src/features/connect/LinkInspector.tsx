// SPDX-License-Identifier: Apache-2.0
import { Button } from 'antd';
import { useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { post } from '@/shared/api/client';
import type { Driver, Link } from '@/shared/api/types';
import { formatBytes, formatCount, NO_VALUE } from '@/shared/format/number';
import { formatDateTime, parseTime } from '@/shared/format/time';
import { useSpanText } from '@/shared/format/useSpanText';
import { useT } from '@/shared/i18n/i18n';
import { useGo } from '@/shared/nav/address';
import { ConnectionWord } from '@/shared/quality/cells';
import { roleAtLeast } from '@/shared/session/session';
import { useWorkplace } from '@/shared/session/workplace';
import { AppLink } from '@/shared/ui/AppLink';
import { Facts, Inspector, InspectorSection } from '@/shared/ui/Inspector';
import { errorTitle } from '@/shared/ui/states';
import { addressOf, useLinkAnswer } from './api';
import { EditLink } from './EditLink';
import { useDeleteLink } from './DeleteLink';
import { Since } from './linkColumns';

interface Props {
  link: Link;
  driver: Driver | undefined;
  driverName: string;
  onClose: () => void;
  onChanged: () => void;
}

/** State with reason and cure, what can be done, and all counters of the source. */
export function LinkInspector({ link: row, driver, driverName, onClose, onChanged }: Props) {
  const t = useT();
  const { zone, path } = useWorkplace();
  const answer = useLinkAnswer(row.id);
  const link = answer.data?.data ?? row;
  const [editing, setEditing] = useState(false);
  const time = (text: string | null): string => {
    const at = parseTime(text);
    return at === null ? t('common:none') : formatDateTime(at, zone, true);
  };
  const changed = (): void => { void answer.refetch(); onChanged(); };
  if (editing && driver && answer.data) {
    return (
      <Inspector over={t('connect:configure')} title={link.name} onClose={() => setEditing(false)}>
        <EditLink link={link} etag={answer.data.etag} driver={driver} onCancel={() => setEditing(false)} onDone={() => { setEditing(false); changed(); }} />
      </Inspector>
    );
  }
  return (
    <Inspector over={`${driverName} · ${addressOf(link.config)}`} title={link.name} onClose={onClose}>
      <section>
        <div className="kz-row"><ConnectionWord state={link.state} />{link.since && <span className="kz-second kz-small">{t('connect:sinceTime', { time: time(link.since) })}</span>}</div>
        {link.reason && <p>{link.reason.text}</p>}
        {link.reason?.cure && <p className="kz-strong">{link.reason.cure}</p>}
        <Actions link={link} etag={answer.data?.etag ?? ''} path={path} onChanged={changed} onEdit={driver && (() => setEditing(true))} onGone={() => { onClose(); onChanged(); }} />
      </section>
      <InspectorSection title={t('connect:uses')}>
        <Facts rows={[
          [t('connect:devices'), <AppLink key="d" path="assets" search={{ link: link.id }}>{formatCount(link.device_count)}</AppLink>],
          [t('connect:points'), formatCount(link.point_count)],
        ]} />
      </InspectorSection>
      <Counters link={link} time={time} />
    </Inspector>
  );
}

interface ActionProps {
  link: Link;
  etag: string;
  path: (path: string) => string;
  onChanged: () => void;
  onEdit: (() => void) | undefined;
  onGone: () => void;
}

function Actions({ link, etag, path, onChanged, onEdit, onGone }: ActionProps) {
  const t = useT();
  const go = useGo();
  const client = useQueryClient();
  const { role } = useWorkplace();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const may = roleAtLeast(role, 'engineer');
  const why = may ? undefined : t('connect:needsEngineer');
  const toggle = async (): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      await post<Link>(path(`/links/${encodeURIComponent(link.id)}/${link.enabled ? 'disable' : 'enable'}`));
      await client.invalidateQueries({ queryKey: ['overview'] });
      onChanged();
    } catch (cause) {
      setError(cause);
    } finally {
      setBusy(false);
    }
  };
  const remove = useDeleteLink({ link, etag, onGone, onDisable: () => void toggle() });
  return (
    <>
      <div className="kz-row" style={{ flexWrap: 'wrap' }}>
        <Button type="primary" disabled={!may} title={why} onClick={() => go('connect/add', { link: link.id })}>{t('connect:addHere')}</Button>
        <Button loading={busy} disabled={!may} title={why} onClick={() => void toggle()}>{t(link.enabled ? 'connect:disable' : 'connect:enable')}</Button>
        <Button disabled={!may || !onEdit} title={why} onClick={onEdit}>{t('connect:configure')}</Button>
        <Button disabled={!may} title={why} onClick={remove.ask}>{t('common:action.delete')}</Button>
      </div>
      {error !== null && <p role="alert" className="kz-strong">{errorTitle(error, t)}</p>}
      {remove.dialog}
    </>
  );
}

function Counters({ link, time }: { link: Link; time: (text: string | null) => string }) {
  const t = useT();
  const span = useSpanText();
  const s = link.stats;
  const ms = (value: number | null): string => (value === null ? NO_VALUE : span(value));
  const counts = (keys: readonly (keyof typeof s)[]): [string, ReactNode][] => keys.map((key) => [t(`connect:counter.${key}`), formatCount(Number(s[key]))]);
  return (
    <>
      <InspectorSection title={t('connect:values')}>
        <Facts rows={[[t('connect:lastSample'), <Since key="l" time={s.last_sample_at} />], ...counts(['samples_good', 'samples_bad', 'suppressed', 'lost'])]} />
      </InspectorSection>
      <InspectorSection title={t('connect:traffic')}>
        <Facts rows={[
          [t('connect:rttBoth'), `${ms(s.rtt_p50_ms)} · ${ms(s.rtt_p95_ms)}`], ...counts(['requests', 'responses']),
          [t('connect:bytes'), `${formatBytes(s.bytes_in)} · ${formatBytes(s.bytes_out)}`],
        ]} />
      </InspectorSection>
      <InspectorSection title={t('connect:trouble')}>
        <Facts rows={counts(['timeouts', 'retries', 'exceptions', 'framing_errors', 'resyncs', 'late_dropped', 'reconnects', 'breaker_openings', 'overruns'])} />
        {s.last_error && <p className="kz-small"><span className="kz-second">{time(s.last_error_at)}</span> {s.last_error}</p>}
      </InspectorSection>
      <InspectorSection title={t('connect:writes')}>
        <Facts rows={counts(['writes_done', 'writes_refused', 'writes_failed', 'writes_unknown'])} />
      </InspectorSection>
    </>
  );
}
