// The whole way through the chat without a pointer: only keys are pressed here, and whatever is closed gives the focus to
// something that is there.
import { randomUUID } from 'node:crypto';
import type { Browser, Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { browserPath, byId, openPage, rowWith } from './browser.ts';
import type { FakeGateway } from './fake-gateway.ts';
import { onClientScene } from './scene.ts';

const tabsMax = 60;

describe.skipIf(!browserPath)('The keyboard alone', { timeout: 120_000 }, () => {
  let browser: Browser;
  let gateway: FakeGateway;
  onClientScene('all', (scene) => {
    ({ browser, gateway } = scene);
  });

  const focused = (page: Page) =>
    page.evaluate(() => {
      const one = document.activeElement;
      return one === null || one === document.body
        ? 'nothing'
        : (one.getAttribute('data-testid') ?? one.tagName);
    });
  const focusIsOn = (page: Page, id: string) => expect.poll(() => focused(page)).toBe(id);
  /** As somebody would: Tab after Tab. */
  const tabTo = async (page: Page, id: string, key: 'Tab' | 'Shift+Tab' = 'Tab') => {
    const passed: string[] = [];
    for (let turn = 0; turn < tabsMax; turn += 1) {
      const now = await focused(page);
      if (now === id) return;
      passed.push(now);
      await page.keyboard.press(key);
    }
    throw new Error(`${id} is not reached by ${key}: ${passed.join(', ')}`);
  };
  /** Opens something by keys, closes it by Escape: then the focus is where it was. */
  const openAndClose = async (page: Page, what: string, keys: () => Promise<void>) => {
    const before = await focused(page);
    await keys();
    await byId(page, what).first().waitFor();
    await expect
      .poll(
        () => page.evaluate((id) => document.activeElement?.closest(`[data-testid="${id}"]`) != null, what),
        {
          message: `focus in ${what}`,
        },
      )
      .toBe(true);
    await page.keyboard.press('Escape');
    await byId(page, what).first().waitFor({ state: 'hidden' });
    await expect.poll(() => focused(page), { message: `after ${what}` }).toBe(before);
  };
  const toRow = async (page: Page, words: string) => {
    await tabTo(page, 'message-list', 'Shift+Tab');
    for (let turn = 0; turn < 20; turn += 1) {
      await page.keyboard.press('ArrowUp');
      const text = await page.evaluate(() => document.activeElement?.textContent ?? '');
      if (text.includes(words)) return;
    }
    throw new Error(`no way to ${words}`);
  };

  test('given somebody with no pointer, when they sign in, write, answer, react, edit, seek, jump, switch and set up, then keys are enough', async () => {
    const [ann, binh, chi] = ['ann', 'Bình', 'Chi'].map(
      (name) => gateway.chat.register(name, 'correct horse').user,
    );
    if (!ann || !binh || !chi) throw new Error('three people are needed');
    const { page, complaints } = await openPage(browser, gateway.url, {
      viewport: { width: 1280, height: 800 },
    });
    const { keyboard } = page;
    page.setDefaultTimeout(10_000);
    await byId(page, 'username').waitFor();
    await tabTo(page, 'username');
    await keyboard.type('ann');
    await tabTo(page, 'password');
    await keyboard.type('correct horse');
    await keyboard.press('Enter');
    await byId(page, 'my-name').waitFor();

    // A person, and words to them.
    await keyboard.press('Control+k');
    await keyboard.type('bin');
    await byId(page, 'person-result').first().waitFor();
    await keyboard.press('ArrowDown');
    await keyboard.press('Enter');
    await focusIsOn(page, 'composer');
    await keyboard.type('the first words');
    await keyboard.press('Enter');
    await page.locator('[data-state="sent"], [data-state="delivered"]').first().waitFor();
    const room = [...gateway.chat.rooms.values()][0]!;
    const says = (content: string) =>
      gateway.chat.send(binh.id, { ref: randomUUID(), conversationId: room.conversation.id, content });
    says('what do you mean');
    await rowWith(page, 'what do you mean').waitFor();

    // An answer, a reaction, another wording.
    await toRow(page, 'what do you mean');
    await keyboard.press('r');
    await byId(page, 'composer-mode').waitFor();
    await focusIsOn(page, 'composer');
    await keyboard.type('just that');
    await keyboard.press('Enter');
    await byId(page, 'quote').waitFor();
    await focusIsOn(page, 'composer');
    await toRow(page, 'what do you mean');
    await keyboard.press('m');
    await byId(page, 'actions-menu').waitFor();
    await focusIsOn(page, 'react');
    await keyboard.press('Enter');
    await byId(page, 'reaction').waitFor();
    await focusIsOn(page, 'message-row');
    await keyboard.press('Escape');
    await focusIsOn(page, 'composer');
    await keyboard.press('ArrowUp');
    await page.locator('[data-testid="composer-mode"][data-mode="edit"]').waitFor();
    await keyboard.press('Control+a');
    await keyboard.type('exactly that');
    await keyboard.press('Enter');
    await rowWith(page, 'exactly that').locator('[data-testid="edited"]').waitFor();
    await focusIsOn(page, 'composer');

    // What was said is found, and gone to; from an answer to what it answers.
    await keyboard.press('Control+k');
    await keyboard.type('first words');
    await byId(page, 'search-hit').first().waitFor();
    await keyboard.press('ArrowDown');
    await keyboard.press('Enter');
    // Where it leads is gone to once more when the rows above have their height.
    await expect
      .poll(() => page.evaluate(() => document.activeElement?.textContent ?? ''))
      .toContain('first words');
    await rowWith(page, 'the first words').and(page.locator(':not(.lit)')).waitFor();
    await keyboard.press('Escape');
    await focusIsOn(page, 'composer');
    await tabTo(page, 'quote', 'Shift+Tab');
    await keyboard.press('Enter');
    // The quote says the same words as the row that it leads to.
    await focusIsOn(page, 'message-row');
    await expect
      .poll(() => page.evaluate(() => document.activeElement?.textContent ?? ''))
      .toContain('what do you mean');
    await expect.poll(() => page.locator('article.lit').count()).toBe(0);
    await keyboard.press('Escape');
    await focusIsOn(page, 'composer');

    // Everything that opens closes again, and the focus is where it was.
    await openAndClose(page, 'switcher', () => keyboard.press('Control+j'));
    await openAndClose(page, 'new-conversation-dialog', () => keyboard.press('Alt+n'));
    await tabTo(page, 'emoji-button');
    await openAndClose(page, 'emoji-picker', () => keyboard.press('Enter'));
    await tabTo(page, 'conversation-menu', 'Shift+Tab');
    await openAndClose(page, 'menu', () => keyboard.press('Enter'));
    await tabTo(page, 'edited');
    await openAndClose(page, 'edit-history', () => keyboard.press('Enter'));
    await tabTo(page, 'composer');
    await toRow(page, 'exactly that');
    await openAndClose(page, 'shortcut-sheet', () => keyboard.press('?'));
    await openAndClose(page, 'actions-menu', () => keyboard.press('m'));

    // Elsewhere and back.
    await keyboard.press('Control+j');
    await byId(page, 'switcher-input').waitFor();
    await keyboard.type('chi');
    await byId(page, 'switcher-choice').filter({ hasText: 'Chi' }).first().waitFor();
    await keyboard.press('Enter');
    await byId(page, 'open-title').filter({ hasText: 'Chi' }).waitFor();
    await focusIsOn(page, 'composer');
    await keyboard.type('hello Chi');
    await keyboard.press('Enter');
    await rowWith(page, 'hello Chi').waitFor();
    await keyboard.press('Alt+ArrowDown');
    await byId(page, 'open-title').filter({ hasText: 'Bình' }).waitFor();
    await focusIsOn(page, 'composer');

    // Settings, and each page that one can leave.
    await keyboard.press('Control+,');
    await byId(page, 'settings').waitFor();
    await expect.poll(() => focused(page)).not.toBe('nothing');
    await tabTo(page, 'settings-look');
    await keyboard.press('Enter');
    await page.locator('[data-testid="settings"][data-section="look"]').waitFor();
    await tabTo(page, 'theme');
    await keyboard.type('Dark');
    await page.locator('html[data-theme="dark"]').waitFor();
    await tabTo(page, 'page-back', 'Shift+Tab');
    await keyboard.press('Enter');
    await byId(page, 'settings').waitFor({ state: 'detached' });
    await expect.poll(() => focused(page), { message: 'after the settings' }).not.toBe('nothing');
    await tabTo(page, 'profile-menu', 'Shift+Tab');
    await keyboard.press('Enter');
    await tabTo(page, 'sign-out');
    await keyboard.press('Enter');
    await byId(page, 'signin-form').waitFor();
    await tabTo(page, 'username');
    expect(complaints).toEqual([]);
  });
});
