// SPDX-License-Identifier: Apache-2.0
import { useT } from '@/shared/i18n/i18n';
import { formatCount } from '@/shared/format/number';
import type { RowErrors } from './PointTable';
import type { PointDraft } from './state';

const SHOWN = 100;

/** Wrong fields of the table, one a line; pressing one goes there. */
export function Issues({ points, errors, onGo }: { points: readonly PointDraft[]; errors: RowErrors; onGo: (key: string) => void }) {
  const t = useT();
  if (errors.size === 0) return null;
  const lines = points.flatMap((point, at) => [...(errors.get(point.key) ?? [])].map(([field, text]) => ({ point, at, field, text })));
  return (
    <div className="kz-issues" role="alert">
      <table>
        <thead><tr><th style={{ width: 70 }}>{t('connect:row')}</th><th style={{ width: 120 }}>{t('connect:column')}</th><th style={{ width: 220 }}>{t('connect:value')}</th><th>{t('connect:whatIsWrong')}</th></tr></thead>
        <tbody>
          {lines.slice(0, SHOWN).map(({ point, at, field, text }) => (
            <tr key={`${point.key}-${field}`}>
              <td><button type="button" className="kz-icon-button" onClick={() => onGo(point.key)}>{formatCount(at + 1)}</button></td>
              <td>{t(`connect:col.${field}`)}</td><td><code>{String(point[field]).slice(0, 80)}</code></td><td>{text}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {lines.length > SHOWN && <p className="kz-small kz-second" style={{ padding: '4px 12px' }}>{t('connect:moreIssues', { count: lines.length - SHOWN })}</p>}
    </div>
  );
}
