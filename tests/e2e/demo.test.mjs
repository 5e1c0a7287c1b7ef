// SPDX-License-Identifier: Apache-2.0
// The demonstration plant: recorded and simulated data over three protocols, seen by a person at a browser.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { api, closePage, openPage, platform, shot, signIn } from './harness.mjs';

const rig = platform('demo');

async function eventually(what, check, timeout = 30_000) {
  const end = Date.now() + timeout;
  for (;;) {
    const value = await check();
    if (value) return value;
    if (Date.now() > end) throw new Error(`not within ${timeout} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

test('a first value is on a chart within a minute of the start', async () => {
  const { browser, karez, started, tenant: t } = rig;
  const page = await openPage(browser, karez, { language: 'en' });
  await signIn(page, karez);
  const points = await eventually('a good machine temperature', async () => {
    const found = (await api(page, 'GET', `/api/v1/t/${t}/points?q=Temperature`)).body.items;
    return found.length > 0 && found;
  });
  const point = points.find((p) => p.origin === 'replayed');
  // The past of the recording is there from the start; what counts is a sample that came since.
  const since = await eventually('a sample newer than the start', async () => {
    const raw = (await api(page, 'GET', `/api/v1/t/${t}/history/${point.id}/raw?from=${new Date(started).toISOString()}&to=${new Date(Date.now() + 60_000).toISOString()}&limit=1000`)).body.items;
    return raw.some((sample) => Date.parse(sample.t) > started && sample.v !== null) && raw;
  }, 60_000 - (Date.now() - started));
  const range = `${new Date(started).toISOString()}/${new Date(started + 120_000).toISOString()}`;
  await page.goto(`${karez.url}/t/${t}/s/all/trends?points=${point.id}&range=${encodeURIComponent(range)}`);
  await page.locator('canvas').first().waitFor();
  await page.getByText(/[1-9][\d,]* samples/).first().waitFor();
  const took = Date.now() - started;
  console.log(`first value on a chart after ${(took / 1000).toFixed(1)} s, ${since.length} samples since the start`);
  assert.ok(took <= 60_000, `${took} ms`);
  await page.goto(`${karez.url}/t/${t}/s/all/trends?points=${point.id}&range=15m`);
  await page.getByText(/[1-9][\d,]* samples/).first().waitFor();
  await shot(page, 'trends-15m.en');
  await closePage(page);
});

test('all three protocols deliver, each with its origin, and the page says what the API says', async () => {
  const { browser, karez, tenant: t } = rig;
  for (const [language, theme] of [['zh', 'light'], ['en', 'light'], ['zh', 'dark'], ['en', 'dark']]) {
    const page = await openPage(browser, karez, { language, theme });
    await signIn(page, karez);
    const overview = await eventually('every source online', async () => {
      const o = (await api(page, 'GET', `/api/v1/t/${t}/overview`)).body;
      return o.sources.length >= 4 && o.sources.every((s) => s.state === 'online') && o;
    });
    assert.deepEqual([...new Set(overview.sources.map((s) => s.protocol))].sort(), ['modbus', 'mqtt', 'opcua']);
    assert.equal(overview.origins.real, 0, 'nothing of a demonstration counts as real');
    assert.ok(overview.origins.replayed > 0 && overview.origins.simulated > 0);
    for (const [name, path] of [['overview', 'overview'], ['assets', 'assets'], ['sources', 'connect'], ['trends-80d', `trends?points=${(await api(page, 'GET', `/api/v1/t/${t}/points?q=Temperature`)).body.items.filter((p) => p.origin === 'replayed').map((p) => p.id).slice(0, 3).join(',')}&range=80d`]]) {
      await page.goto(`${karez.url}/t/${t}/s/all/${path}`);
      await page.getByRole('heading', { level: 1 }).first().waitFor();
      await page.waitForLoadState('networkidle').catch(() => {}); // the live channel never idles
      await page.waitForTimeout(1200); // for the picture only
      await shot(page, `${name}.${language}.${theme}`);
      const text = await page.locator('body').innerText();
      assert.doesNotMatch(text, /\b(NaN|undefined|Infinity)\b|\[object/, `${path} ${language}`);
      if (path === 'overview') for (const source of overview.sources) assert.ok(text.includes(source.name), source.name);
    }
    await closePage(page);
  }
});

test('a point is found by a fragment and its history has the recorded months', async () => {
  const { browser, karez, tenant: t } = rig;
  const page = await openPage(browser, karez, { language: 'zh' });
  await signIn(page, karez);
  const point = (await api(page, 'GET', `/api/v1/t/${t}/points?q=Temperature`)).body.items.find((p) => p.device_name.includes('Machine monitor'));
  const to = new Date().toISOString(), from = new Date(Date.now() - 100 * 86_400_000).toISOString();
  const buckets = (await api(page, 'POST', `/api/v1/t/${t}/history/buckets`, { points: [point.id], from, to, step: '200d', aggregates: ['count', 'min', 'max'] })).body;
  assert.ok(buckets.series[0].count[0] >= 22_695, `${buckets.series[0].count[0]} samples`);
  assert.ok(Math.abs(buckets.series[0].min[0] - 2.0847) < 0.001, 'the lowest value of the recording');
  await page.keyboard.press('Control+k');
  await page.keyboard.type('machine temp');
  await page.getByRole('option').first().waitFor();
  await shot(page, 'search.zh');
  await closePage(page);
});

test('ending the demonstration leaves nothing running', async () => {
  const { karez } = rig;
  const children = execFileSync('pgrep', ['-P', String(karez.pid)], { encoding: 'utf8' }).trim().split('\n');
  assert.equal(children.length, 2, 'the broker and the plant');
  assert.equal(await karez.stop(), 0);
  rig.karez = undefined;
  for (const pid of children) assert.throws(() => process.kill(Number(pid), 0), /ESRCH/, `process ${pid}`);
});
