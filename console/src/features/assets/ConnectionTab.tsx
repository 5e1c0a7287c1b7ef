// SPDX-License-Identifier: Apache-2.0
import { useQuery } from '@tanstack/react-query';
import { get, type Page } from '@/shared/api/client';
import type { Device, KarezEvent } from '@/shared/api/types';
import { formatBytes, formatCount, NO_VALUE } from '@/shared/format/number';
import { formatDateTime, parseTime } from '@/shared/format/time';
import { useSpanText } from '@/shared/format/useSpanText';
import { useT } from '@/shared/i18n/i18n';
import { ConnectionWord } from '@/shared/quality/cells';
import { useWorkplace } from '@/shared/session/workplace';
import { Facts } from '@/shared/ui/Inspector';
import { QueryView } from '@/shared/ui/states';
import { useLink } from './api';

/** Counters of the source and what happened to the connection. */
export function ConnectionTab({ device }: { device: Device }) {
  const t = useT();
  const span = useSpanText();
  const { path, tenant, zone } = useWorkplace();
  const link = useLink(device.link ?? undefined);
  const events = useQuery({
    queryKey: ['events', tenant.id, device.id],
    queryFn: ({ signal }) => get<Page<KarezEvent>>(path('/events'), { object: device.id, limit: 50 }, signal),
    refetchInterval: 10_000,
  });
  const ms = (value: number | null): string => (value === null ? NO_VALUE : span(value));
  return (
    <div className="kz-page-scroll" style={{ paddingTop: 12 }}>
      <section className="kz-card" style={{ maxWidth: 560 }}>
        <header><h2>{t('assets:source')}</h2><span className="kz-second">{device.link_name}</span></header>
        <QueryView query={link}>
          {({ state, stats, reason }) => (
            <div style={{ padding: 12 }}>
              <Facts rows={[
                [t('assets:state'), <ConnectionWord key="s" state={state} />], [t('assets:reason'), reason?.text ?? t('common:none')],
                [t('assets:latency'), ms(stats.rtt_p95_ms)],
                [t('assets:requests'), formatCount(stats.requests)], [t('assets:timeouts'), formatCount(stats.timeouts)], [t('assets:errors'), formatCount(stats.exceptions + stats.framing_errors)],
                [t('assets:reconnects'), formatCount(stats.reconnects)], [t('assets:traffic'), `${formatBytes(stats.bytes_in)} / ${formatBytes(stats.bytes_out)}`],
              ]} />
            </div>
          )}
        </QueryView>
      </section>
      <section className="kz-card" style={{ maxWidth: 860 }}>
        <header><h2>{t('assets:events')}</h2></header>
        <QueryView query={events}>
          {({ items }) => items.length === 0 ? <p style={{ padding: 12 }} className="kz-second">{t('assets:noEvents')}</p> : (
            <ul style={{ padding: '4px 12px' }}>
              {items.map((event) => (
                <li key={event.id} className="kz-row" style={{ minHeight: 28 }}>
                  <span className="kz-second" style={{ width: 150, flex: 'none' }}>{formatDateTime(parseTime(event.time) ?? 0, zone, true)}</span>
                  <span className="kz-strong" style={{ width: 130, flex: 'none' }}>{t(event.kind === 'connection' ? `common:connection.${event.state}` : `common:quality.${event.state}`)}</span>
                  <span className="kz-cut" title={event.reason?.text}>{event.reason?.text}</span>
                </li>
              ))}
            </ul>
          )}
        </QueryView>
      </section>
    </div>
  );
}
