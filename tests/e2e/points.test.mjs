// SPDX-License-Identifier: Apache-2.0
// An operator writes a set point, an engineer changes, adds and removes points, a user takes another password.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PASSWORD, api, closePage, openPage, platform, shot, signIn } from './harness.mjs';

const rig = platform('demo', async (made, page) => {
  const points = (await api(page, 'GET', `/api/v1/t/${made.tenant}/points?limit=1000`)).body.items;
  made.point = points.find((p) => p.access !== 'read' && p.type === 'double');
});

const base = () => `/api/v1/t/${rig.tenant}/points`;

async function openPoint(language, id, refusals = []) {
  const page = await openPage(rig.browser, rig.karez, { language, refusals });
  await signIn(page, rig.karez);
  await page.goto(`${rig.karez.url}/t/${rig.tenant}/s/all/assets/dev/${rig.point.device}?point=${id}`);
  await page.getByTestId('edit-point').waitFor();
  return page;
}

for (const language of ['en', 'zh']) {
  test(`a value is looked at before it is written, ${language}`, async () => {
    const { point } = rig;
    const page = await openPoint(language, point.id);
    await page.getByTestId('write-value').click();
    await page.locator('[name="write.value"]').fill('much');
    await page.getByTestId('write-review').click();
    await page.locator('[name="write.value"][aria-invalid=true]').waitFor();
    const value = point.limit_low === null || point.limit_high === null ? 42 : (point.limit_low + point.limit_high) / 2;
    await page.locator('[name="write.value"]').fill(String(value));
    await page.getByTestId('write-review').click();
    const asked = await page.getByTestId('write-confirm').innerText();
    for (const said of [point.device_name, point.name]) assert.ok(asked.includes(said), asked);
    await shot(page, `write-confirm.${language}`);
    await page.getByTestId('write-now').click();
    const result = page.getByTestId('write-result');
    await result.waitFor();
    await shot(page, `write-result.${language}`);
    assert.equal(await result.getAttribute('data-result'), 'done');
    await closePage(page);
  });

  test(`a saved point changes, and neither version is lost when somebody else saved, ${language}`, async () => {
    const { point } = rig;
    const page = await openPoint(language, point.id, [{ status: 412, path: `${base()}/${point.id}` }]);
    await page.getByTestId('edit-point').click();
    await page.locator('[name="point.description"]').fill(`Mine ${language}`);
    const etag = await page.evaluate(async (url) => (await fetch(url)).headers.get('etag'), `${base()}/${point.id}`);
    await page.evaluate(async ([url, version, text]) => {
      const { csrf } = await (await fetch('/api/v1/session')).json();
      await fetch(url, { method: 'PATCH', headers: { 'Content-Type': 'application/json', 'X-Karez-CSRF': csrf, 'If-Match': version }, body: JSON.stringify({ description: text }) });
    }, [`${base()}/${point.id}`, etag, `Theirs ${language}`]);
    await page.locator('.kz-point-dialog button[type=submit]').click();
    await page.getByTestId('conflict').waitFor();
    await shot(page, `point-conflict.${language}`);
    await page.locator('[data-testid=conflict] .ant-btn-primary').click();
    await page.locator('.kz-point-dialog').waitFor({ state: 'hidden' });
    assert.equal((await api(page, 'GET', `${base()}/${point.id}`)).body.description, `Mine ${language}`);
    await closePage(page);
  });

  test(`a point is added to a device and removed, ${language}`, async () => {
    const name = `Probe ${language}`;
    const page = await openPoint(language, rig.point.id, [{ status: 404, path: base() }]);
    await page.getByTestId('add-point').click();
    await page.locator('[name="point.name"]').fill(name);
    await page.locator('[name="point.address"]').fill(rig.point.address);
    await page.locator('[name="point.unit"]').fill('Cel');
    await shot(page, `point-add.${language}`);
    await page.locator('.kz-point-dialog button[type=submit]').click();
    await page.locator('.kz-point-dialog').waitFor({ state: 'hidden' });
    const made = (await api(page, 'GET', `${base()}?limit=1000`)).body.items.find((p) => p.name === name);
    assert.deepEqual([made.device, made.type, made.unit], [rig.point.device, 'double', 'Cel']);
    await page.goto(`${rig.karez.url}/t/${rig.tenant}/s/all/assets/dev/${made.device}?point=${made.id}`);
    await page.getByTestId('remove-point').click();
    await page.locator('[name="point.remove"]').fill(name);
    await page.getByTestId('remove-point-now').click();
    await page.locator('[name="point.remove"]').waitFor({ state: 'hidden' });
    assert.equal((await api(page, 'GET', `${base()}/${made.id}`)).status, 404);
    await closePage(page);
  });
}

test('a user takes another password from the user menu', async () => {
  const page = await openPage(rig.browser, rig.karez);
  await signIn(page, rig.karez);
  await page.locator('.kz-avatar').click();
  await page.getByText('Change password').click();
  await page.locator('input[name=old]').fill(PASSWORD);
  for (const field of ['new', 'again']) await page.locator(`input[name=${field}]`).fill(`${PASSWORD}, again`);
  await page.locator('.ant-modal button[type=submit]').click();
  await page.getByTestId('password-changed').waitFor();
  assert.equal((await api(page, 'POST', '/api/v1/session/password', { old: `${PASSWORD}, again`, new: PASSWORD })).status, 200);
  await closePage(page);
});
