// SPDX-License-Identifier: Apache-2.0
// Starts Karez as a process of its own and drives it with a real browser.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { chromium } from 'playwright-core';

export const PASSWORD = 'a quiet river in spring';
const SHOTS = process.env.KAREZ_SHOTS ?? 'build/screenshots';

/** `mode` is serve or demo. The data folder is new and goes with `stop`. */
export async function startKarez(mode) {
  const program = process.env.KAREZ_BIN;
  if (!program) throw new Error('KAREZ_BIN names the karez program to test');
  const data = mkdtempSync(join(tmpdir(), 'karez-e2e-'));
  const args = [mode, '--data', join(data, 'data'), '--http-port', '0', '--ready-json', '--log-level', 'warning'];
  if (process.env.KAREZ_CONSOLE) args.push('--console', process.env.KAREZ_CONSOLE);
  if (mode === 'demo' && process.env.KAREZ_PLANT_BIN) args.push('--plant', process.env.KAREZ_PLANT_BIN);
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const ready = await new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', (line) => resolve(JSON.parse(line)));
    child.once('exit', (code) => reject(new Error(`karez ended with ${code} before it was ready`)));
  });
  return {
    ...ready,
    pid: child.pid,
    async stop() {
      child.kill('SIGTERM');
      const code = await ended;
      rmSync(data, { recursive: true, force: true });
      return code;
    },
  };
}

export async function openBrowser() {
  return chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
}

/** A page in one language and theme that fails the test on script errors and on requests elsewhere. */
export async function openPage(browser, karez, { language = 'en', theme = 'light', width = 1440, height = 900 } = {}) {
  const context = await browser.newContext({ viewport: { width, height }, locale: language === 'zh' ? 'zh-CN' : 'en-GB', timezoneId: 'Asia/Shanghai' });
  await context.addInitScript(([l, t]) => {
    localStorage.setItem('karez.language', l);
    localStorage.setItem('karez.preferences', JSON.stringify({ theme: t }));
  }, [language, theme]);
  const page = await context.newPage();
  page.faults = [];
  page.on('pageerror', (error) => page.faults.push(`script: ${error.message}`));
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
    if ((await page.locator('input[name=old]').inputValue()) === '') await page.locator('input[name=old]').fill(karez.one_time_password);
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
