// What a browser has kept of the last visit: shown before the network answers and without one, by several tabs as one.
import { randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { axeFindings, browserPath, byId, openPage, rowWith, say, signUp, startChatWith } from './browser.ts';
import type { FakeGateway } from './fake-gateway.ts';
import { onClientScene } from './scene.ts';

describe.skipIf(!browserPath)('A browser that was here before', { timeout: 120_000 }, () => {
  let webDir: string;
  let browser: Browser;
  let gateway: FakeGateway;
  onClientScene('each', (scene) => {
    ({ webDir, browser, gateway } = scene);
  });

  const accountOf = (name: string) =>
    [...gateway.chat.accounts.values()].find(({ user }) => user.username === name)!.user;
  const room = () => [...gateway.chat.rooms.values()][0]!;
  const bobSays = (content: string) =>
    gateway.chat.send(accountOf('bob').id, {
      ref: randomUUID(),
      conversationId: room().conversation.id,
      content,
    });
  /** Ann has an open conversation with Bob, and a few words in it. */
  const ann = async (options: BrowserContextOptions = {}) => {
    gateway.chat.register('bob', 'correct horse');
    const opened = await openPage(browser, gateway.url, options);
    await signUp(opened.page, 'ann');
    await startChatWith(opened.page, 'bob');
    await say(opened.page, 'hello');
    await state(opened.page, 'hello', 'sent');
    bobSays('xin chào');
    await rowWith(opened.page, 'xin chào').waitFor();
    return opened;
  };
  const state = (page: Page, text: string, value: string) =>
    page.locator(`[data-testid="message-row"][data-state="${value}"]`).filter({ hasText: text }).waitFor();
  const contents = () => room().messages.map(({ content }) => content);
  const shown = (page: Page) => byId(page, 'message-text').allInnerTexts();
  /** What the store holds of a message's words: leaving the page writes it. */
  const keptWords = (page: Page) =>
    page.evaluate(async () => {
      const [name] = (await indexedDB.databases())
        .map((one) => one.name ?? '')
        .filter((one) => one.startsWith('chatvui.'));
      if (!name) return null;
      const db = await new Promise<IDBDatabase | null>((resolve) => {
        const opening = indexedDB.open(name);
        // It is gone by now, and not to be made anew by looking.
        opening.onupgradeneeded = () => opening.transaction?.abort();
        opening.onsuccess = () => resolve(opening.result);
        opening.onerror = () => resolve(null);
      });
      if (!db) return null;
      const rows = await new Promise<{ content: string }[]>((resolve) => {
        const asking = db.transaction('messages').objectStore('messages').getAll();
        asking.onsuccess = () => resolve(asking.result);
      });
      db.close();
      return rows.map(({ content }) => content);
    });
  const isKept = (page: Page, content: string) => expect.poll(() => keptWords(page)).toContain(content);

  test('given a server that does not answer, when the page is opened, then list and messages are there, and what is written goes out later', async () => {
    const { page, complaints } = await ann();
    await isKept(page, 'xin chào');
    gateway.setDown(true);
    gateway.drop(1012);
    bobSays('while you were away');
    await page.reload();
    await rowWith(page, 'xin chào').waitFor();
    expect(await byId(page, 'conversation-title').textContent()).toBe('bob');
    expect(await byId(page, 'my-name').textContent()).toBe('ann');
    await byId(page, 'banner').waitFor();
    await say(page, 'written without a server');
    await state(page, 'written without a server', 'sending');

    gateway.requests.length = 0;
    gateway.setDown(false);
    await rowWith(page, 'while you were away').waitFor();
    await state(page, 'written without a server', 'sent');
    await byId(page, 'banner').waitFor({ state: 'detached' });
    expect(await shown(page)).toEqual(contents());
    // The socket brought what was missed: neither list nor messages were fetched again.
    const fetched = gateway.requests.filter((one) => /^GET \/conversations(\/[\w-]+\/messages)?$/.test(one));
    expect(fetched).toEqual([]);
    expect(complaints).toEqual([]);
  });

  const isInstalled = (page: Page) =>
    page.evaluate(
      async () => (await navigator.serviceWorker.getRegistration())?.active?.state === 'activated',
    );
  const caches = (page: Page) =>
    page.evaluate(async () => {
      const names = await globalThis.caches.keys();
      const files = await Promise.all(
        names.map(async (name) =>
          (await (await globalThis.caches.open(name)).keys()).map(({ url }) => new URL(url).pathname),
        ),
      );
      return { names, files: files.flat() };
    });
  const update = (page: Page) =>
    page.evaluate(async () => void (await (await navigator.serviceWorker.getRegistration())?.update()));

  test.each([
    ['a desktop', {}],
    ['a phone', { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }],
  ])(
    'given %s and no server at all, when the page is opened again, then it is there with list, messages, search and what is written',
    async (_, device) => {
      const { page, complaints } = await ann(device);
      await isKept(page, 'xin chào');
      await expect.poll(() => isInstalled(page)).toBe(true);
      await gateway.close();
      await page.goto(gateway.url);
      await byId(page, 'conversation-search').fill('CHAO');
      await byId(page, 'search-here-only').waitFor();
      expect(await byId(page, 'search-highlight').allInnerTexts()).toEqual(['chào']);
      expect(await axeFindings(page)).toEqual([]);
      await byId(page, 'search-hit').click();
      await rowWith(page, 'xin chào').waitFor();
      await say(page, 'for later');
      await state(page, 'for later', 'sending');
      await byId(page, 'banner').waitFor();
      expect(await axeFindings(page)).toEqual([]);
      // The server's own words are nowhere in the shell's cache.
      const { files } = await caches(page);
      expect(files).toContain('/index.html');
      expect(files.filter((file) => /^\/(api|ws)/.test(file))).toEqual([]);
      expect(complaints).toEqual([]);
    },
  );

  test('given a new version, when it is ready, then it is offered, taken when asked for in both tabs, and the oldest is removed', async () => {
    const { page, context, complaints } = await ann();
    await expect.poll(() => isInstalled(page)).toBe(true);
    const second = await openTab(context);
    const file = join(webDir, 'sw.js');
    const original = await readFile(file, 'utf8');
    const version = /version:\s*[`"']([0-9a-f]{16})/.exec(original)?.[1] ?? '';
    const mark = (one: Page) => one.evaluate(() => Object.assign(globalThis, { isOldPage: true }));
    const isOldPage = (one: Page) => one.evaluate(() => 'isOldPage' in globalThis);
    try {
      for (const next of ['1'.repeat(16), '2'.repeat(16)]) {
        await mark(page);
        await mark(second);
        await writeFile(file, original.replaceAll(version, next));
        await update(page);
        await byId(page, 'update-ready').waitFor();
        expect(await axeFindings(page, '[data-testid="update-ready"]')).toEqual([]);
        expect(await isOldPage(page)).toBe(true);
        await byId(page, 'update-reload').click();
        await expect.poll(() => isOldPage(page).catch(() => true)).toBe(false);
        expect(await isOldPage(second)).toBe(true);
        await byId(second, 'update-reload').click();
        await expect.poll(() => isOldPage(second).catch(() => true)).toBe(false);
        await rowWith(page, 'xin chào').waitFor();
      }
      const { names } = await caches(page);
      const versions = names.filter((name) => name !== 'chatvui-push').map((name) => name.slice(-16));
      expect(versions).toEqual(['1'.repeat(16), '2'.repeat(16)]);
    } finally {
      await writeFile(file, original);
    }
    expect(complaints).toEqual([]);
  });

  test('given what is kept, when the session has ended or the person signs out, then nothing of it stays', async () => {
    const { page, context } = await ann();
    await isKept(page, 'xin chào');
    const second = await context.newPage();
    await second.goto(gateway.url);
    await byId(second, 'conversation-row').waitFor();
    await byId(page, 'profile-menu').click();
    await byId(page, 'sign-out').click();
    for (const one of [page, second]) {
      await byId(one, 'signin-form').waitFor();
      await expect.poll(() => keptWords(one)).toBeNull();
    }

    await byId(page, 'username').fill('ann');
    await byId(page, 'password').fill('correct horse');
    await byId(page, 'submit').click();
    await isKept(page, 'xin chào');
    await context.clearCookies();
    await page.reload();
    await byId(page, 'signed-out-note').waitFor();
    await expect.poll(() => keptWords(page)).toBeNull();
  });

  test('given three hundred new messages, when the conversation is opened, then it stands at the first of them, and says how many are below; so it does where it was marked unread', async () => {
    const { page, complaints } = await ann();
    await page.evaluate(() => {
      location.hash = '#/';
    });
    for (let number = 1; number <= 300; number += 1) bobSays(`number ${number}.`);
    await expect
      .poll(async () => Number(await byId(page, 'conversation-row').getAttribute('data-unread')))
      .toBeGreaterThanOrEqual(300);
    await page.reload();
    await byId(page, 'conversation-row').click();
    await rowWith(page, 'number 1.').waitFor();
    await byId(page, 'new-divider').waitFor();
    await expect
      .poll(async () => Number(await byId(page, 'to-newest-count').textContent()))
      .toBeGreaterThan(250);
    await byId(page, 'to-newest').click();
    await rowWith(page, 'number 300.').waitFor();
    await byId(page, 'to-newest').waitFor({ state: 'detached' });
    await page.locator('[data-testid="conversation-row"][data-unread="0"]').waitFor();

    // What is marked unread again may lie further back than what is here: it is opened there.
    const unreadFrom = room().messages.find(({ content }) => content === 'number 5.')!.position;
    const { id } = room().conversation;
    await page.evaluate(() => {
      location.hash = '#/';
    });
    gateway.chat.keep(accountOf('ann').id, 'conversation', id, { unreadFrom }, null);
    await byId(page, 'unread-mark').waitFor();
    await byId(page, 'conversation-row').click();
    await rowWith(page, 'number 5.').waitFor();
    await byId(page, 'new-divider').waitFor();
    expect(complaints).toEqual([]);
  });

  test('given a message of one’s own, when asked who has read it, then names and times are said, and what is not known', async () => {
    const { page } = await ann();
    const ask = async () => {
      await rowWith(page, 'hello').locator('[data-testid="message-actions"]').click();
      await byId(page, 'show-readers').click();
      await byId(page, 'readers-dialog').waitFor();
    };
    await ask();
    expect(await byId(page, 'not-readers').textContent()).toContain('bob');
    // It follows what happens while it is open.
    gateway.chat.read(accountOf('bob').id, room().messages[0]!.id);
    await byId(page, 'read-by-all').waitFor();
    expect(await byId(page, 'readers').textContent()).toContain('bob');
    await byId(page, 'read-at').waitFor();
    expect(await byId(page, 'read-at').getAttribute('datetime')).toBe(room().marks.at(-1)?.at);
    expect(await axeFindings(page)).toEqual([]);
  });

  const openTab = async (context: BrowserContext) => {
    const page = await context.newPage();
    await page.goto(`${gateway.url}/#/c/${room().conversation.id}`);
    await byId(page, 'composer').waitFor();
    return page;
  };

  test('given two tabs, when one writes or reads, then the other shows it at once, nothing comes twice, and one that closes hands over', async () => {
    const { page: first, context, complaints } = await ann();
    const second = await openTab(context);
    await rowWith(second, 'xin chào').waitFor();
    gateway.setDown(true);
    gateway.drop(1012);
    for (const page of [first, second]) await byId(page, 'banner').waitFor();
    await say(second, 'from the second');
    await state(first, 'from the second', 'sending');
    await say(first, 'from the first');
    await state(second, 'from the first', 'sending');
    await first.close();
    gateway.setDown(false);
    await state(second, 'from the first', 'sent');
    expect(contents().slice(2)).toEqual(['from the second', 'from the first']);
    expect(await shown(second)).toEqual(contents());
    // The store is written by the tab that is left.
    await isKept(second, 'from the first');

    const third = await openTab(context);
    await rowWith(third, 'from the first').waitFor();
    await third.evaluate(() => {
      location.hash = '#/';
    });
    await second.evaluate(() => {
      location.hash = '#/';
    });
    bobSays('news');
    for (const page of [second, third]) await byId(page, 'unread-count').waitFor();
    await third.bringToFront();
    await byId(third, 'conversation-row').click();
    await byId(second, 'unread-count').waitFor({ state: 'detached' });
    expect(complaints).toEqual([]);
  });
});
