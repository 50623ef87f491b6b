// The page of statistics, in a real browser: what it says, that it is loaded when it is wanted, and that everybody can use it.
import type { Browser, Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { axeFindings, browserPath, byId, openPage, signUp, startChatWith } from './browser.ts';
import type { FakeGateway } from './fake-gateway.ts';
import { onClientScene } from './scene.ts';

describe.skipIf(!browserPath)('Statistics in a browser', { timeout: 120_000 }, () => {
  let browser: Browser;
  let gateway: FakeGateway;
  onClientScene('all', (scene) => {
    ({ browser, gateway } = scene);
  });

  const picture = async (page: Page, name: string) => {
    const dir = process.env.PICTURES_DIR;
    if (dir) await page.screenshot({ path: `${dir}/${name}.png` });
  };
  const stretch = (page: Page, name: string) =>
    page.locator(`[data-testid="statistics-stretch"][data-stretch="${name}"]`);
  const tile = (page: Page, name: string) =>
    page.locator(`[data-testid="statistics-tile"][data-measure="${name}"]`);

  test('given a conversation, when its statistics are opened, then they say and show how much, when, who and how fast', async () => {
    const { page: other } = await openPage(browser, gateway.url);
    await signUp(other, 'Bình');
    const loaded: string[] = [];
    const { page, complaints } = await openPage(browser, gateway.url, {
      viewport: { width: 1280, height: 900 },
      colorScheme: 'light',
    });
    page.on('request', (request) => loaded.push(request.url()));
    await signUp(page, 'ann');
    await startChatWith(page, 'Bình');
    expect(loaded.some((url) => url.includes('StatisticsPage'))).toBe(false);

    await byId(page, 'conversation-menu').click();
    await byId(page, 'open-statistics').click();
    await byId(page, 'statistics-summary').waitFor();
    expect(loaded.some((url) => url.includes('StatisticsPage'))).toBe(true);
    expect(await byId(page, 'page-title').textContent()).toBe('Statistics: Bình');
    expect(await byId(page, 'statistics-summary').textContent()).toMatch(
      /^\d+ messages; 2 people were active\. Most is written on \w+day from [\d:]+\. Half of all answers come within 4 mins?,/,
    );
    await expect.poll(() => page.locator('.u-over').count()).toBe(1);
    await expect
      .poll(() => byId(page, 'statistics-people').locator('li').allTextContents())
      .toEqual([expect.stringContaining('120'), expect.stringContaining('70')]);

    // A tile chooses what the chart shows; a stretch how much of it.
    await tile(page, 'medianResponseMs').click();
    expect(await byId(page, 'statistics-chart').getAttribute('data-measure')).toBe('medianResponseMs');
    await byId(page, 'statistics-table').locator('summary').click();
    const rows = byId(page, 'statistics-table').locator('tbody tr');
    const month = await rows.count();
    await stretch(page, 'week').click();
    await expect.poll(() => rows.count().then((count) => count > 0 && count < month)).toBe(true);
    await tile(page, 'messages').click();

    // Back to earlier stretches, and never past the present one.
    const when = () => byId(page, 'statistics-when').textContent();
    const present = await when();
    await byId(page, 'statistics-earlier').click();
    await expect.poll(when).not.toBe(present);
    await byId(page, 'statistics-later').click();
    await expect.poll(when).toBe(present);
    expect(await byId(page, 'statistics-later').getAttribute('aria-disabled')).toBe('true');

    for (const theme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme: theme });
      await stretch(page, 'month').click();
      await picture(page, `statistics-desktop-${theme}`);
      expect(await axeFindings(page)).toEqual([]);
    }
    await byId(page, 'statistics-table').locator('summary').click();
    await byId(page, 'statistics-people').scrollIntoViewIfNeeded();
    await picture(page, 'statistics-hours');
    await page.setViewportSize({ width: 390, height: 844 });
    await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
    const wide = await page.evaluate(() => {
      const body = document.querySelector('[data-testid="page"] .body');
      return (body?.scrollWidth ?? 0) - (body?.clientWidth ?? 0);
    });
    expect(wide).toBe(0);
    await picture(page, 'statistics-phone');
    expect(await axeFindings(page)).toEqual([]);
    await byId(page, 'page-back').click();
    await byId(page, 'composer').waitFor();
    expect(complaints).toEqual([]);
  });

  test('given an address that is not for this person, then the page says so', async () => {
    const { page } = await openPage(browser, gateway.url);
    await signUp(page, 'chi');
    await page.goto(`${gateway.url}/#/c/00000000-0000-4000-8000-000000000000/statistics`);
    await byId(page, 'statistics-problem').waitFor();
    expect(await byId(page, 'statistics-problem').textContent()).toContain('not there');
  });
});
