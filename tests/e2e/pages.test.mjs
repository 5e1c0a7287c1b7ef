// SPDX-License-Identifier: Apache-2.0
// Every page: no finding of axe in both languages and themes, nothing out of reach on a screen 360 px wide, no complaint
// on the browser's console.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AxeBuilder } from '@axe-core/playwright';
import { api, closePage, openPage, platform, shot, signIn } from './harness.mjs';

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
const NARROW = 360;

const rig = platform('demo', async (made, page) => {
  const path = `/api/v1/t/${made.tenant}`;
  const end = Date.now() + 40_000;
  do {
    made.point = (await api(page, 'GET', `${path}/points?q=Temperature`)).body.items.find((p) => p.origin === 'replayed');
    await new Promise((resolve) => setTimeout(resolve, 250));
  } while (!made.point && Date.now() < end);
  made.link = (await api(page, 'GET', `${path}/links`)).body.items[0];
  made.node = (await api(page, 'GET', `${path}/devices/${made.point.device}`)).body.equipment;
});

/** Name, address below the site, and what to press before looking. */
const pages = [
  ['overview', () => 'overview'],
  ['assets', () => `assets?node=${rig.node}`],
  ['device', () => `assets/dev/${rig.point.device}`],
  ['device-inspector', () => `assets/dev/${rig.point.device}?point=${rig.point.id}`],
  ['device-connection', () => `assets/dev/${rig.point.device}?tab=connection`],
  ['device-edit', () => `assets/dev/${rig.point.device}`, (page) => page.getByTestId('edit-device').click()],
  ['columns', () => `assets/dev/${rig.point.device}`, (page) => page.getByRole('button', { name: /^(Columns|列)$/ }).click()],
  ['point', () => `assets/point/${rig.point.id}`],
  ['connect', () => 'connect'],
  ['connect-inspector', () => `connect?sel=${rig.link.id}`],
  ['wizard', () => 'connect/add'],
  ['wizard-form', () => 'connect/add', (page) => page.getByTestId('protocol-opcua').click()],
  ['trends', () => `trends?points=${rig.point.id}&range=15m`],
  ['admin', () => 'admin'],
  ['tokens', () => 'admin?tab=tokens'],
  ['not-found', () => 'nowhere'],
];

async function visit(page, path, act) {
  await page.goto(`${rig.karez.url}/t/${rig.tenant}/s/all/${path()}`);
  await page.locator('h1, h2').first().waitFor();
  await page.waitForFunction(() => !document.querySelector('[data-state=loading]'));
  await act?.(page);
  await page.waitForTimeout(400); // what comes in late: the picture of the chart, the inspector
}

for (const [language, theme] of [['en', 'light'], ['zh', 'dark']]) {
  test(`axe finds nothing on any page, ${language} ${theme}`, async () => {
    const page = await openPage(rig.browser, rig.karez, { language, theme });
    await signIn(page, rig.karez);
    const found = [];
    for (const [name, path, act] of pages) {
      await visit(page, path, act);
      await shot(page, `page-${name}.${language}.${theme}`);
      const { violations } = await new AxeBuilder({ page }).withTags(TAGS).analyze();
      for (const each of violations) found.push(`${name}: ${each.id}: ${each.nodes.map((node) => `${node.target.join(' ')} ${node.any.map((check) => check.message).join('; ')}`).slice(0, 4).join(' | ')}`);
    }
    assert.deepEqual(found, []);
    await closePage(page);
  });
}

for (const language of ['en', 'zh']) {
  test(`everything is within reach at ${NARROW} px, ${language}`, async () => {
    const page = await openPage(rig.browser, rig.karez, { language, width: NARROW, height: 740 });
    await signIn(page, rig.karez);
    const found = [];
    for (const [name, path, act] of pages) {
      await visit(page, path, act);
      await shot(page, `narrow-${name}.${language}`);
      for (const each of await page.evaluate(outOfReach, NARROW)) found.push(`${name}: ${each}`);
    }
    assert.deepEqual(found, []);
    await closePage(page);
  });
}

/** In the page: what stands past the right edge without a way to scroll there. */
function outOfReach(width) {
  const found = document.documentElement.scrollWidth > width ? [`the page itself is ${document.documentElement.scrollWidth} px wide`] : [];
  const scrolls = (node) => {
    for (let at = node.parentElement; at && at !== document.body; at = at.parentElement) if (['auto', 'scroll'].includes(getComputedStyle(at).overflowX) && at.getBoundingClientRect().left < width) return true;
    return false;
  };
  for (const node of document.querySelectorAll('button, a, input, select, textarea, h1, h2, p, [role=tab]')) {
    const box = node.getBoundingClientRect();
    if (box.width < 2 || box.height < 2 || getComputedStyle(node).visibility === 'hidden') continue;
    if ((box.right > width + 1 || box.left < -1) && !scrolls(node)) found.push(`${node.tagName.toLowerCase()} "${(node.textContent || node.getAttribute('aria-label') || node.getAttribute('name') || '').slice(0, 30)}" ${Math.round(box.left)}–${Math.round(box.right)}`);
  }
  return found.slice(0, 6);
}

test('an old address with an order the API refuses shows the list all the same', async () => {
  const page = await openPage(rig.browser, rig.karez);
  await signIn(page, rig.karez);
  for (const path of ['assets?sort=total_points', `assets/dev/${rig.point.device}?sort=quality`, 'connect?sort=state']) {
    await visit(page, () => path);
    await page.locator('[role=gridcell]').first().waitFor();
    for (const head of await page.locator('[role=columnheader] button').all()) {
      await head.click();
      await page.locator('[role=gridcell]').first().waitFor();
    }
    assert.equal(await page.locator('[data-state=error]').count(), 0, path);
  }
  await closePage(page);
});

test('two people edit one device: both versions side by side, nothing lost', async () => {
  const url = `/api/v1/t/${rig.tenant}/devices/${rig.point.device}`;
  const page = await openPage(rig.browser, rig.karez, { refusals: [{ status: 412, path: url }] });
  await signIn(page, rig.karez);
  await visit(page, () => `assets/dev/${rig.point.device}`, (each) => each.getByTestId('edit-device').click());
  await page.locator('input[name=description]').fill('checked in May');
  await page.locator('input[name=model]').fill('X-200');
  // Somebody else, with the version of now.
  assert.equal(await page.evaluate(async (path) => {
    const { csrf } = await (await fetch('/api/v1/session')).json();
    const etag = (await fetch(path)).headers.get('etag');
    return (await fetch(path, { method: 'PATCH', headers: { 'content-type': 'application/json', 'x-karez-csrf': csrf, 'if-match': etag }, body: JSON.stringify({ description: 'checked in June', manufacturer: 'Hansa' }) })).status;
  }, url), 200);
  await page.locator('.ant-modal button[type=submit]').click();
  await page.getByTestId('conflict').waitFor();
  await shot(page, 'conflict.en');
  assert.deepEqual((await new AxeBuilder({ page }).withTags(TAGS).analyze()).violations.map((each) => each.id), []);
  await page.getByLabel('Description: Theirs').check();
  await page.getByRole('button', { name: 'Save the choice' }).click();
  await page.getByTestId('conflict').waitFor({ state: 'detached' });
  const saved = (await api(page, 'GET', url)).body;
  assert.deepEqual([saved.description, saved.manufacturer, saved.model], ['checked in June', 'Hansa', 'X-200']);
  await closePage(page);
});
