// SPDX-License-Identifier: Apache-2.0
// Starts Karez as a process of its own and drives it with a real browser.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before } from 'node:test';
import { chromium } from 'playwright-core';

export const PASSWORD = 'a quiet river in spring';
const SHOTS = process.env.KAREZ_SHOTS ?? 'build/screenshots';

// Whatever ends this process, the platforms it started end with it.
const running = new Set();
process.on('exit', () => { for (const child of running) child.kill('SIGTERM'); });
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(1));

/** `mode` is serve or demo. The data folder is new and goes with `stop`. */
export async function startKarez(mode) {
  const program = process.env.KAREZ_BIN;
  if (!program) throw new Error('KAREZ_BIN names the karez program to test');
  const data = mkdtempSync(join(tmpdir(), 'karez-e2e-'));
  const args = [mode, '--data', join(data, 'data'), '--http-port', '0', '--ready-json', '--log-level', 'warning'];
  if (process.env.KAREZ_CONSOLE) args.push('--console', process.env.KAREZ_CONSOLE);
  if (mode === 'demo' && process.env.KAREZ_PLANT_BIN) args.push('--plant', process.env.KAREZ_PLANT_BIN);
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  running.add(child);
  const ended = new Promise((resolve) => child.once('exit', (code) => {
    running.delete(child);
    resolve(code);
  }));
  const stop = async () => {
    child.kill('SIGTERM');
    const code = await ended;
    rmSync(data, { recursive: true, force: true });
    return code;
  };
  try {
    const ready = await new Promise((resolve, reject) => {
      createInterface({ input: child.stdout }).once('line', (line) => resolve(JSON.parse(line)));
      child.once('exit', (code) => reject(new Error(`karez ended with ${code} before it was ready`)));
    });
    return { ...ready, pid: child.pid, stop };
  } catch (cause) {
    await stop();
    throw cause;
  }
}

/**
 * A platform and a browser for all tests of a file; `prepare` runs once with a page that is logged in. Both are ended
 * after the tests, and at once when the preparation fails.
 */
export function platform(mode, prepare) {
  const rig = {};
  const end = async () => {
    try {
      await rig.browser?.close();
    } finally {
      await rig.karez?.stop();
      rig.karez = rig.browser = undefined;
    }
  };
  before(async () => {
    try {
      rig.started = Date.now();
      rig.karez = await startKarez(mode);
      rig.browser = await openBrowser();
      const page = await openPage(rig.browser, rig.karez);
      await signIn(page, rig.karez);
      rig.tenant = (await api(page, 'GET', '/api/v1/session')).body.tenants[0].id;
      await prepare?.(rig, page);
      await closePage(page);
    } catch (cause) {
      await end();
      throw cause;
    }
  });
  after(end);
  return rig;
}

/** Closes a page; whatever it complained about on the way fails the test. */
export async function closePage(page) {
  await page.context().close();
  assert.deepEqual(page.faults, []);
}

export async function openBrowser() {
  return chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
}

// The console asks who is logged in before it knows; the browser logs the 401 as an error.
const NOBODY_YET = { status: 401, path: '/api/v1/session' };

/**
 * A page in one language and theme that notes script errors, errors on the console and requests elsewhere; `closePage`
 * fails the test on any. `refusals` are answers of the server that the test provokes: {status, path}.
 */
export async function openPage(browser, karez, { language = 'en', theme = 'light', width = 1440, height = 900, refusals = [] } = {}) {
  const context = await browser.newContext({ viewport: { width, height }, locale: language === 'zh' ? 'zh-CN' : 'en-GB', timezoneId: 'Asia/Shanghai' });
  await context.addInitScript(([l, t]) => {
    localStorage.setItem('karez.language', l);
    localStorage.setItem('karez.preferences', JSON.stringify({ theme: t }));
  }, [language, theme]);
  const page = await context.newPage();
  page.faults = [];
  page.on('pageerror', (error) => page.faults.push(`script: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() !== 'error') return;
    const where = message.location().url;
    const status = Number(/status of (\d+)/.exec(message.text())?.[1]);
    const meant = [NOBODY_YET, ...refusals].some((each) => each.status === status && where !== '' && new URL(where).pathname.startsWith(each.path));
    if (!meant) page.faults.push(`console: ${message.text()} ${where}`);
  });
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (!['data:', 'blob:'].includes(url.protocol) && url.host !== `127.0.0.1:${karez.port}`) page.faults.push(`foreign request: ${request.url()}`);
  });
  page.setDefaultTimeout(15_000);
  return page;
}

/** Logs in; on the first time with the one-time password, which is then changed to PASSWORD. */
export async function signIn(page, karez) {
  await page.goto(karez.url);
  await page.locator('input[name=user]').fill('admin');
  await page.locator('input[name=password]').fill(karez.changed ? PASSWORD : karez.one_time_password);
  await page.locator('button[type=submit]').click();
  if (!karez.changed) {
    await page.locator('input[name=new]').fill(PASSWORD);
    await page.locator('input[name=again]').fill(PASSWORD);
    await page.locator('button[type=submit]').click();
    karez.changed = true;
  }
  await page.waitForURL('**/overview*');
}

export async function shot(page, name) {
  mkdirSync(SHOTS, { recursive: true });
  await page.screenshot({ path: join(SHOTS, `${name}.png`) });
}

/** The API as the page's own session. */
export async function api(page, method, path, body) {
  return page.evaluate(
    async ([m, p, b]) => {
      const session = await (await fetch('/api/v1/session')).json();
      const response = await fetch(p, {
        method: m,
        headers: { 'content-type': 'application/json', 'x-karez-csrf': session.csrf ?? '' },
        body: b === undefined ? undefined : JSON.stringify(b),
      });
      const text = await response.text();
      return { status: response.status, body: text === '' ? null : JSON.parse(text) };
    },
    [method, path, body],
  );
}
