// The operations page in a real browser: what it says, what can be ordered there and only after a question, and for whom it is.
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { axeFindings, browserPath, byId, openPage } from './browser.ts';
import type { FakeGateway } from './fake-gateway.ts';
import { onClientScene } from './scene.ts';

describe.skipIf(!browserPath)('Operations in a browser', { timeout: 120_000 }, () => {
  let browser: Browser;
  let gateway: FakeGateway;
  onClientScene('each', (scene) => {
    ({ browser, gateway } = scene);
    gateway.chat.register('Bình', 'correct horse');
    gateway.chat.register('ann', 'correct horse').user.isInstanceAdmin = true;
  });

  const signIn = async (name: string, path = '', options: BrowserContextOptions = {}) => {
    const opened = await openPage(browser, `${gateway.url}/${path}`, options);
    await byId(opened.page, 'username').fill(name);
    await byId(opened.page, 'password').fill('correct horse');
    await byId(opened.page, 'submit').click();
    return opened;
  };
  const ann = async (options: BrowserContextOptions = {}) => {
    const opened = await signIn('ann', '#/operations', options);
    await byId(opened.page, 'glance').waitFor();
    return opened;
  };
  const problems = (page: Page, count: number) =>
    byId(page, 'glance')
      .and(page.locator(`[data-problems="${count}"]`))
      .waitFor();
  const focused = (page: Page) =>
    page.evaluate(() => document.activeElement?.getAttribute('data-testid') ?? null);
  const isFocusIn = (page: Page, testid: string) =>
    page.evaluate((id) => document.activeElement?.closest(`[data-testid="${id}"]`) !== null, testid);
  const orders = () => gateway.chat.operations.orders.map(({ kind, offset }) => [kind, offset]);

  test('given an instance admin and no trouble, when the page is opened from the menu, then it says that everything works', async () => {
    gateway.chat.operations.besideSearch = { begun: { applied: 5_999, end: 6_000 }, old: true };
    const { page, complaints } = await signIn('ann');
    await byId(page, 'profile-menu').click();
    await byId(page, 'operations-entry').click();
    await problems(page, 0);
    expect(await byId(page, 'glance').textContent()).toContain('Everything works');
    expect(
      await byId(page, 'projection').evaluateAll((all) =>
        all.map((one) => `${one.getAttribute('data-projection')} ${one.getAttribute('data-state')}`),
      ),
    ).toEqual(gateway.chat.operations.overview().projections.map(({ name }) => `${name} running`));
    expect(await byId(page, 'partition').first().isVisible()).toBe(false);
    // What is made anew beside one is told without a click, and is never whole before it is.
    expect(await byId(page, 'beside').allTextContents()).toEqual([
      'A copy is being made anew beside it: 99%, 5,999 of 6,000 events',
      'What the last rebuild put aside is kept until chatvui replay drop-old search',
    ]);
    expect(await byId(page, 'server').count()).toBe(2);
    expect(await byId(page, 'process').textContent()).toContain('3 open connections');
    await byId(page, 'page-back').click();
    await byId(page, 'page').waitFor({ state: 'detached' });
    expect(complaints).toEqual([]);
  });

  test('given a stopped partition, when its event is looked into and given up, then by keys alone, and only after a yes', async () => {
    gateway.chat.operations.isStopped = true;
    const { page, complaints } = await ann();
    await problems(page, 1);
    const problem = byId(page, 'problem');
    expect(await problem.getAttribute('data-code')).toBe('partition_stopped');
    expect(await problem.textContent()).toContain('One partition of history has stopped');
    expect(await problem.textContent()).toContain('Look into it below.');
    // Trouble is open without a click, and stands first.
    const first = byId(page, 'partition').first();
    expect(await first.isVisible()).toBe(true);
    expect(await first.getAttribute('data-state')).toBe('stopped');

    await byId(page, 'inspect').focus();
    await page.keyboard.press('Enter');
    await byId(page, 'event-json').filter({ hasText: 'said once' }).waitFor();
    expect(await isFocusIn(page, 'event-dialog')).toBe(true);
    await page.keyboard.press('Escape');
    await byId(page, 'event-dialog').waitFor({ state: 'detached' });
    expect(await focused(page)).toBe('inspect');

    for (const refusal of ['Escape', 'order-cancel']) {
      await byId(page, 'skip').focus();
      await page.keyboard.press('Enter');
      await byId(page, 'order-dialog').waitFor();
      expect(await isFocusIn(page, 'order-dialog')).toBe(true);
      if (refusal !== 'Escape') await byId(page, refusal).focus();
      await page.keyboard.press(refusal === 'Escape' ? 'Escape' : 'Enter');
      await byId(page, 'order-dialog').waitFor({ state: 'detached' });
      expect(await focused(page)).toBe('skip');
    }
    expect(orders()).toEqual([]);

    await byId(page, 'skip').click();
    await byId(page, 'order-confirm').click();
    await problems(page, 0);
    expect(orders()).toEqual([['skip', 1_204]]);
    expect(await byId(page, 'dead-letter').getAttribute('data-kind')).toBe('skipped');
    expect(await byId(page, 'order').textContent()).toBe('Give it up: done by ann');
    expect(complaints).toEqual([]);
  });

  test('given dead letters, when they are sorted, looked into and one is written again, then that is asked about and ordered', async () => {
    gateway.chat.operations.addVoidLetter();
    const { page } = await ann();
    const letter = byId(page, 'dead-letter');
    await letter.filter({ hasText: 'its writer was no member' }).waitFor();
    await byId(page, 'letter-kind').and(page.locator('[data-kind="skipped"]')).click();
    await letter.waitFor({ state: 'detached' });
    await byId(page, 'letter-kind').and(page.locator('[data-kind="void"]')).click();
    await letter.locator('[data-testid="inspect"]').click();
    await byId(page, 'event-json').waitFor();
    await page.keyboard.press('Escape');
    await byId(page, 'append').click();
    await byId(page, 'order-dialog').filter({ hasText: 'decided anew' }).waitFor();
    expect(orders()).toEqual([]);
    await byId(page, 'order-confirm').click();
    await byId(page, 'toast').filter({ hasText: 'Ordered' }).waitFor();
    expect(orders()).toEqual([['append', 88]]);
  });

  test('given one admin, when another is added and removed, then the last one always stays', async () => {
    const { page } = await ann();
    const admins = () =>
      byId(page, 'instance-admin')
        .locator('strong')
        .allTextContents()
        .then((all) => all.sort());
    await expect.poll(admins).toEqual(['ann']);
    expect(await byId(page, 'revoke-admin').count()).toBe(0);
    await byId(page, 'grant-admin').click();
    expect(await byId(page, 'grant-picked').isDisabled()).toBe(true);
    await byId(page, 'people-search').fill('Bình');
    await byId(page, 'person-result').and(page.locator('[data-username="Bình"]')).click();
    await byId(page, 'grant-picked').click();
    await expect.poll(admins).toEqual(['Bình', 'ann']);
    expect(await focused(page)).toBe('grant-admin');
    const revoke = byId(page, 'instance-admin')
      .filter({ hasText: 'Bình' })
      .locator('[data-testid="revoke-admin"]');
    await revoke.click();
    expect(await admins()).toEqual(['Bình', 'ann']);
    await revoke.click();
    await expect.poll(admins).toEqual(['ann']);
  });

  test('given somebody else, when they look for it, then there is no entry, its address shows home, and nothing is asked', async () => {
    const { page, complaints } = await openPage(browser, gateway.url);
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    await page.goto(`${gateway.url}/#/operations`);
    await byId(page, 'username').fill('Bình');
    await byId(page, 'password').fill('correct horse');
    await byId(page, 'submit').click();
    await byId(page, 'my-name').waitFor();
    await byId(page, 'profile-menu').click();
    await byId(page, 'sign-out').waitFor();
    expect(await byId(page, 'operations-entry').count()).toBe(0);
    expect(await byId(page, 'page').count()).toBe(0);
    expect(asked.filter((url) => /\/api\/operations|Operations/.test(url))).toEqual([]);
    expect(complaints).toEqual([]);
  });

  test('given trouble, when axe looks at the page and its dialogs in both themes, then it finds nothing, and nothing is too wide', async () => {
    gateway.chat.operations.isStopped = true;
    gateway.chat.operations.addVoidLetter();
    const { page } = await ann({ hasTouch: true });
    await byId(page, 'dead-letter').waitFor();
    const check = async (where: string, within = 'body') => {
      expect(await axeFindings(page, within), where).toEqual([]);
    };
    for (const [colorScheme, width, height] of [
      ['light', 1280, 900],
      ['light', 375, 740],
      ['dark', 375, 740],
      ['dark', 1280, 900],
    ] as const) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height });
      const where = `${colorScheme} ${width}`;
      await check(where);
      const tooWide = await page.evaluate(() => {
        const body = document.querySelector('[data-testid="page"] .body') as HTMLElement;
        return [document.documentElement.scrollWidth - innerWidth, body.scrollWidth - body.clientWidth];
      });
      expect([where, ...tooWide]).toEqual([where, 0, 0]);
      // A dialog is as wide as a phone allows: its colours are all that differ.
      if (width > 375) continue;
      for (const opener of ['skip', 'inspect']) {
        await byId(page, opener).first().click();
        await page.locator('dialog .button, dialog pre').first().waitFor();
        await check(`${where} ${opener}`, 'dialog[open]');
        await page.keyboard.press('Escape');
      }
    }
  });
});
