// SPDX-License-Identifier: Apache-2.0
import { Button, Dropdown, Segmented, type MenuProps } from 'antd';
import { ChartSpline, Columns2, Copy, Crosshair, Download, Layers, Maximize, MoveHorizontal, Rows3, ZoomIn } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { useT } from '@/shared/i18n/i18n';
import type { Compare, PointerMode, TrendAddress } from './model/address';
import type { LaneMode } from './model/lanes';

interface ToolbarProps {
  address: TrendAddress;
  onChange: (change: Record<string, string | undefined>) => void;
  files: { id: string; name: string }[];
  onCsv: (ids: readonly string[]) => void;
  onPng: () => void;
  onFitAll: () => void;
  fitted: boolean;
}

const option = (icon: ReactNode, label: string): ReactNode => <span className="tr-option">{icon}<span>{label}</span></span>;

/** How the plot is drawn, what the pointer does, what it is compared with, and ways out: files and link. */
export function Toolbar({ address, onChange, files, onCsv, onPng, onFitAll, fitted }: ToolbarProps) {
  const t = useT();
  const [copied, setCopied] = useState(false);
  const copy = (): void => {
    void navigator.clipboard?.writeText(window.location.href).then(() => {
      setCopied(true);
      setTimeout(() => setCopied(false), 2000);
    });
  };
  const compares: Exclude<Compare, ''>[] = ['span', '1d', '1w'];
  const compareMenu: MenuProps = {
    selectable: true, selectedKeys: [address.compare || 'none'],
    items: [{ key: 'none', label: t('trends:compare.none') }, ...compares.map((key) => ({ key, label: t(`trends:compare.${key}`) }))],
    onClick: ({ key }) => onChange({ compare: key === 'none' ? undefined : key }),
  };
  const exportMenu: MenuProps = {
    items: [
      { key: 'png', label: t('trends:exportPng') },
      { type: 'divider' },
      ...(files.length > 1 ? [{ key: 'all', label: t('trends:exportAll', { count: files.length }) }] : []),
      ...files.slice(0, 12).map((file) => ({ key: `f:${file.id}`, label: t('trends:exportCsv', { name: file.name }) })),
    ],
    onClick: ({ key }) => {
      if (key === 'png') onPng();
      else onCsv(key === 'all' ? files.map((file) => file.id) : [key.slice(2)]);
    },
  };
  return (
    <>
      <Segmented<LaneMode> value={address.lanes} onChange={(value) => onChange({ lanes: value === 'lanes' ? undefined : value })} aria-label={t('trends:layout')}
        options={[{ value: 'lanes', label: option(<Rows3 size={14} aria-hidden />, t('trends:lanes')) }, { value: 'overlay', label: option(<Layers size={14} aria-hidden />, t('trends:overlay')) }]} />
      <Segmented<PointerMode> value={address.mode} onChange={(value) => onChange({ mode: value === 'pan' ? undefined : value })} aria-label={t('trends:pointer')}
        options={[
          { value: 'pan', label: option(<MoveHorizontal size={14} aria-hidden />, t('trends:pan')) }, { value: 'zoom', label: option(<ZoomIn size={14} aria-hidden />, t('trends:zoom')) },
          { value: 'cursors', label: option(<Crosshair size={14} aria-hidden />, t('trends:cursors')) },
        ]} />
      <Button icon={<Maximize size={14} />} onClick={onFitAll} aria-pressed={fitted} type={fitted ? 'primary' : 'default'} ghost={fitted}>{t('trends:fit')}</Button>
      <Dropdown menu={compareMenu} trigger={['click']}><Button icon={<Columns2 size={14} />}>{t(address.compare === '' ? 'trends:compareWith' : `trends:compare.${address.compare}`)}</Button></Dropdown>
      <Dropdown menu={exportMenu} trigger={['click']} disabled={files.length === 0}><Button icon={<Download size={14} />}>{t('trends:export')}</Button></Dropdown>
      <Button icon={copied ? <ChartSpline size={14} /> : <Copy size={14} />} onClick={copy}>{t(copied ? 'common:action.copied' : 'trends:copyLink')}</Button>
    </>
  );
}
