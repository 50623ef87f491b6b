// The built client in real browsers, against a gateway in memory and under the product's content security policy.
import { randomUUID } from 'node:crypto';
import type { Browser, Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { browserPath, byId, openPage, rowWith, say, signUp, startChatWith } from './browser.ts';
import type { FakeGateway } from './fake-gateway.ts';
import { onClientScene } from './scene.ts';

describe.skipIf(!browserPath)('The client in a browser', { timeout: 120_000 }, () => {
  let browser: Browser;
  let gateway: FakeGateway;
  onClientScene('each', (scene) => {
    ({ browser, gateway } = scene);
  });

  /** Ann and Binh, each in a browser of their own, in one conversation that Ann has started. */
  const twoPeople = async () => {
    const binh = await openPage(browser, gateway.url);
    await signUp(binh.page, 'Bình');
    const ann = await openPage(browser, gateway.url);
    await signUp(ann.page, 'ann');
    await startChatWith(ann.page, 'Bình');
    return { ann, binh };
  };
  const openFirst = async (page: Page) => {
    await byId(page, 'conversation-row').first().click();
    await byId(page, 'composer').waitFor();
  };
  const state = (page: Page, text: string, value: string) =>
    page.locator(`[data-testid="message-row"][data-state="${value}"]`).filter({ hasText: text }).waitFor();
  const accountOf = (name: string) =>
    [...gateway.chat.accounts.values()].find(({ user }) => user.username === name)!.user;
  const roomOfAnn = () => [...gateway.chat.rooms.values()][0]!;

  test('given two people, when they chat, then each sees the words, the typing, the reading and who is online', async () => {
    const { ann, binh } = await twoPeople();
    await say(ann.page, 'Xin chào <b>Bình</b>, see https://example.org/.');
    await state(ann.page, 'Xin chào <b>Bình</b>', 'sent');

    await byId(binh.page, 'unread-count').waitFor();
    await binh.page.locator('[data-testid="presence-dot"][data-status="online"]').waitFor();
    await openFirst(binh.page);
    await state(ann.page, 'Xin chào', 'read');
    await byId(binh.page, 'unread-count').waitFor({ state: 'detached' });
    expect(await rowWith(binh.page, 'Xin chào').locator('a').getAttribute('rel')).toBe('noopener noreferrer');

    await byId(binh.page, 'composer').pressSequentially('Chào');
    await expect.poll(() => byId(ann.page, 'typing-line').textContent()).toContain('Bình is typing');
    await byId(binh.page, 'send').click();
    await rowWith(ann.page, 'Chào').last().waitFor();
    expect(await byId(ann.page, 'typing-line').textContent()).toBe('');
    expect(await byId(ann.page, 'announcer').textContent()).toBe('Bình: Chào');
    await binh.context.close();
    await ann.page
      .locator('[data-testid="presence-dot"][data-status="offline"]')
      .waitFor({ state: 'attached' });
    expect([ann.complaints, binh.complaints]).toEqual([[], []]);
  });

  test('given a message, when it is answered, edited, reacted to and deleted, then both see it', async () => {
    const { ann, binh } = await twoPeople();
    await say(ann.page, 'First words');
    await openFirst(binh.page);
    const act = async (page: Page, text: string, ...ids: string[]) => {
      await rowWith(page, text).locator('[data-testid="message-actions"]').click();
      for (const id of ids) await byId(page, id).first().click();
    };
    await rowWith(binh.page, 'First words').waitFor();
    await act(binh.page, 'First words', 'react');
    await ann.page.locator('[data-testid="reaction"][data-emoji="👍"]').waitFor();
    await act(binh.page, 'First words', 'reply');
    await say(binh.page, 'An answer');
    await rowWith(ann.page, 'An answer')
      .locator('[data-testid="quote"]', { hasText: 'First words' })
      .waitFor();
    await act(ann.page, '👍', 'edit-message');
    await say(ann.page, 'Better words');
    await rowWith(binh.page, 'Better words').locator('[data-testid="edited"]').first().waitFor();
    await act(ann.page, '👍', 'delete-message');
    await rowWith(binh.page, 'Message deleted').first().waitFor();
    expect([ann.complaints, binh.complaints]).toEqual([[], []]);
  });

  test('given an input method that composes, when Enter accepts its word, then nothing is sent', async () => {
    const { ann } = await twoPeople();
    await byId(ann.page, 'composer').fill('Việt');
    await byId(ann.page, 'composer').evaluate((area) =>
      area.dispatchEvent(
        new KeyboardEvent('keydown', { key: 'Enter', isComposing: true, bubbles: true, cancelable: true }),
      ),
    );
    await byId(ann.page, 'composer').press('Shift+Enter');
    expect(await byId(ann.page, 'composer').inputValue()).toBe('Việt\n');
    expect(roomOfAnn().messages).toEqual([]);
  });

  test('given a lost server, when people write on both sides and the page is reloaded, then nothing is lost or doubled', async () => {
    const { ann, binh } = await twoPeople();
    await openFirst(binh.page);
    await say(ann.page, 'before');
    await rowWith(binh.page, 'before').waitFor();

    gateway.setDown(true);
    gateway.drop(1012);
    await byId(ann.page, 'banner').waitFor();
    for (const text of ['one', 'two', 'three']) await say(ann.page, text);
    await state(ann.page, 'three', 'sending');
    await say(binh.page, 'from the other side');
    await ann.page.reload();
    gateway.setDown(false);

    for (const { page } of [ann, binh]) {
      await rowWith(page, 'three').waitFor({ timeout: 30_000 });
      await rowWith(page, 'from the other side').waitFor({ timeout: 30_000 });
    }
    const contents = roomOfAnn().messages.map(({ content }) => content);
    expect([...contents].sort()).toEqual(['before', 'from the other side', 'one', 'three', 'two']);
    expect(contents.filter((text) => ['one', 'two', 'three'].includes(text))).toEqual([
      'one',
      'two',
      'three',
    ]);
    for (const { page } of [ann, binh]) {
      await expect.poll(() => shownIds(page)).toEqual(roomOfAnn().messages.map(({ id }) => id));
    }
  });

  test('given a list that cannot be had, when somebody comes, then it is said, and the list is there when it can', async () => {
    await twoPeople();
    // In a browser that has kept nothing.
    const { page } = await openPage(browser, gateway.url);
    await page.route('**/api/conversations?*', (route) => route.fulfill({ status: 503, json: {} }));
    await byId(page, 'username').fill('ann');
    await byId(page, 'password').fill('correct horse');
    await byId(page, 'submit').click();
    await byId(page, 'conversations-failed').filter({ hasText: 'Trying again' }).waitFor();
    await page.unroute('**/api/conversations?*');
    await byId(page, 'conversation-row').waitFor();
    await byId(page, 'conversations-failed').waitFor({ state: 'detached' });
  });

  test('given a session that was ended elsewhere, when the socket is closed, then the person is told and can return', async () => {
    const { ann } = await twoPeople();
    await ann.context.clearCookies();
    gateway.drop(4401);
    await byId(ann.page, 'signed-out-note').waitFor();
    await byId(ann.page, 'username').fill('ann');
    await byId(ann.page, 'password').fill('wrong password');
    await byId(ann.page, 'submit').click();
    await expect.poll(() => byId(ann.page, 'form-error').textContent()).toContain('Wrong name or password');
    await byId(ann.page, 'password').fill('correct horse');
    await byId(ann.page, 'submit').click();
    await byId(ann.page, 'composer').waitFor();
  });

  test('given five thousand messages, when scrolled back, then the place is kept and only a few rows exist', async () => {
    const { ann } = await twoPeople();
    const room = roomOfAnn();
    fill(5_000);
    // Where somebody has read everything they are at the end.
    gateway.chat.read(accountOf('ann').id, room.messages.at(-1)?.id ?? '');
    await ann.page.reload();
    await rowWith(ann.page, 'number 5000 ').waitFor();
    await expect.poll(() => distanceToEnd(ann.page)).toBeLessThan(4);

    await byId(ann.page, 'message-list').hover();
    for (let turn = 0; turn < 14; turn += 1) {
      await ann.page.mouse.wheel(0, -2_500);
      await ann.page.waitForTimeout(60);
      await scrolled(ann.page);
      const before = await middleRow(ann.page);
      // A page may arrive now; whatever does, the row under the eye must not move.
      await ann.page.waitForTimeout(140);
      const after = await topOf(ann.page, before.id);
      expect(Math.abs((after ?? 9_999) - before.top), `turn ${turn}`).toBeLessThan(3);
    }
    expect(Number(await byId(ann.page, 'message-list').getAttribute('data-rows'))).toBeGreaterThan(200);
    expect(await byId(ann.page, 'message-row').count()).toBeLessThan(80);

    const place = await middleRow(ann.page);
    gateway.chat.send(accountOf('Bình').id, {
      ref: randomUUID(),
      conversationId: room.conversation.id,
      content: 'news',
    });
    await expect.poll(() => byId(ann.page, 'to-newest-count').textContent()).toBe('1');
    expect(Math.abs(((await topOf(ann.page, place.id)) ?? 9_999) - place.top)).toBeLessThan(3);
    await byId(ann.page, 'to-newest').click();
    await rowWith(ann.page, 'news').waitFor();
    await expect.poll(() => distanceToEnd(ann.page)).toBeLessThan(4);
    expect(ann.complaints).toEqual([]);
  });

  test('given a group, when an admin changes it, then members come, go and leave', async () => {
    const { ann, binh } = await twoPeople();
    const third = gateway.chat.register('Chi', 'correct horse').user;
    await byId(ann.page, 'new-conversation').click();
    for (const name of ['Bình', 'Chi'])
      await ann.page.locator(`[data-testid="new-conversation-dialog"] [data-username="${name}"]`).click();
    await byId(ann.page, 'group-name').fill('Trip');
    await byId(ann.page, 'start-conversation').click();
    await byId(ann.page, 'members-button').click();
    await expect.poll(() => byId(ann.page, 'member-row').count()).toBe(3);
    await ann.page.locator(`[data-testid="member-row"][data-user-id="${third.id}"] button`).first().click();
    await byId(ann.page, 'remove-member').click();
    await byId(ann.page, 'remove-member').click();
    await expect.poll(() => byId(ann.page, 'member-row').count()).toBe(2);
    const row = byId(binh.page, 'conversation-row').filter({ hasText: 'Trip' });
    await row.click();
    await byId(binh.page, 'members-button').click();
    await byId(binh.page, 'leave').click();
    await byId(binh.page, 'leave').click();
    await row.waitFor({ state: 'detached' });
    await expect.poll(() => byId(ann.page, 'member-row').count()).toBe(1);
  });

  test('given a phone, when a conversation is opened and left, then one pane fills the screen and nothing overflows', async () => {
    const { page } = await openPage(browser, gateway.url, {
      viewport: { width: 390, height: 844 },
      hasTouch: true,
      isMobile: true,
    });
    gateway.chat.register('Bình', 'correct horse');
    await signUp(page, 'ann');
    await startChatWith(page, 'Bình');
    fill(40);
    await rowWith(page, 'number 40 ').waitFor();
    const widths = () =>
      page.evaluate(() =>
        [...document.querySelectorAll('main, .sidebar, header')].map(
          (one) => one.getBoundingClientRect().right,
        ),
      );
    expect(Math.max(...(await widths()))).toBeLessThanOrEqual(390);
    expect(await byId(page, 'conversation-list').isVisible()).toBe(false);
    await byId(page, 'back').click();
    await byId(page, 'conversation-row').waitFor();
    expect(await byId(page, 'composer').isVisible()).toBe(false);
    expect(Math.max(...(await widths()))).toBeLessThanOrEqual(390);
  });

  const fill = (count: number) => {
    const room = roomOfAnn();
    const [ann, binh] = [accountOf('ann').id, accountOf('Bình').id];
    for (let index = 1; index <= count; index += 1) {
      const content = `number ${index} ${'and some words '.repeat(index % 9)}`;
      const createdAt = new Date(Date.now() - (count - index) * 90_000).toISOString();
      gateway.chat.send(
        index % 3 === 0 ? ann : binh,
        { ref: randomUUID(), conversationId: room.conversation.id, content },
        createdAt,
      );
    }
  };
});

const shownIds = (page: Page) =>
  byId(page, 'message-row').evaluateAll((rows) => rows.map((row) => row.getAttribute('data-message-id')));

const distanceToEnd = (page: Page) =>
  byId(page, 'message-list').evaluate((list) => list.scrollHeight - list.scrollTop - list.clientHeight);

/** The wheel has done its work: for some frames nothing has moved. */
const scrolled = (page: Page) =>
  byId(page, 'message-list').evaluate(async (list) => {
    for (let same = 0, last = Number.NaN; same < 4; ) {
      await new Promise(requestAnimationFrame);
      same = list.scrollTop === last ? same + 1 : 0;
      last = list.scrollTop;
    }
  });

/** The row in the middle of the list, and where it is on the screen. */
const middleRow = (page: Page) =>
  byId(page, 'message-list').evaluate((list) => {
    const { top, height } = list.getBoundingClientRect();
    const rows = [...list.querySelectorAll('[data-testid="message-row"]')];
    const row = rows.find((one) => one.getBoundingClientRect().bottom > top + height / 2);
    return { id: row?.getAttribute('data-message-id') ?? '', top: row?.getBoundingClientRect().top ?? 0 };
  });

const topOf = (page: Page, id: string) =>
  page.evaluate(
    (wanted) => document.querySelector(`[data-message-id="${wanted}"]`)?.getBoundingClientRect().top,
    id,
  );
