// SPDX-License-Identifier: Apache-2.0
// Journey 1: the one-time password, an own password, the enterprise, and the empty platform that says what to do.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { PASSWORD, api, closePage, openBrowser, openPage, shot, startKarez } from './harness.mjs';

let browser;
before(async () => { browser = await openBrowser(); });
after(() => browser?.close());

for (const language of ['en', 'zh']) {
  test(`first start to an own enterprise, ${language}`, async () => {
    const karez = await startKarez('serve');
    try {
      const page = await openPage(browser, karez, { language });
      await page.goto(karez.url);
      await page.locator('input[name=user]').fill('admin');
      await page.locator('input[name=password]').fill('not the password');
      await page.locator('button[type=submit]').click();
      await page.getByRole('alert').first().waitFor();
      await shot(page, `login-refused.${language}`);
      await page.locator('input[name=password]').fill(karez.one_time_password);
      await page.locator('button[type=submit]').click();

      await page.locator('input[name=new]').fill(PASSWORD);
      await page.locator('input[name=again]').fill(PASSWORD);
      assert.equal(await page.locator('input[name=old]').count(), 0, 'the one-time password typed a moment ago is not asked for again');
      await shot(page, `login-own-password.${language}`);
      await page.locator('button[type=submit]').click();

      await page.locator('input[name=name]').fill('北麓饮品');
      await page.locator('[name=industry]').fill('C1521');
      await page.locator('[name=region]').fill('650102');
      await page.locator('input[name=site_name]').fill('一厂');
      await shot(page, `login-enterprise.${language}`);
      await page.locator('button[type=submit]').click();

      await page.waitForURL('**/overview*');
      await page.getByRole('heading', { level: 1 }).waitFor();
      await shot(page, `overview-empty.${language}`);

      // The truth is asked of the API, not of the page.
      const session = (await api(page, 'GET', '/api/v1/session')).body;
      assert.equal(session.must_change_password, false);
      assert.equal(session.needs_enterprise, false);
      const tenant = (await api(page, 'GET', `/api/v1/t/${session.tenants[0].id}`)).body;
      assert.equal(tenant.name, '北麓饮品');
      assert.equal(tenant.industry, 'C1521');
      await closePage(page);
    } finally {
      assert.equal(await karez.stop(), 0);
    }
  });
}
