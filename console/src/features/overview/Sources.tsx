// SPDX-License-Identifier: Apache-2.0
import type { SourceRow } from '@/shared/api/types';
import { formatCount, formatPercent, NO_VALUE } from '@/shared/format/number';
import { useSpanText } from '@/shared/format/useSpanText';
import { useT } from '@/shared/i18n/i18n';
import { ConnectionWord } from '@/shared/quality/cells';
import { AppLink } from '@/shared/ui/AppLink';

/** Data sources, those in trouble first; at most a hundred, so a plain table does. */
export function Sources({ rows, total }: { rows: SourceRow[]; total: number }) {
  const t = useT();
  const span = useSpanText();
  return (
    <section className="kz-card kz-sources">
      <header><h2 id="kz-sources">{t('overview:sources')}</h2><span className="kz-second">{total > rows.length ? t('overview:sourcesOf', { shown: formatCount(rows.length), total: formatCount(total) }) : formatCount(total)}</span></header>
      <div className="kz-table-box" tabIndex={0} role="region" aria-labelledby="kz-sources">
        <table className="kz-table">
          <thead>
            <tr>
              <th scope="col">{t('overview:source')}</th><th scope="col">{t('overview:state')}</th><th scope="col">{t('overview:protocol')}</th><th scope="col" className="kz-num">{t('overview:devicesCol')}</th>
              <th scope="col" className="kz-num">{t('overview:points')}</th><th scope="col" className="kz-num">{t('overview:good')}</th><th scope="col" className="kz-num">{t('overview:latency')}</th><th scope="col">{t('overview:remark')}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.link}>
                <th scope="row"><AppLink path="assets" search={{ link: row.link }}>{row.name}</AppLink></th>
                <td><ConnectionWord state={row.state} /></td>
                <td className="kz-second">{row.protocol}</td>
                <td className="kz-num">{formatCount(row.devices_online)} / {formatCount(row.devices_total)}</td>
                <td className="kz-num">{formatCount(row.points)}</td>
                <td className="kz-num">{row.good_percent === null ? NO_VALUE : formatPercent(row.good_percent / 100)}</td>
                <td className="kz-num">{row.latency_p95_ms === null ? NO_VALUE : span(row.latency_p95_ms)}</td>
                <td className="kz-second">{row.remark ? <span title={row.remark.cure ?? undefined}>{row.remark.text}</span> : NO_VALUE}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
