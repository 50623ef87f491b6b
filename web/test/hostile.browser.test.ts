// The client against those who mean harm, in a real browser and under the real server's content security policy: no script
// runs, no request leaves the origin, and nothing is shown as what it is not.
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { groupOf, Person, password } from '../../test/client/person.ts';
import { type Embedded, startEmbedded } from '../../test/harness.ts';
import { browserPath, byId, launch, openPage } from './browser.ts';
import { hostileMessages, hostileNames, hostileTitles } from './hostile-corpus.ts';

/** Tall enough for every message to be drawn at once. */
const viewport = { width: 1200, height: 24_000 };
const elements = [
  'A',
  'BDI',
  'BLOCKQUOTE',
  'BR',
  'BUTTON',
  'CODE',
  'DIV',
  'EM',
  'LI',
  'OL',
  'P',
  'PRE',
  'S',
  'SPAN',
  'STRONG',
  'UL',
  'svg',
  'path',
];

describe.skipIf(!browserPath)('Hostile messages, names and titles', { timeout: 180_000 }, () => {
  let server: Embedded;
  let browser: Browser;
  beforeAll(async () => {
    [server, browser] = await Promise.all([startEmbedded(), launch()]);
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });

  /** Signed in, with everything written down that a page should never do. */
  const watched = async (person: Person, path: string) => {
    const opened = await openPage(browser, 'about:blank', { viewport });
    const { page } = opened;
    const wrongs: string[] = [];
    page.on('dialog', (dialog) => {
      wrongs.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on('popup', (popup) => wrongs.push(`popup: ${popup.url()}`));
    // What the page made itself (the icon with a number) is of its origin.
    const isOwn = (url: string) => url.startsWith(`${server.url}/`) || url.startsWith(`blob:${server.url}/`);
    page.on('request', (request) => {
      if (!isOwn(request.url())) wrongs.push(`request: ${request.url()}`);
    });
    await page.exposeFunction('pwned', () => wrongs.push('a script ran'));
    await page.addInitScript(() => {
      Object.assign(window, { violations: [] });
      document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
        (window as unknown as { violations: string[] }).violations.push(`${violatedDirective} ${blockedURI}`),
      );
    });
    await page.goto(`${server.url}/${path}`);
    await byId(page, 'username').fill(person.user.username);
    await byId(page, 'password').fill(password);
    await byId(page, 'submit').click();
    return { ...opened, wrongs };
  };
  const violations = (page: Page) =>
    page.evaluate(() => (window as unknown as { violations: string[] }).violations);

  test('given every message of the corpus, when it is read, unfolded and hovered, then it is nothing but words', async () => {
    const [mallory, ann] = [
      await Person.register(server.url, 'mallory'),
      await Person.register(server.url, 'ann'),
    ];
    const half = Math.ceil(hostileMessages.length / 2);
    const halves = [hostileMessages.slice(0, half), hostileMessages.slice(half)];
    const { page, wrongs, complaints } = await watched(ann, '');
    for (const messages of halves) {
      const { id } = await groupOf(mallory, [ann], 'Group');
      for (const content of messages) await mallory.api.send(id, content);
      await page.goto(`${server.url}/#/c/${id}`);
      await expect.poll(() => byId(page, 'message-row').count()).toBe(messages.length);
      await checkMessages(page);
    }
    expect([wrongs, complaints, await violations(page)]).toEqual([[], [], []]);
  });

  const checkMessages = async (page: Page) => {
    for (const kind of ['spoiler', 'fold'])
      await byId(page, kind).evaluateAll((all) => {
        for (const one of all) (one as HTMLElement).click();
      });
    await byId(page, 'message-list')
      .locator('a, p, code')
      .evaluateAll((all) => {
        for (const one of all) one.dispatchEvent(new MouseEvent('mouseover', { bubbles: true }));
      });

    const found = await byId(page, 'message-text').evaluateAll((texts) =>
      texts.map((text) => {
        const all = [...text.querySelectorAll('*')];
        return {
          words: text.textContent ?? '',
          elements: all.map(({ nodeName }) => nodeName),
          attributes: all.flatMap((one) => one.getAttributeNames()),
          links: [...text.querySelectorAll('a')].map((a) => ({
            href: a.href,
            rel: a.rel,
            words: a.textContent ?? '',
          })),
        };
      }),
    );
    for (const { words, links, ...one } of found) {
      const about = words.slice(0, 80);
      expect(
        one.elements.filter((name) => !elements.includes(name)),
        about,
      ).toEqual([]);
      expect(
        one.attributes.filter((name) => /^on|^src|^style$|^id$|^name$/.test(name)),
        about,
      ).toEqual([]);
      expect(words, about).not.toMatch(/[\u202d\u202e]/u);
      for (const link of links) {
        const url = new URL(link.href);
        expect(['http:', 'https:', 'mailto:'], about).toContain(url.protocol);
        expect(link.rel, about).toBe('noopener noreferrer');
        expect(link.words, about).toContain(url.protocol === 'mailto:' ? url.pathname : url.host);
        expect(link.words, about).not.toMatch(/[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u);
      }
    }
    // Nobody was named but by those who are nobody here.
    expect(await byId(page, 'mention').count()).toBe(0);
    // No word is wider than its place, and no mark reaches over another message.
    const spread = await byId(page, 'message-list').evaluate((list) => ({
      isWide: list.scrollWidth > list.clientWidth,
      overflow: [...list.querySelectorAll('.bubble')].map((one) => getComputedStyle(one).overflowY),
    }));
    expect(spread.isWide).toBe(false);
    expect(new Set(spread.overflow)).toEqual(new Set(['clip']));
  };

  test('given hostile names and titles, when the lists, members and quotes show them, then each is text on its own line', async () => {
    const ann = await Person.register(server.url, 'annie');
    const people: Person[] = [];
    for (const name of hostileNames) people.push(await Person.register(server.url, name));
    for (const title of hostileTitles) {
      const { id } = await groupOf(ann, people, title);
      await people[0]!.api.send(id, hostileMessages[1]!);
    }
    const { page, wrongs, complaints } = await watched(ann, '');
    await expect.poll(() => byId(page, 'conversation-title').count()).toBe(hostileTitles.length);
    const titles = await byId(page, 'conversation-title').evaluateAll((all) =>
      all.map((one) => ({ text: one.textContent ?? '', children: one.childElementCount })),
    );
    expect(titles.map(({ children }) => children)).toEqual(hostileTitles.map(() => 0));
    const clean = (text: string) =>
      text
        .normalize('NFC')
        .replace(/[\u202a-\u202e\u2066-\u2069]/gu, '')
        .trim();
    expect(titles.map(({ text }) => text.trim()).sort()).toEqual(hostileTitles.map(clean).sort());
    const previews = await byId(page, 'last-message').evaluateAll((all) =>
      all.map((one) => one.childElementCount),
    );
    expect(previews).toEqual(hostileTitles.map(() => 0));
    await byId(page, 'conversation-row').first().click();
    await byId(page, 'members-button').click();
    await expect.poll(() => byId(page, 'member-row').count()).toBe(hostileNames.length + 1);
    for (const { user } of people) {
      const shown = async () => (await byId(page, 'member-row').allInnerTexts()).join('\n');
      await expect.poll(shown).toContain(user.username);
    }
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(
      viewport.width,
    );
    expect([wrongs, complaints, await violations(page)]).toEqual([[], [], []]);
  });
});
