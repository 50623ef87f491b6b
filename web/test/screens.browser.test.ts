// Every screen of the client, one after the other: axe finds nothing in the light theme at a desk and in the dark one on a
// phone; and on a phone with letters twice as large nothing is wider than the screen.
import { randomUUID } from 'node:crypto';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { hrefOf, type Place, settingsSections } from '../src/lib/place.ts';
import { axeFindings, browserPath, byId, openPage, rowWith } from './browser.ts';
import type { FakeGateway } from './fake-gateway.ts';
import { onClientScene } from './scene.ts';

const messages = 40;

describe.skipIf(!browserPath)('Every screen', { timeout: 240_000 }, () => {
  let browser: Browser;
  let gateway: FakeGateway;
  onClientScene('all', (scene) => {
    ({ browser, gateway } = scene);
  });

  /** Everybody and everything that there is to be seen, anew for each device. */
  const lived = (me: string) => {
    const { chat } = gateway;
    const [ann, binh, chi] = [me, `Bình ${me}`, `Nguyễn Thị Thanh Hương ${me}`].map(
      (name) => chat.register(name, 'correct horse').user,
    );
    if (!ann || !binh || !chi) throw new Error('three people are needed');
    ann.isInstanceAdmin = true;
    const direct = chat.create(ann.id, { isGroup: false, memberIds: [binh.id] });
    const group = chat.create(ann.id, {
      isGroup: true,
      name: 'Chuyến đi cuối tuần',
      memberIds: [binh.id, chi.id],
    });
    for (let n = 1; n <= messages; n += 1) {
      const content =
        n % 9 === 0
          ? '> a quote\n\n`code` **bold** https://example.org/a/long/address/indeed'
          : `number ${n} ${'and some words '.repeat(n % 7)}`;
      for (const { conversation } of [direct, group])
        chat.send(n % 3 ? binh.id : ann.id, { ref: randomUUID(), conversationId: conversation.id, content });
    }
    for (const { messages: said } of [direct, group]) chat.read(ann.id, said.at(-1)!.id);
    const first = group.messages.at(-1)!;
    chat.change(first.id, first.senderId, true, () => ({ pinnedAt: new Date().toISOString() }));
    return { group: group.conversation.id, direct: direct.conversation.id };
  };

  /** As where only letters are made larger: every size that a style names, doubled. */
  const withLargeText = (page: Page) =>
    page.evaluate(() => {
      const kept = globalThis as { doubled?: WeakSet<CSSStyleSheet> };
      const seen = kept.doubled ?? new WeakSet<CSSStyleSheet>();
      kept.doubled = seen;
      const double = (rules: CSSRuleList) => {
        for (const rule of rules) {
          if ('cssRules' in rule) double((rule as CSSGroupingRule).cssRules);
          const { style } = rule as CSSStyleRule;
          if (style?.fontSize.endsWith('px')) style.fontSize = `${Number.parseFloat(style.fontSize) * 2}px`;
        }
      };
      // A shorthand with a variable in it names no size.
      document.body.style.fontSize = '30px';
      for (const sheet of document.styleSheets) {
        if (!seen.has(sheet)) double(sheet.cssRules);
        seen.add(sheet);
      }
    });
  /** What reaches out of the screen to either side, where nothing is made to be scrolled sideways. */
  const tooWide = (page: Page): Promise<string[]> =>
    page.evaluate(() => {
      const isScrolledSideways = (one: Element): boolean =>
        one.parentElement !== null &&
        (/auto|scroll/.test(getComputedStyle(one.parentElement).overflowX) &&
        one.parentElement.scrollWidth > one.parentElement.clientWidth + 1
          ? getComputedStyle(one.parentElement).overflowY === 'hidden' ||
            one.parentElement.matches('pre, nav, [role="group"]')
          : isScrolledSideways(one.parentElement));
      const out = [...document.querySelectorAll('button, a, input, textarea, select, h2, p')].filter(
        (one) => {
          const { left, right, width, height } = one.getBoundingClientRect();
          return (
            one.checkVisibility() &&
            width > 1 &&
            height > 1 &&
            (right > innerWidth + 1 || left < -1) &&
            !isScrolledSideways(one)
          );
        },
      );
      const wide = document.documentElement.scrollWidth > innerWidth ? ['the page'] : [];
      return [...wide, ...out.map((one) => one.outerHTML.slice(0, 160))];
    });

  const phone = { viewport: { width: 375, height: 740 }, hasTouch: true, isMobile: true };
  test.each([
    ['the light theme at a desk', { viewport: { width: 1280, height: 800 } }, false],
    ['the dark theme on a phone', { ...phone, colorScheme: 'dark' }, false],
    ['a phone with large letters, in Vietnamese', { ...phone, locale: 'vi-VN' }, true],
  ] as const)(
    'given %s, when every screen is looked at, then axe finds nothing and nothing is too wide',
    async (_, device, isLarge) => {
      const me = `ann${randomUUID().slice(0, 4)}`;
      const { page, context, complaints } = await openPage(browser, gateway.url, {
        reducedMotion: 'reduce',
        ...(device as BrowserContextOptions),
      });
      page.setDefaultTimeout(10_000);
      const faults: Record<string, unknown> = {};
      const check = async (where: string) => {
        if (isLarge) await withLargeText(page);
        else {
          const findings = await axeFindings(page);
          if (findings.length > 0) faults[`${where}, for axe`] = findings;
        }
        const wide = await tooWide(page);
        if (wide.length > 0) faults[where] = wide;
        const dir = process.env.PICTURES_DIR;
        if (dir)
          await page.screenshot({
            path: `${dir}/${isLarge ? 'large' : page.viewportSize()?.width}-${where}.png`,
          });
      };
      const goTo = async (place: Place) => {
        await page.evaluate((hash) => {
          location.hash = hash;
        }, hrefOf(place));
      };
      const closed = async (id: string) => {
        await page.keyboard.press('Escape');
        await byId(page, id).first().waitFor({ state: 'detached' });
      };
      await byId(page, 'signin-form').waitFor();
      await check('sign in');
      await byId(page, 'to-register').click();
      await check('sign up');
      await byId(page, 'username').fill(`new ${me}`);
      await byId(page, 'password').fill('correct horse');
      await byId(page, 'submit').click();
      await byId(page, 'first-steps').waitFor();
      await check('first run');
      await byId(page, 'profile-menu').click();
      await byId(page, 'sign-out').click();
      const { group, direct } = lived(me);
      await byId(page, 'username').fill(me);
      await byId(page, 'password').fill('correct horse');
      await byId(page, 'submit').click();
      await byId(page, 'conversation-row').nth(1).waitFor();
      await check('list');
      await byId(page, 'profile-menu').click();
      await check('profile menu');
      await byId(page, 'profile-menu').click();
      await byId(page, 'conversation-search').fill('number');
      await byId(page, 'search-hit').first().waitFor();
      await check('search');
      await byId(page, 'conversation-search').fill('');
      await byId(page, 'new-conversation').click();
      await byId(page, 'person-result').nth(1).waitFor();
      for (const at of [0, 1]) await byId(page, 'person-result').nth(at).click();
      await check('new group');
      await closed('new-conversation-dialog');
      await page.keyboard.press('Control+j');
      await byId(page, 'switcher-choice').first().waitFor();
      await check('switcher');
      await closed('switcher');

      await goTo({ kind: 'conversation', conversationId: group, messageId: null });
      await rowWith(page, `number ${messages} `).waitFor();
      await check('conversation');
      await byId(page, 'message-actions').last().click();
      await byId(page, 'react').first().waitFor();
      await check('actions');
      await byId(page, 'react').first().click();
      await byId(page, 'reaction').first().waitFor();
      await byId(page, 'message-actions').last().click();
      await byId(page, 'reply').click();
      await byId(page, 'composer-mode').waitFor();
      await check('reply');
      await byId(page, 'composer').press('Escape');
      await byId(page, 'emoji-button').click();
      await byId(page, 'emoji').first().waitFor();
      await check('emoji picker');
      await closed('emoji-picker');
      await byId(page, 'message-actions').last().click();
      await byId(page, 'forward').click();
      await byId(page, 'forward-search').waitFor();
      await check('forward');
      await page.keyboard.press('Escape');
      await byId(page, 'forward-search').waitFor({ state: 'detached' });
      await byId(page, 'conversation-menu').click();
      await byId(page, 'menu').waitFor();
      await check('conversation menu');
      await byId(page, 'go-to-date').click();
      await byId(page, 'date-input').waitFor();
      await check('date');
      await page.keyboard.press('Escape');
      await byId(page, 'members-button').click();
      await byId(page, 'member-row').nth(2).waitFor();
      await check('members');
      await page.locator('button[data-testid="add-people"]').click();
      await check('adding people');

      await goTo({ kind: 'conversation', conversationId: direct, messageId: null });
      await byId(page, 'message-row').first().waitFor();
      await byId(page, 'message-list').press('?');
      await byId(page, 'shortcut-sheet').waitFor();
      await check('shortcuts');
      await closed('shortcut-sheet');
      await goTo({ kind: 'people' });
      await byId(page, 'person-result').nth(2).waitFor();
      await check('people');
      await goTo({ kind: 'saved' });
      await byId(page, 'saved-list').waitFor({ state: 'attached' });
      await check('saved');
      for (const section of settingsSections) {
        await goTo({ kind: 'settings', section });
        await page.locator(`[data-testid="settings"][data-section="${section}"]`).waitFor();
        await check(`settings ${section}`);
      }
      await goTo({ kind: 'statistics', conversationId: group });
      await byId(page, 'statistics-summary').waitFor();
      await check('statistics');
      await goTo({ kind: 'operations' });
      await byId(page, 'glance').waitFor();
      await check('operations');
      expect(faults).toEqual({});
      expect(complaints).toEqual([]);
      await context.close();
    },
  );
});
