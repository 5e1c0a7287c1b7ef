// SPDX-License-Identifier: Apache-2.0
import { Button } from 'antd';
import { Clock } from 'lucide-react';
import { useT } from '@/shared/i18n/i18n';
import { useFreshness, useLiveClient, useNow } from '@/shared/live/react';
import { useAgeText } from '@/shared/format/useSpanText';

/** Grey dot and age of the newest message; a clock sign when it is old. Never a green dot. */
export function LiveIndicator() {
  const t = useT();
  const span = useAgeText();
  const { age, level } = useFreshness();
  if (age === null) return <span className="kz-live kz-second">{t(level === 'lost' ? 'shell:live.none' : 'shell:live.connecting')}</span>;
  if (level === 'fresh') {
    return <span className="kz-live"><i className="kz-live-dot" aria-hidden /><span>{t('shell:live.live')}</span> <span className="kz-second kz-live-age">{t('shell:live.ago', { span: span(age) })}</span></span>;
  }
  return <span className="kz-live"><Clock size={14} aria-hidden /><strong>{t('shell:live.stale', { span: span(age) })}</strong></span>;
}

/** After 30 s without a message: cause and retry over the whole width. */
export function StaleBar() {
  const t = useT();
  const client = useLiveClient();
  const now = useNow();
  const { level, status } = useFreshness();
  if (level !== 'lost') return null;
  const seconds = status.retryAt === null ? 0 : Math.max(0, Math.ceil((status.retryAt - now) / 1000));
  return (
    <div className="kz-stale-bar" role="status">
      <Clock size={16} aria-hidden />
      <span>{t('shell:live.lost')} {status.state === 'waiting' && t('shell:live.retryIn', { count: seconds })}</span>
      <Button size="small" onClick={() => client.retry()}>{t('common:action.retry')}</Button>
    </div>
  );
}
