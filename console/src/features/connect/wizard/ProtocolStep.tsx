// SPDX-License-Identifier: Apache-2.0
import type { Driver } from '@/shared/api/types';
import { useLanguage, useT } from '@/shared/i18n/i18n';
import { Empty, QueryView } from '@/shared/ui/states';
import { useDrivers } from '../api';

/** One press chooses the protocol and goes on. */
export function ProtocolStep({ value, onChoose }: { value: string | null; onChoose: (driver: Driver) => void }) {
  const t = useT();
  const language = useLanguage();
  const drivers = useDrivers();
  return (
    <div className="kz-page-scroll" style={{ paddingTop: 16 }}>
      <QueryView query={drivers}>
        {(items) => items.length === 0 ? <Empty title={t('connect:noDrivers')} text={t('connect:noDriversText')} /> : (
          <div className="kz-protocols" role="group" aria-label={t('connect:step.protocol')}>
            {items.map((driver) => (
              <button key={driver.id} type="button" className="kz-protocol" aria-pressed={driver.id === value} data-testid={`protocol-${driver.id}`} onClick={() => onChoose(driver)}>
                <strong>{driver.name[language]}</strong>
                <span className="kz-second">{driver.capabilities.filter((c) => c !== 'test').map((c) => t(`connect:can.${c}`)).join(' · ')}</span>
              </button>
            ))}
          </div>
        )}
      </QueryView>
    </div>
  );
}
