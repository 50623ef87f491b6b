// Writing, and what can be done with what was written: completion, the emoji picker, keys for marks, forwarding, deleting
// with second thoughts, folding. One browser and one gateway.
import { randomUUID } from 'node:crypto';
import type { Browser, Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import type { Preview } from '../../schemas/previews.ts';
import type { Message } from '../src/lib/protocol.ts';
import { axeFindings, browserPath, byId, openPage, rowWith, say, signUp, startChatWith } from './browser.ts';
import type { FakeGateway } from './fake-gateway.ts';
import { hostileMessages } from './hostile-corpus.ts';
import { onClientScene } from './scene.ts';

describe.skipIf(!browserPath)('Writing in a browser', { timeout: 120_000 }, () => {
  let browser: Browser;
  let gateway: FakeGateway;
  onClientScene('all', (scene) => {
    ({ browser, gateway } = scene);
    for (const name of ['Bình', 'Chi']) gateway.chat.register(name, 'correct horse');
  });

  const started = async (name: string, options = {}) => {
    const opened = await openPage(browser, gateway.url, options);
    await signUp(opened.page, name);
    await startChatWith(opened.page, 'Bình');
    return opened;
  };
  const roomOf = (name: string) => {
    const id = [...gateway.chat.accounts.values()].find(({ user }) => user.username === name)!.user.id;
    return [...gateway.chat.rooms.values()].find(({ members }) => members.has(id))!;
  };
  const act = async (page: Page, words: string, id: string) => {
    await rowWith(page, words).hover();
    await rowWith(page, words).locator('[data-testid="message-actions"]').click();
    await byId(page, id).click();
  };

  test('given somebody who writes, when people and emoji are proposed, then keys take them and nothing is sent meanwhile', async () => {
    const { page, complaints } = await started('ann');
    const composer = byId(page, 'composer');
    await composer.pressSequentially('chào @bi');
    await byId(page, 'completion-choice').first().waitFor();
    const active = await composer.getAttribute('aria-activedescendant');
    expect(await page.locator(`[id="${active}"]`).getAttribute('aria-selected')).toBe('true');
    expect(await axeFindings(page)).toEqual([]);
    await composer.press('Enter');
    expect(await composer.inputValue()).toBe('chào @Bình ');
    await composer.pressSequentially(':tada');
    await byId(page, 'completion-choice').first().waitFor();
    await composer.press('Tab');
    expect(await composer.inputValue()).toBe('chào @Bình 🎉 ');
    await composer.pressSequentially('@b');
    await byId(page, 'completion-choice').first().waitFor();
    await composer.press('Escape');
    await byId(page, 'completion').waitFor({ state: 'detached' });
    expect(roomOf('ann').messages).toEqual([]);

    await composer.fill('- one');
    await composer.press('Shift+Enter');
    await composer.pressSequentially('two');
    await composer.press('Control+a');
    await composer.press('Control+b');
    expect(await composer.inputValue()).toBe('**- one\n- two**');
    await composer.press('Control+z');
    expect(await composer.inputValue()).toBe('- one\n- two');
    expect(complaints).toEqual([]);
  });

  test('given the picker, when an emoji is sought by keys, then it is written, and another one is a reaction', async () => {
    const { page, complaints } = await started('dao', { colorScheme: 'dark' });
    await byId(page, 'emoji-button').click();
    await byId(page, 'emoji').first().waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await page.keyboard.type('trai tim');
    await byId(page, 'emoji').first().waitFor();
    await page.keyboard.press('ArrowDown');
    const wanted = await byId(page, 'emoji').first().getAttribute('data-emoji');
    await page.keyboard.press('Enter');
    await byId(page, 'emoji-picker').waitFor({ state: 'detached' });
    expect(await byId(page, 'composer').inputValue()).toBe(wanted);
    await byId(page, 'composer').press('Enter');
    await act(page, wanted!, 'more-reactions');
    await byId(page, 'emoji-search').fill('rocket');
    await page.keyboard.press('Enter');
    await page.locator('[data-testid="reaction"][data-emoji="🚀"]').waitFor();
    await act(page, '🚀', 'show-reactions');
    await byId(page, 'reactions-dialog').filter({ hasText: 'You' }).waitFor();
    expect(await axeFindings(page)).toEqual([]);
    expect(complaints).toEqual([]);
  });

  test('given a message, when it is forwarded, then it is a quote there with the name of who wrote it, and whom it names is one click away here and not called there', async () => {
    const { page, complaints } = await started('giang');
    await say(page, 'two\nlines for @Bình, dear');
    await rowWith(page, 'lines').locator('[data-testid="mention"]').click();
    await byId(page, 'profile-card').filter({ hasText: 'Bình' }).waitFor();
    await page.keyboard.press('Escape');
    await startChatWith(page, 'Chi');
    await byId(page, 'conversation-row').filter({ hasText: 'Bình' }).click();
    await act(page, 'lines', 'forward');
    await byId(page, 'forward-search').fill('chi');
    expect(await axeFindings(page)).toEqual([]);
    await byId(page, 'forward-to').click();
    await byId(page, 'toast-action').click();
    const quote = rowWith(page, 'Forwarded from giang').locator('blockquote', { hasText: '@Bình' });
    await quote.waitFor();
    await page
      .locator('[data-testid="message-row"][data-state="sent"]', { hasText: 'Forwarded from giang' })
      .waitFor();
    expect(await quote.locator('[data-testid="mention"]').count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  test('given a deletion, when there are second thoughts, then nothing was sent; when the page goes, then it is sent', async () => {
    const { page } = await started('hoa');
    await say(page, 'to be or not');
    await rowWith(page, 'to be or not').and(page.locator('[data-state="sent"]')).waitFor();
    await act(page, 'to be or not', 'delete-message');
    await rowWith(page, 'Message deleted').waitFor();
    await byId(page, 'toast-action').click();
    await rowWith(page, 'to be or not').waitFor();
    expect(roomOf('hoa').messages[0]?.deletedAt).toBeNull();
    await act(page, 'to be or not', 'delete-message');
    await page.reload();
    await rowWith(page, 'Message deleted').waitFor();
    await expect.poll(() => roomOf('hoa').messages[0]?.deletedAt).not.toBeNull();
  });

  test('given a long message, when it is unfolded at the end of the list, then its beginning stays where it was', async () => {
    const { page } = await started('kim');
    const lines = Array.from({ length: 60 }, (_, index) => `line ${index + 1}`).join('\n');
    const room = roomOf('kim');
    const senderId = [...room.members.keys()].at(-1)!;
    const conversationId = room.conversation.id;
    for (const content of [...Array.from({ length: 30 }, (_, index) => `short ${index}`), lines])
      gateway.chat.send(senderId, { ref: randomUUID(), conversationId, content });
    await byId(page, 'fold').focus();
    await expect
      .poll(() =>
        byId(page, 'message-list').evaluate((list) => list.scrollHeight - list.scrollTop - list.clientHeight),
      )
      .toBeLessThan(4);
    const top = () => rowWith(page, 'line 60').evaluate((row) => row.getBoundingClientRect().top);
    const before = await top();
    await page.keyboard.press('Enter');
    await page.locator('[data-testid="fold"][aria-expanded="true"]').waitFor();
    await expect
      .poll(() => rowWith(page, 'line 60').evaluate((row) => row.clientHeight))
      .toBeGreaterThan(1_000);
    expect(Math.abs((await top()) - before)).toBeLessThan(3);
  });

  test('given links, when previews come later, then the list keeps its place; they are removed by keyboard, hidden by choice, and harmless', async () => {
    const { page, complaints } = await started('lan');
    const room = roomOf('lan');
    const conversationId = room.conversation.id;
    const [me, other] = ['lan', 'Bình'].map(
      (name) => [...gateway.chat.accounts.values()].find(({ user }) => user.username === name)!.user.id,
    ) as [string, string];
    const send = (senderId: string, content: string) =>
      gateway.chat.send(senderId, { ref: randomUUID(), conversationId, content });
    const previewed = (message: Message, ...said: Partial<Preview>[]) =>
      gateway.chat.change(message.id, me, false, ({ previews }) => ({
        previews: [
          ...previews,
          ...said.map((one) => ({
            ...{ id: randomUUID(), url: 'https://www.example.org/trips', siteName: 'Đường sắt' },
            ...{ title: 'Hà Nội – Huế', description: 'The night train along the coast. '.repeat(12) },
            ...{ image: null, addedAt: new Date().toISOString(), ...one },
          })),
        ],
      }));
    const list = byId(page, 'message-list');
    const fromEnd = () => list.evaluate((one) => one.scrollHeight - one.scrollTop - one.clientHeight);
    const all = Array.from({ length: 40 }, (_, index) => send(index % 3 ? other : me, `message ${index}`));
    await rowWith(page, 'message 39').waitFor();
    await expect.poll(fromEnd).toBeLessThan(4);

    // At the end it stays there.
    previewed(all[39]!, {});
    await byId(page, 'preview').first().waitFor();
    await expect.poll(fromEnd).toBeLessThan(4);
    expect(await byId(page, 'preview-host').first().textContent()).toBe('example.org');
    for (const theme of ['light', 'dark']) {
      await page.evaluate((name) => Object.assign(document.documentElement.dataset, { theme: name }), theme);
      expect(await axeFindings(page), theme).toEqual([]);
    }

    // Whoever reads further up does not lose the line, though something above it grows.
    await list.hover();
    await page.mouse.wheel(0, -700);
    await expect.poll(fromEnd).toBeGreaterThan(400);
    const inSight = await page.evaluate(() => {
      const { top } = document.querySelector('[data-testid="message-list"]')!.getBoundingClientRect();
      const rows = [...document.querySelectorAll<HTMLElement>('[data-testid="message-row"]')];
      const first = rows.findIndex((row) => row.getBoundingClientRect().top > top + 40);
      return { line: rows[first]!.dataset.messageId!, above: rows[first - 4]!.dataset.messageId! };
    });
    const top = () =>
      page.locator(`[data-message-id="${inSight.line}"]`).evaluate((row) => row.getBoundingClientRect().top);
    const before = await top();
    previewed(all.find(({ id }) => id === inSight.above)!, {}, { url: 'https://b.example/' });
    await page
      .locator(`[data-message-id="${inSight.above}"] [data-testid="preview"]`)
      .nth(1)
      .waitFor({ state: 'attached' });
    await expect.poll(async () => Math.abs((await top()) - before)).toBeLessThan(3);

    // One's own is removed by keyboard, another's is not; the keyboard goes on at the message.
    const own = send(me, 'mine https://www.example.org/trips');
    previewed(own, {});
    await byId(page, 'to-newest').click();
    const ownRow = page.locator(`[data-message-id="${own.id}"]`);
    await ownRow.locator('[data-testid="remove-preview"]').focus();
    await page.keyboard.press('Enter');
    await expect.poll(() => ownRow.locator('[data-testid="preview"]').count()).toBe(0);
    await expect
      .poll(() => page.evaluate(() => document.activeElement?.getAttribute('data-message-id')))
      .toBe(own.id);

    // What means harm is text.
    const wrongs: string[] = [];
    await page.exposeFunction('pwned', () => wrongs.push('a script ran'));
    page.on('request', (request) => {
      if (!request.url().replace('blob:', '').startsWith(gateway.url)) wrongs.push(request.url());
    });
    const harm = send(other, 'harm');
    previewed(
      harm,
      ...hostileMessages
        .slice(0, 20)
        .map((text) => ({ title: text.slice(0, 200), description: text, siteName: text.slice(0, 80) })),
    );
    previewed(harm, { url: 'javascript:pwned()', title: 'no link' });
    const harmRow = page.locator(`[data-message-id="${harm.id}"]`);
    await expect.poll(() => harmRow.locator('[data-testid="preview"]').count()).toBe(20);
    expect(await harmRow.locator('[data-testid="remove-preview"]').count()).toBe(0);
    const tags = await harmRow.evaluate((row) =>
      [...row.querySelectorAll('.previews *')].map(({ tagName }) => tagName),
    );
    expect([...new Set(tags)].sort()).toEqual(['A', 'B', 'BDI', 'LI', 'SPAN']);
    expect(wrongs).toEqual([]);

    // Whoever does not want them sees none, on any device.
    await page.goto(`${gateway.url}/#/settings/look`);
    await byId(page, 'show-previews').uncheck();
    await page.goto(`${gateway.url}/#/c/${conversationId}`);
    await harmRow.waitFor();
    expect(await byId(page, 'preview').count()).toBe(0);
    expect(complaints).toEqual([]);
  });
});
