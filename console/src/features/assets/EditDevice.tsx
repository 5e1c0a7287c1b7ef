// SPDX-License-Identifier: Apache-2.0
import { Modal } from 'antd';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo, useState, type ReactNode } from 'react';
import { get, patch, request, type Page } from '@/shared/api/client';
import { pathsOf } from '@/shared/api/equipment';
import type { Device, DeviceClass, Driver, Equipment, FormSchema, Origin } from '@/shared/api/types';
import { EditForm, type EditField } from '@/shared/form/EditForm';
import { Field, TextField } from '@/shared/form/Field';
import type { Draft } from '@/shared/form/merge';
import { patchValue, wrongFields, type FormValue } from '@/shared/form/schema';
import { SchemaForm } from '@/shared/form/SchemaForm';
import { useT } from '@/shared/i18n/i18n';
import { useWorkplace } from '@/shared/session/workplace';

export const classes: DeviceClass[] = ['production_equipment', 'process_unit', 'product_in_use', 'control_system', 'gateway'];
const origins: Origin[] = ['real', 'replayed', 'simulated', 'unknown'];

const draftOf = (device: Device): Draft => ({
  name: device.name, description: device.description, class: device.class, equipment: device.equipment, manufacturer: device.manufacturer, model: device.model,
  origin: device.origin, enabled: device.enabled, config: device.config,
});

/** Dialog that changes a device; the source it hangs on cannot change. */
export function useEditDevice(device: Device, etag: string): { ask: () => void; dialog: ReactNode } {
  const t = useT();
  const client = useQueryClient();
  const [open, setOpen] = useState(false);
  const close = (): void => setOpen(false);
  const done = (): void => {
    close();
    for (const key of ['device', 'devices', 'equipment']) void client.invalidateQueries({ queryKey: [key] });
  };
  const dialog = (
    <Modal open={open} onCancel={close} footer={null} width={620} title={t('assets:edit.device')} destroyOnHidden>
      <DeviceForm device={device} etag={etag} onDone={done} onCancel={close} />
    </Modal>
  );
  return { ask: () => setOpen(true), dialog };
}

function DeviceForm({ device, etag, onDone, onCancel }: { device: Device; etag: string; onDone: () => void; onCancel: () => void }) {
  const t = useT();
  const { path } = useWorkplace();
  const url = path(`/devices/${encodeURIComponent(device.id)}`);
  const schema = useDeviceSchema(device.driver);
  const fields = useDeviceFields(device, schema);
  return (
    <EditForm label={t('assets:edit.device')} fields={fields} value={draftOf(device)} etag={etag} onDone={onDone} onCancel={onCancel}
      reload={async () => {
        const now = await request<Device>(url);
        return { data: draftOf(now.data), etag: now.etag };
      }}
      save={async (change, version, base) => {
        const config = change['config'] === undefined || !schema ? {} : { config: patchValue(schema, base['config'] as FormValue, change['config'] as FormValue) };
        await patch<Device>(url, { ...change, ...config }, version);
      }}
      judge={(draft) => ({
        ...(String(draft['name']).trim() === '' ? { name: t('common:form.required') } : {}),
        ...(schema && wrongFields(schema, draft['config'] as FormValue, device.secrets_set).length > 0 ? { config: t('common:form.required') } : {}),
      })} />
  );
}

/** Form of the device's own settings; undefined for devices without a driver. */
function useDeviceSchema(driver: string | null): FormSchema | undefined {
  const { path, tenant } = useWorkplace();
  const drivers = useQuery({
    queryKey: ['drivers', tenant.id],
    queryFn: async ({ signal }) => (await get<Page<Driver>>(path('/drivers'), { limit: 1000 }, signal)).items,
    enabled: driver !== null,
    staleTime: 300_000,
  });
  return drivers.data?.find((each) => each.id === driver)?.device_schema;
}

function useDeviceFields(device: Device, schema: FormSchema | undefined): EditField[] {
  const t = useT();
  const nodes = useEquipmentChoices();
  return useMemo(() => {
    const text = (key: string, max: number, required = false): EditField => ({
      key, label: t(`assets:${key}`), show: String,
      control: (value, set, error) => <TextField label={t(`assets:${key}`)} name={key} value={String(value)} onChange={set} error={error} maxLength={max} required={required} />,
    });
    const fields: EditField[] = [
      text('name', 200, true), text('description', 2000),
      choice('class', t('assets:class'), classes.map((key) => [key, t(`common:class.${key}`)])),
      choice('equipment', t('assets:edit.place'), withOwn(nodes, device.equipment, device.equipment_name), true),
      text('manufacturer', 200), text('model', 200),
      choice('origin', t('assets:origin'), origins.map((key) => [key, t(`common:origin.${key}`)])),
      choice('enabled', t('assets:edit.enabled'), [['true', t('common:yes')], ['false', t('common:no')]], false, (key) => key === 'true'),
    ];
    if (schema && Object.keys(schema.properties ?? {}).length > 0) {
      fields.push({
        key: 'config', label: t('assets:edit.settings'), show: (value) => JSON.stringify(value),
        control: (value, set, error) => (
          <fieldset className="kz-form-group">
            <legend>{t('assets:edit.settings')}</legend>
            <SchemaForm schema={schema} value={value as FormValue} onChange={set} judged={error !== undefined} secretsSet={device.secrets_set} />
          </fieldset>
        ),
      });
    }
    return fields;
  }, [t, nodes, device, schema]);
}

export type Options = [key: string, label: string][];

/** A select over words; `read` turns the key into the value. */
export function choice(key: string, label: string, options: Options, mayBeEmpty = false, read: (key: string) => unknown = (each) => each): EditField {
  return {
    key, label, show: (value) => options.find(([each]) => each === String(value))?.[1] ?? String(value ?? ''),
    control: (value, set, error) => (
      <Field label={label} error={error}>
        {(ids) => (
          <select id={ids.id} name={key} className="kz-input" value={String(value ?? '')} aria-invalid={ids.invalid} onChange={(event) => set(read(event.target.value))}>
            {mayBeEmpty && (value === null || value === '') && <option value="" />}
            {options.map(([each, text]) => <option key={each} value={each}>{text}</option>)}
          </select>
        )}
      </Field>
    ),
  };
}

/** The node a thing hangs on stays choosable though it is not among the first thousand. */
export function withOwn(nodes: readonly Equipment[], id: string | null, name: string | null): Options {
  const options = [...pathsOf(nodes)].toSorted(([, a], [, b]) => a.localeCompare(b));
  return id === null || nodes.some((node) => node.id === id) ? options : [[id, name ?? id], ...options];
}

export function useEquipmentChoices(): readonly Equipment[] {
  const { path, tenant } = useWorkplace();
  const nodes = useQuery({
    queryKey: ['equipment', tenant.id, 'choices'],
    queryFn: async ({ signal }) => (await get<Page<Equipment>>(path('/equipment'), { q: '*', limit: 1000 }, signal)).items,
    staleTime: 30_000,
  });
  return nodes.data ?? NONE;
}

const NONE: readonly Equipment[] = [];
