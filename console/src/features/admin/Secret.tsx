// SPDX-License-Identifier: Apache-2.0
import { Button } from 'antd';
import { Check, Copy } from 'lucide-react';
import { useState } from 'react';
import { useT } from '@/shared/i18n/i18n';

/** Something the server tells only once: shown whole, with a button that copies it. */
export function Secret({ label, value, note, onDone }: { label: string; value: string; note: string; onDone: () => void }) {
  const t = useT();
  const [copied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(value);
      setCopied(true);
    } catch {
      // Without the clipboard the text can still be marked and copied by hand.
    }
  };
  return (
    <div className="kz-form">
      <p>{note}</p>
      <div>
        <div className="kz-second" style={{ paddingBottom: 4 }}>{label}</div>
        <div className="kz-secret">
          <code data-testid="secret">{value}</code>
          <Button icon={copied ? <Check size={14} /> : <Copy size={14} />} onClick={() => void copy()}>{t(copied ? 'common:action.copied' : 'common:action.copy')}</Button>
        </div>
      </div>
      <Button type="primary" onClick={onDone}>{t('admin:kept')}</Button>
    </div>
  );
}
