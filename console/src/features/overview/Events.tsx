// SPDX-License-Identifier: Apache-2.0
import type { KarezEvent } from '@/shared/api/types';
import { formatShort, parseTime } from '@/shared/format/time';
import { useT } from '@/shared/i18n/i18n';
import { useNow } from '@/shared/live/react';
import { useWorkplace } from '@/shared/session/workplace';
import { ConnectionWord, QualityWord } from '@/shared/quality/cells';
import type { ConnectionState, QualityClass } from '@/shared/api/types';
import { AppLink } from '@/shared/ui/AppLink';

const targets = {
  link: (id: string) => ({ path: 'assets', search: { link: id } }),
  device: (id: string) => ({ path: `assets/dev/${id}`, search: undefined }),
  point: (id: string) => ({ path: `assets/point/${id}`, search: undefined }),
};

/** Newest changes of connection and quality; what still lasts stands out by weight. */
export function Events({ events }: { events: KarezEvent[] }) {
  const t = useT();
  const now = useNow();
  const { zone } = useWorkplace();
  return (
    <section className="kz-card kz-events">
      <header><h2>{t('overview:events')}</h2></header>
      {events.length === 0 && <p className="kz-second" style={{ padding: 12 }}>{t('overview:noEvents')}</p>}
      <ul>
        {events.map((event) => {
          const at = parseTime(event.time);
          const target = targets[event.object.kind](event.object.id);
          return (
            <li key={event.id} data-active={event.active || undefined}>
              <div className="kz-row">
                <AppLink path={target.path} search={target.search} className="kz-cut kz-strong kz-grow">{event.object.name}</AppLink>
                {event.kind === 'connection' ? <ConnectionWord state={event.state as ConnectionState} /> : <QualityWord state={event.state as QualityClass} />}
              </div>
              <div className="kz-row kz-small kz-second">
                <span style={{ flex: 'none' }}>{at === null ? '' : formatShort(at, now, zone)}</span>
                <span className="kz-cut" title={event.reason?.text}>{event.active ? `${t('overview:lasting')} · ` : ''}{event.reason?.text ?? ''}</span>
              </div>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
