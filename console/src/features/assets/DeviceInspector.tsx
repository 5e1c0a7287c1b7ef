// SPDX-License-Identifier: Apache-2.0
import { Button } from 'antd';
import type { Device } from '@/shared/api/types';
import { formatCount } from '@/shared/format/number';
import { formatDateTime, parseTime } from '@/shared/format/time';
import { useT } from '@/shared/i18n/i18n';
import { useGo } from '@/shared/nav/address';
import { ConnectionWord, OriginWord } from '@/shared/quality/cells';
import { useWorkplace } from '@/shared/session/workplace';
import { Facts, Inspector, InspectorSection } from '@/shared/ui/Inspector';

/** Why the device is as it is, since when, and what to do. */
export function DeviceInspector({ device, onClose }: { device: Device; onClose: () => void }) {
  const t = useT();
  const go = useGo();
  const { zone } = useWorkplace();
  const time = (text: string | null): string => {
    const at = parseTime(text);
    return at === null ? t('common:none') : formatDateTime(at, zone, true);
  };
  return (
    <Inspector over={device.equipment_name ?? undefined} title={device.name} onClose={onClose}>
      <section>
        <div className="kz-row"><ConnectionWord state={device.state} /><span className="kz-second kz-small">{t('assets:since', { time: time(device.since) })}</span></div>
        {device.reason && <p>{device.reason.text}</p>}
        {device.reason?.cure && <p className="kz-strong">{device.reason.cure}</p>}
        <Button type="primary" onClick={() => go(`assets/dev/${device.id}`)}>{t('assets:openDevice')}</Button>
      </section>
      <InspectorSection title={t('assets:values')}>
        <Facts rows={[[t('assets:goodPoints'), `${formatCount(device.good_points)} / ${formatCount(device.total_points)}`], [t('assets:lastValue'), time(device.last_value_at)], [t('assets:origin'), <OriginWord key="o" origin={device.origin} />]]} />
      </InspectorSection>
      <InspectorSection title={t('assets:identity')}>
        <Facts rows={[[t('assets:class'), t(`common:class.${device.class}`)], [t('assets:source'), device.link_name ?? t('common:none')], [t('assets:driver'), device.driver ?? t('common:none')], [t('assets:manufacturer'), device.manufacturer || t('common:none')], [t('assets:model'), device.model || t('common:none')]]} />
      </InspectorSection>
    </Inspector>
  );
}
