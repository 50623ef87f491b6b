// Searching, and standing anywhere in a history, against a gateway in memory that can be told to misbehave.
import { randomUUID } from 'node:crypto';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import {
  axeFindings,
  browserPath,
  byId,
  openPage,
  painted,
  rowWith,
  say,
  signUp,
  startChatWith,
} from './browser.ts';
import type { FakeGateway } from './fake-gateway.ts';
import { onClientScene } from './scene.ts';

describe.skipIf(!browserPath)('Searching in a browser', { timeout: 120_000 }, () => {
  let browser: Browser;
  let gateway: FakeGateway;
  onClientScene('each', (scene) => {
    ({ browser, gateway } = scene);
  });

  const accountOf = (name: string) =>
    [...gateway.chat.accounts.values()].find(({ user }) => user.username === name)!.user;
  const room = () => [...gateway.chat.rooms.values()][0]!;
  const says = (name: string, content: string, createdAt?: string, replyTo?: string) =>
    gateway.chat.send(
      accountOf(name).id,
      { ref: randomUUID(), conversationId: room().conversation.id, content, replyTo: replyTo ?? null },
      createdAt,
    );
  const dayMs = 86_400_000;
  /** Ann in her conversation with Bình, to whom she has said 600 things, one an hour until an hour ago; every hundredth is about the road. */
  const ann = async (options: BrowserContextOptions = {}) => {
    gateway.chat.register('Bình', 'correct horse');
    const opened = await openPage(browser, gateway.url, options);
    await signUp(opened.page, 'ann');
    await startChatWith(opened.page, 'Bình');
    for (let n = 1; n <= 600; n += 1) {
      const text = n % 100 === 50 ? `number ${n} con đường dài` : `number ${n} of many`;
      says('ann', text, new Date(Date.now() - (601 - n) * 3_600_000).toISOString());
    }
    await opened.page.reload();
    await rowWith(opened.page, 'number 600 ').waitFor();
    return opened;
  };
  const seek = async (page: Page, typed: string) => {
    await page.keyboard.press('Control+k');
    await page.keyboard.type(typed);
  };
  /** Reconnecting takes its time, and so does a loaded machine. */
  const patient = { timeout: 15_000 };
  const isInSight = (page: Page, text: string) =>
    expect
      .poll(async () => {
        const [list, row] = [
          await byId(page, 'message-list').boundingBox(),
          await rowWith(page, text).first().boundingBox(),
        ];
        return list !== null && row !== null && row.y >= list.y && row.y + row.height <= list.y + list.height;
      }, patient)
      .toBe(true);

  test('given the keyboard alone, when a word is looked for, then its message is opened and focused, and the results stay', async () => {
    const { page, complaints } = await ann();
    await seek(page, 'duong');
    await byId(page, 'search-hit').nth(5).waitFor();
    expect(await byId(page, 'search-highlight').first().textContent()).toBe('đường');
    expect(await byId(page, 'search-status').textContent()).toBe('6 results');
    for (const key of ['ArrowDown', 'ArrowDown', 'ArrowDown', 'ArrowUp', 'Enter'])
      await page.keyboard.press(key);
    const row = rowWith(page, 'number 450 ');
    await isInSight(page, 'number 450 ');
    await expect.poll(() => row.evaluate((one) => one === document.activeElement), patient).toBe(true);
    expect(await page.evaluate(() => location.hash)).toMatch(/\/m\//);
    await page.keyboard.press('Control+k');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await isInSight(page, 'number 350 ');
    await page.goBack();
    await isInSight(page, 'number 450 ');
    // What was searched for stands in the address: the results are there after a reload, beside the message.
    expect(await page.evaluate(() => location.hash)).toMatch(/\/m\/.*\?q=duong$/);
    await page.reload();
    await byId(page, 'search-hit').nth(5).waitFor();
    await isInSight(page, 'number 450 ');
    await page.keyboard.press('Control+k');
    await page.keyboard.press('Escape');
    await byId(page, 'conversation-row').waitFor();
    await byId(page, 'recent-search').filter({ hasText: 'duong' }).waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await byId(page, 'search-hit').first().waitFor();
    expect(complaints).toEqual([]);
  });

  test('given somebody who stands in the past, when others write and the line breaks, then nothing moves, it is counted, and there is no gap on the way down', async () => {
    const { page } = await ann();
    await seek(page, 'duong');
    await byId(page, 'search-hit').nth(5).click();
    await isInSight(page, 'number 50 ');
    says('Bình', 'first news');
    await expect.poll(() => byId(page, 'to-newest').getAttribute('data-count'), patient).toBe('1');
    gateway.drop(1012);
    says('Bình', 'second news');
    await expect.poll(() => byId(page, 'to-newest').getAttribute('data-count'), patient).toBe('2');
    expect(await rowWith(page, 'first news').count()).toBe(0);
    await isInSight(page, 'number 50 ');
    await byId(page, 'message-list').hover();
    const seen = new Set<number>();
    const look = async () => {
      const isAtEnd = await rowWith(page, 'second news').isVisible();
      // Afterwards: what came into sight together with the end was seen too.
      for (const text of await byId(page, 'message-text').allInnerTexts())
        seen.add(Number(/^number (\d+)/.exec(text)?.[1] ?? 0));
      return isAtEnd;
    };
    await look();
    await expect
      .poll(
        async () => {
          await page.mouse.wheel(0, 400);
          // Two turns of the wheel between two looks would pass over what nobody has looked at.
          await painted(page);
          return look();
        },
        { timeout: 60_000, interval: 10 },
      )
      .toBe(true);
    const missing = Array.from({ length: 550 }, (_, index) => index + 51).filter((n) => !seen.has(n));
    expect(missing).toEqual([]);
    await page.mouse.wheel(0, 2_000);
    await byId(page, 'to-newest').waitFor({ state: 'detached' });
  });

  test('given somebody who stands in the past, when they write or want the newest, then they are at the end', async () => {
    const { page } = await ann();
    await seek(page, 'duong');
    await byId(page, 'search-hit').nth(5).click();
    await isInSight(page, 'number 50 ');
    await byId(page, 'to-newest').click();
    await isInSight(page, 'number 600 ');
    expect(await page.evaluate(() => location.hash)).not.toMatch(/\/m\//);
    await byId(page, 'search-hit').nth(5).click();
    await isInSight(page, 'number 50 ');
    await say(page, 'written from the past');
    await isInSight(page, 'written from the past');
  });

  test('given an answer, a link and a day, when each is followed, then it leads to its message; what is gone says so', async () => {
    const { page } = await ann();
    const early = room().messages[9]!;
    says('Bình', 'as you said', undefined, early.id);
    await rowWith(page, 'as you said').locator('[data-testid="quote"]').click();
    await isInSight(page, 'number 10 ');

    await byId(page, 'conversation-menu').click();
    await page.keyboard.press('Enter');
    const day = new Date(Date.now() - 9 * dayMs);
    const asked = [day.getFullYear(), day.getMonth() + 1, day.getDate()].map((part) =>
      String(part).padStart(2, '0'),
    );
    await byId(page, 'date-input').fill(asked.join('-'));
    await page.keyboard.press('Enter');
    const midnight = new Date(day.getFullYear(), day.getMonth(), day.getDate()).toISOString();
    const first = room().messages.find(({ createdAt }) => createdAt >= midnight)!;
    await isInSight(page, first.content);
    await byId(page, 'date-separator').locator('button').first().click();
    await byId(page, 'date-beginning').click();
    await isInSight(page, 'number 1 ');

    const link = `${gateway.url}/#/c/${room().conversation.id}/m/${room().messages[299]!.id}`;
    await page.goto('about:blank');
    await page.goto(link);
    await isInSight(page, 'number 300 ');
    await page.goto('about:blank');
    await page.goto(link.replace(/[^/]+$/, randomUUID()));
    await byId(page, 'toast').filter({ hasText: 'not there any more' }).waitFor();
    await isInSight(page, 'as you said');
  });

  test('given filters, when they are clicked or typed, then chips and text say the same; without results they can be dropped', async () => {
    const { page } = await ann();
    await byId(page, 'search-in-conversation').click();
    expect(await byId(page, 'conversation-search').inputValue()).toBe('in:Bình ');
    await page.keyboard.type('duong has:link');
    await expect
      .poll(() => byId(page, 'search-chip').allInnerTexts(), patient)
      .toEqual(['In Bình', 'With a link']);
    await byId(page, 'search-chip').nth(1).click();
    expect(await byId(page, 'conversation-search').inputValue()).toBe('in:Bình duong ');
    await expect.poll(() => byId(page, 'search-count').textContent(), patient).toBe('6 results');
    await byId(page, 'add-filter').click();
    await byId(page, 'filter-today').click();
    await byId(page, 'filter-who').selectOption('Bình');
    expect((await byId(page, 'conversation-search').inputValue()).trim()).toBe(
      'in:Bình duong on:today from:Bình',
    );
    await byId(page, 'filter-today').click();
    expect((await byId(page, 'conversation-search').inputValue()).trim()).toBe('in:Bình duong from:Bình');
    await byId(page, 'conversation-search').fill('nothing-of-this-name in:Bình');
    await byId(page, 'search-empty').waitFor();
    await byId(page, 'drop-filter').click();
    await byId(page, 'search-empty').filter({ hasText: 'fewer' }).waitFor();
  });

  test('given a search that is away or behind, when one looks for something, then it says so and everything else works', async () => {
    const { page } = await ann();
    gateway.chat.isSearchAway = true;
    await seek(page, 'duong');
    await byId(page, 'search-failed').filter({ hasText: 'Everything else works' }).waitFor();
    await say(page, 'still talking');
    await rowWith(page, 'still talking').waitFor();
    gateway.chat.isSearchAway = false;
    gateway.chat.indexedThrough = new Date(Date.now() - 3_600_000).toISOString();
    await byId(page, 'search-retry').click();
    await byId(page, 'search-hit').first().waitFor();
    await byId(page, 'search-lag').waitFor();
  });

  test('given more results than a page holds, when one scrolls, then the next pages come, each message once', async () => {
    const { page } = await ann();
    await seek(page, 'many');
    await byId(page, 'search-hit').first().waitFor();
    await byId(page, 'conversation-list').hover();
    await expect
      .poll(
        async () => {
          await page.mouse.wheel(0, 4_000);
          return byId(page, 'search-hit').count();
        },
        { timeout: 30_000 },
      )
      .toBeGreaterThan(90);
    const ids = await byId(page, 'search-hit').evaluateAll((all) =>
      all.map((one) => one.getAttribute('data-message-id')),
    );
    expect(new Set(ids).size).toBe(ids.length);
    expect(await byId(page, 'search-count').textContent()).toBe('594 results');
  });

  const phone = { viewport: { width: 375, height: 740 }, hasTouch: true, isMobile: true };
  test('given a phone, when a result is opened and left, then the results are where they were', async () => {
    const { page } = await ann(phone);
    await byId(page, 'search-in-conversation').click();
    await page.keyboard.type('many');
    await byId(page, 'search-hit').nth(25).waitFor();
    await byId(page, 'search-hit').nth(25).scrollIntoViewIfNeeded();
    const top = await byId(page, 'conversation-list').evaluate((list) => list.scrollTop);
    expect(top).toBeGreaterThan(300);
    await byId(page, 'search-hit').nth(25).click();
    await byId(page, 'message-row').first().waitFor();
    expect(await byId(page, 'conversation-list').isVisible()).toBe(false);
    await byId(page, 'back').click();
    await byId(page, 'search-hit').nth(25).waitFor();
    expect(await byId(page, 'conversation-list').evaluate((list) => list.scrollTop)).toBe(top);
    expect(await byId(page, 'conversation-search').inputValue()).toBe('in:Bình many');
  });

  test.each([
    ['light', 'a desktop', {}],
    ['dark', 'a phone', phone],
  ] as const)(
    'given the %s theme on %s, when axe looks at the search, then it finds nothing',
    async (colorScheme, _, device) => {
      const { page } = await ann({ colorScheme, ...device });
      const check = async (where: string) => {
        expect(await axeFindings(page), where).toEqual([]);
      };
      await byId(page, 'conversation-menu').click();
      await check('menu');
      await byId(page, 'go-to-date').click();
      await check('date');
      await page.keyboard.press('Escape');
      await byId(page, 'search-in-conversation').click();
      await page.keyboard.type('duong');
      await byId(page, 'search-hit').first().waitFor();
      await byId(page, 'add-filter').click();
      await check('results and filters');
      await byId(page, 'search-hit').first().click();
      await isInSight(page, 'number 550 ');
      await check('a hit');
      if (await byId(page, 'back').isVisible()) await byId(page, 'back').click();
      await byId(page, 'conversation-search').fill('');
      await byId(page, 'conversation-search').focus();
      await byId(page, 'recent-search').waitFor();
      await check('recent searches');
    },
  );
});
