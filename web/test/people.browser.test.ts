// What people do with the list, with what they keep for themselves, and with each other: in a real browser, by keyboard
// and by pointer, on a desktop and on a phone. The rules behind it have tests of their own in lib/.
import { randomUUID } from 'node:crypto';
import type { Browser, Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import type { User } from '../src/lib/protocol.ts';
import { axeFindings, browserPath, byId, openPage, rowWith, signUp } from './browser.ts';
import type { Room } from './fake-chat.ts';
import type { FakeGateway } from './fake-gateway.ts';
import { onClientScene } from './scene.ts';

const phone = { viewport: { width: 390, height: 780 }, hasTouch: true, isMobile: true };

describe.skipIf(!browserPath)('People and their lists in a browser', { timeout: 120_000 }, () => {
  let browser: Browser;
  let gateway: FakeGateway;
  onClientScene('each', (scene) => {
    ({ browser, gateway } = scene);
  });

  const row = (page: Page, name: string) => byId(page, 'conversation-row').filter({ hasText: name });
  const titles = (page: Page) => byId(page, 'conversation-title').allTextContents();
  const focused = (page: Page) =>
    page.evaluate(() => document.activeElement?.getAttribute('data-testid') ?? null);
  const say = (room: Room, user: User, content: string) =>
    gateway.chat.send(user.id, { ref: randomUUID(), conversationId: room.conversation.id, content });

  /** Ann, and others who have written to her: the last one first in her list. */
  const annAnd = async (names: string[], options = {}) => {
    const ann = await openPage(browser, gateway.url, options);
    await signUp(ann.page, 'ann');
    const me = [...gateway.chat.accounts.values()].find(({ user }) => user.username === 'ann')!.user;
    const others = names.map((name) => {
      const { user } = gateway.chat.register(name, 'correct horse');
      const room = gateway.chat.create(me.id, { isGroup: false, memberIds: [user.id] });
      say(room, user, `Hello from ${name}`);
      return { user, room };
    });
    if (names.length > 0) await byId(ann.page, 'conversation-row').first().waitFor();
    return { ...ann, me, others };
  };
  const another = async (page: Page, options = {}) => {
    const second = await openPage(browser, gateway.url, options);
    await byId(second.page, 'username').fill((await byId(page, 'my-name').textContent()) ?? '');
    await byId(second.page, 'password').fill('correct horse');
    await byId(second.page, 'submit').click();
    await byId(second.page, 'my-name').waitFor();
    return second;
  };

  test('given several conversations, when one arranges them by keyboard, then the list, the title and the other device follow', async () => {
    const ann = await annAnd(['Bình', 'Carla', 'Đức']);
    const { page, others } = ann;
    const [binh, carla] = [others[0]!, others[1]!];
    const phoneOfAnn = await another(page, phone);
    await expect.poll(() => page.title()).toBe('(3) ChatVui');

    // The list is one stop of the Tab key; the arrow keys walk, the menu key opens.
    await row(page, 'Đức').focus();
    await page.keyboard.press('End');
    await expect
      .poll(() => page.evaluate(() => document.activeElement?.textContent))
      .toContain('Hello from Bình');
    await page.keyboard.press('Shift+F10');
    await byId(page, 'menu').waitFor();
    expect(await axeFindings(page, '[data-testid="menu"]')).toEqual([]);
    await byId(page, 'pin-conversation').press('Enter');
    await expect.poll(() => titles(page)).toEqual(['Bình', 'Đức', 'Carla']);
    await expect.poll(() => focused(page)).toBe('conversation-row');
    await expect.poll(() => titles(phoneOfAnn.page)).toEqual(['Bình', 'Đức', 'Carla']);

    // A choice within the menu, and back out of it, without the pointer.
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Shift+F10');
    await byId(page, 'mute').focus();
    await page.keyboard.press('ArrowRight');
    await byId(page, 'mute-forever').press('Enter');
    await row(page, 'Carla').locator('[data-testid="muted"]').waitFor();
    await expect.poll(() => page.title()).toBe('(2) ChatVui');

    // Archived: gone from the list, back with the next message when it is not muted.
    await row(page, 'Bình').click({ button: 'right' });
    await byId(page, 'archive').click();
    await expect.poll(() => titles(page)).toEqual(['Đức', 'Carla']);
    await page.locator('[data-testid="list-filter"][data-filter="archived"]').click();
    await expect.poll(() => titles(page)).toEqual(['Bình']);
    await page.locator('[data-testid="list-filter"][data-filter="all"]').click();
    say(binh.room, binh.user, 'Are you there?');
    await expect.poll(() => titles(page)).toEqual(['Bình', 'Đức', 'Carla']);

    // Marked unread again after it was read; opened, it is read.
    await row(page, 'Đức').click();
    await byId(page, 'composer').waitFor();
    await row(page, 'Đức').locator('[data-testid="unread-count"]').waitFor({ state: 'detached' });
    await row(page, 'Carla').click();
    await row(page, 'Đức').hover();
    await byId(page, 'row-menu').nth(1).click();
    await byId(page, 'mark-unread').click();
    await row(page, 'Đức').locator('[data-testid="unread-mark"]').waitFor();
    await page.locator('[data-testid="list-filter"][data-filter="unread"]').click();
    await expect.poll(() => titles(page)).toEqual(['Bình', 'Đức']);
    await row(page, 'Đức').click();
    await byId(page, 'new-divider').waitFor();
    await expect.poll(() => titles(page)).toEqual(['Bình']);
    expect(carla.room.messages).toHaveLength(1);
    expect(await axeFindings(page)).toEqual([]);
    expect([ann.complaints, phoneOfAnn.complaints]).toEqual([[], []]);
  });

  test('given two devices, when one writes a draft and saves a message, then they are on the other, and both texts survive', async () => {
    const ann = await annAnd(['Bình', 'Carla']);
    const { page, others } = ann;
    const second = await another(page, phone);
    await row(page, 'Bình').click();
    await byId(page, 'composer').fill('Half a thought');
    await row(second.page, 'Bình')
      .locator('[data-testid="draft-preview"]', { hasText: 'Half a thought' })
      .waitFor();
    await row(second.page, 'Bình').click();
    await expect.poll(() => byId(second.page, 'composer').inputValue()).toBe('Half a thought');

    // Both at once: the second one is asked, and takes what the first wrote.
    gateway.chat.keep(
      ann.me.id,
      'draft',
      others[0]!.room.conversation.id,
      { content: 'Elsewhere', replyTo: null },
      null,
    );
    await byId(second.page, 'composer').fill('Here');
    await byId(second.page, 'toast-action').first().click();
    await expect.poll(() => byId(second.page, 'composer').inputValue()).toBe('Elsewhere');

    await byId(page, 'message-actions').first().click({ force: true });
    await byId(page, 'save-message').click();
    await byId(page, 'profile-menu').click();
    await byId(page, 'saved-entry').click();
    await byId(page, 'foreign-message').filter({ hasText: 'Hello from Bình' }).waitFor();
    await expect.poll(() => focused(page)).toBe('page-title');
    expect(await axeFindings(page)).toEqual([]);
    await second.page.goto(`${gateway.url}/#/saved`);
    await byId(second.page, 'foreign-message').waitFor();
    await byId(page, 'unsave').click();
    await second.page.locator('[data-testid="saved-list"][data-count="0"]').waitFor();
    await byId(page, 'toast-action').last().click();
    await byId(second.page, 'foreign-message').locator('a').click();
    await second.page.locator('[data-testid="message-row"]').first().waitFor();
    expect([ann.complaints, second.complaints]).toEqual([[], []]);
  });

  test('given a newcomer, when they follow the steps and use nothing but the keyboard, then they write, pin and go elsewhere', async () => {
    const ann = await annAnd([], { colorScheme: 'dark' });
    const { page, me } = ann;
    const people = ['Bình', 'Carla', 'Đức Anh'].map((name) => gateway.chat.register(name, 'x').user);
    const [binh, carla] = [people[0]!, people[1]!];
    await byId(page, 'first-steps').waitFor();
    expect(await axeFindings(page)).toEqual([]);

    // Everybody, who one of them is, and the first words to them.
    await byId(page, 'first-people').press('Enter');
    await byId(page, 'directory-search').fill('Carla');
    await expect.poll(() => byId(page, 'person-result').count()).toBe(1);
    await byId(page, 'person-result').press('Enter');
    await byId(page, 'profile-card').waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await expect.poll(() => focused(page)).toBe('write-to');
    await page.keyboard.press('Enter');
    await byId(page, 'composer').fill('Hello Carla');
    await page.keyboard.press('Enter');
    await rowWith(page, 'Hello Carla').waitFor();

    // By a few letters without accents: to somebody new, and to the group that others have made meanwhile.
    await page.keyboard.press('Control+j');
    await byId(page, 'switcher-input').pressSequentially('duc a');
    await byId(page, 'switcher-choice').filter({ hasText: 'Đức Anh' }).waitFor();
    expect(await axeFindings(page, '[data-testid="switcher"]')).toEqual([]);
    await page.keyboard.press('Enter');
    await byId(page, 'open-title').filter({ hasText: 'Đức Anh' }).waitFor();
    const group = gateway.chat.create(binh.id, {
      isGroup: true,
      name: 'Weekend trip',
      memberIds: [me.id, carla.id],
    });
    for (const words of ['Who drives?', 'We have six beds']) say(group, binh, words);
    await row(page, 'Weekend trip').waitFor();
    await page.keyboard.press('Control+j');
    await byId(page, 'switcher-input').pressSequentially('wt');
    await page.keyboard.press('Enter');

    // Pinned by one, seen by all, gone to and unpinned.
    await rowWith(page, 'six beds').locator('[data-testid="message-actions"]').focus();
    await page.keyboard.press('Enter');
    await byId(page, 'pin-message').press('Enter');
    await byId(page, 'newest-pin').filter({ hasText: 'We have six beds' }).waitFor();
    gateway.chat.change(group.messages[0]!.id, binh.id, false, () => ({
      pinnedAt: new Date().toISOString(),
    }));
    await page.locator('[data-testid="pins"][data-count="2"]').waitFor();
    await byId(page, 'all-pins').press('Enter');
    expect(await axeFindings(page)).toEqual([]);
    await byId(page, 'foreign-message').filter({ hasText: 'six beds' }).locator('a').press('Enter');
    await expect
      .poll(() => page.evaluate(() => document.activeElement?.getAttribute('data-message-id')))
      .toBe(group.messages[1]!.id);
    await byId(page, 'all-pins').press('Enter');
    for (const count of [1, 0]) {
      await byId(page, 'unpin').first().press('Enter');
      await expect.poll(() => byId(page, 'unpin').count()).toBe(count);
    }
    await byId(page, 'sender-name').first().press('Enter');
    await byId(page, 'profile-card').filter({ hasText: 'Weekend trip' }).waitFor();
    await page.keyboard.press('Escape');
    await byId(page, 'profile-card').waitFor({ state: 'detached' });
    expect(ann.complaints).toEqual([]);
  });

  test('given a group, when its admin and a member look after it, then each is offered what they may do', async () => {
    const names = ['Bình', 'Carla', 'Đức Anh', 'Linh', 'Ngọc', 'Yến', 'Zoë'];
    const ann = await annAnd(names);
    const { page, me, others } = ann;
    const carla = await openPage(browser, gateway.url, phone);
    await byId(carla.page, 'username').fill('Carla');
    await byId(carla.page, 'password').fill('correct horse');
    await byId(carla.page, 'submit').click();
    const room = gateway.chat.create(me.id, {
      isGroup: true,
      name: 'Weekend trip',
      memberIds: others.map(({ user }) => user.id),
    });
    for (const one of [page, carla.page]) {
      await row(one, 'Weekend trip').click();
      await byId(one, 'members-button').click();
      await byId(one, 'member-panel').waitFor();
    }
    // The panel has an address: it is there after a reload, "back" closes it, and forward opens it.
    expect(await page.evaluate(() => location.hash)).toMatch(/\/members$/);
    await page.reload();
    await byId(page, 'member-panel').waitFor();
    await page.goBack();
    await byId(page, 'member-panel').waitFor({ state: 'detached' });
    await page.goForward();
    await byId(page, 'member-panel').waitFor();

    // One is found by name, without accents, and made an admin.
    await byId(page, 'member-search').fill('duc');
    await expect.poll(() => byId(page, 'member-row').count()).toBe(1);
    await byId(page, 'member-row').getByRole('button').first().press('Enter');
    await byId(page, 'toggle-admin').press('Enter');
    await page.locator('[data-testid="member-row"][data-admin="true"]', { hasText: 'Đức Anh' }).waitFor();
    await byId(page, 'history-visibility').selectOption('all');
    await expect.poll(() => room.conversation.historyVisibility).toBe('all');
    expect(await axeFindings(page)).toEqual([]);

    // What is one's own choice is there for everybody; what only admins may do is not.
    expect(await byId(carla.page, 'rename').count()).toBe(0);
    expect(await byId(carla.page, 'add-people').count()).toBe(0);
    await expect
      .poll(() => byId(carla.page, 'history-visibility').textContent())
      .toBe('everything that was ever said');
    await byId(carla.page, 'notify').selectOption('mentions');
    const ofCarla = () => gateway.chat.personalOf(others[1]!.user.id).changes(0).items;
    await expect.poll(() => ofCarla().map(({ value }) => value)).toEqual([{ notify: 'mentions' }]);
    expect(await axeFindings(carla.page)).toEqual([]);
    await byId(carla.page, 'member-row').filter({ hasText: 'ann' }).getByRole('button').click();
    await byId(carla.page, 'profile-card').filter({ hasText: 'Weekend trip' }).waitFor();
    await carla.page.keyboard.press('Escape');
    for (let press = 0; press < 2; press += 1) await byId(carla.page, 'leave').click();
    await expect.poll(() => room.members.has(others[1]!.user.id)).toBe(false);
    await byId(carla.page, 'conversation-search').waitFor();
    // What was on its way to where she is no more is hers, and is not kept from her.
    await carla.page.evaluate(
      ([userId, conversationId]) => {
        const ref = crypto.randomUUID();
        const pending = {
          conversationId,
          content: 'too late',
          replyTo: null,
          ref,
          id: ref,
          senderId: userId,
          createdAt: new Date().toISOString(),
          failure: { code: 'not_a_member', detail: '' },
        };
        localStorage.setItem(`chatvui.outbox.${userId}.${ref}`, JSON.stringify({ pending, order: 1 }));
      },
      [others[1]!.user.id, room.conversation.id] as const,
    );
    await carla.page.reload();
    await byId(carla.page, 'unsent').click();
    await byId(carla.page, 'unsent-message').filter({ hasText: 'too late' }).waitFor();
    expect(await axeFindings(carla.page)).toEqual([]);
    await byId(carla.page, 'unsent-discard').click();
    await byId(carla.page, 'unsent').waitFor({ state: 'detached' });
    // Back in the list, and nothing stands there that is no longer hers.
    await row(carla.page, 'ann').waitFor();
    await expect.poll(() => titles(carla.page)).toEqual(['ann']);
    expect([ann.complaints, carla.complaints]).toEqual([[], []]);
  });
});
