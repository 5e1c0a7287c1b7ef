// SPDX-License-Identifier: Apache-2.0
// Journey 3: an engineer adds a device over each protocol, tests it before saving, and sees its first value.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { api, closePage, openPage, platform, shot, signIn } from './harness.mjs';

const rig = platform('demo', async (made, page) => {
  // The demonstration plant's own servers are the devices; their ports differ from start to start.
  made.links = (await api(page, 'GET', `/api/v1/t/${made.tenant}/links`)).body.items;
});

const config = (driver, mode) => rig.links.find((l) => l.driver === driver && (mode === undefined || l.config.mode === mode)).config;

async function begin(language, driver, name, fields, selects = {}) {
  const { browser, karez, tenant } = rig;
  const page = await openPage(browser, karez, { language });
  await signIn(page, karez);
  await page.goto(`${karez.url}/t/${tenant}/s/all/connect/add`);
  await page.getByTestId(`protocol-${driver}`).click();
  await page.locator('input[name="device.name"]').fill(name);
  await page.locator('input[name="link.name"]').fill(`${name} link`);
  const place = page.locator('select[name="device.equipment"]');
  if ((await place.inputValue()) === '') await place.selectOption({ index: 2 });
  for (const [field, value] of Object.entries(selects)) await page.locator(`select[name="${field}"]`).selectOption(value);
  for (const [field, value] of Object.entries(fields)) await page.locator(`[name="${field}"]`).fill(String(value));
  await page.getByTestId('run-test').click();
  await page.locator('[data-testid=test-report][data-ok=true]').waitFor({ timeout: 20_000 });
  await shot(page, `add-${driver}-tested.${language}`);
  await page.getByTestId('wizard-next').click();
  return page;
}

/** Through mapping and review to the saved device whose value an independent call of the API sees, too. */
async function finish(page, driver, language, name) {
  await page.getByTestId('wizard-next').click();
  await shot(page, `add-${driver}-mapping.${language}`);
  await page.getByTestId('wizard-next').click();
  await page.getByTestId('wizard-save').waitFor();
  await shot(page, `add-${driver}-review.${language}`);
  await page.getByTestId('wizard-save').click();
  await page.getByTestId('saved').waitFor();
  const end = Date.now() + 20_000;
  for (;;) {
    const device = (await api(page, 'GET', `/api/v1/t/${rig.tenant}/devices?q=${encodeURIComponent(name)}`)).body.items.find((d) => d.name === name);
    if (device?.good_points > 0) break;
    assert.ok(Date.now() < end, `no good value of ${name}: ${JSON.stringify(device)}`);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  await page.getByTestId('saved').filter({ hasText: language === 'zh' ? /前收到首个数值/ : /First value .* ago/ }).waitFor();
  await shot(page, `add-${driver}-saved.${language}`);
  await closePage(page);
}

for (const language of ['en', 'zh']) {
  test(`Modbus, ${language}`, async () => {
    const { host, port } = config('modbus');
    const name = `Press ${language}`;
    const page = await begin(language, 'modbus', name, { host, port });
    await page.getByTestId('add-row').click();
    await page.locator('input[name="points.0.name"]').fill('Temperature');
    await page.locator('input[name="points.0.address"]').fill('hr:40001:f32');
    await page.locator('input[name="points.0.address"]').blur();
    await shot(page, `add-modbus-points.${language}`);
    await finish(page, 'modbus', language, name);
  });

  test(`OPC UA with browse, ${language}`, async () => {
    const name = `Cell ${language}`;
    const page = await begin(language, 'opcua', name, { endpoint: config('opcua').endpoint });
    const folder = page.getByRole('checkbox', { name: /Turbofan|Engine|Filling|Capper|Line|Plant|Factory/i }).first();
    await folder.waitFor({ timeout: 20_000 });
    await folder.click();
    await page.waitForFunction(() => /[1-9]/.test(document.querySelector('[data-testid=basket-count]')?.textContent ?? ''), undefined, { timeout: 20_000 });
    await shot(page, `add-opcua-points.${language}`);
    await finish(page, 'opcua', language, name);
  });

  test(`Sparkplug discovery, ${language}`, async () => {
    const { host, port } = config('mqtt', 'sparkplug');
    const name = `Utility ${language}`;
    const page = await begin(language, 'mqtt', name, { host, port }, { mode: { label: 'Sparkplug B' } });
    const group = page.getByRole('checkbox', { name: /Karez/ }).first();
    await group.waitFor({ timeout: 30_000 });
    await group.click();
    await page.waitForFunction(() => /[1-9]/.test(document.querySelector('[data-testid=basket-count]')?.textContent ?? ''), undefined, { timeout: 40_000 });
    await shot(page, `add-mqtt-points.${language}`);
    await finish(page, 'mqtt', language, name);
  });
}
