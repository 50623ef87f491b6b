// Looking back in a real browser through the real gateway: the edit history of a message, and a conversation played back.
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { axeFindings, browserPath, byId, launch, openPage } from '../../web/test/browser.ts';
import { groupOf, Person, password } from '../client/person.ts';
import { type Embedded, startEmbedded } from '../harness.ts';

const soonMs = 15_000;
const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

describe.runIf(browserPath)('looking back in a browser', () => {
  let server: Embedded;
  let browser: Browser;
  beforeAll(async () => {
    [server, browser] = await Promise.all([startEmbedded(), launch()]);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });

  /** A group with a life: said, edited, deleted, reacted to; one goes, one comes, the name changes. */
  const lived = async (count = 0) => {
    const [ann, bob, chi] = await Promise.all(
      ['an', 'bình', 'chi'].map((n) => Person.register(server.url, n)),
    );
    if (!ann || !bob || !chi) throw new Error('three people are needed');
    const { id } = await groupOf(ann, [bob], 'Cả nhà');
    const plan = await ann.api.send(id, 'Gặp nhau lúc sáu giờ ở quán cũ nhé');
    await bob.api.send(id, 'Muộn quá, tôi phải về sớm');
    await ann.api.edit(plan.id, 'Gặp nhau lúc năm giờ ở quán cũ nhé');
    const slip = await bob.api.send(id, 'the secret');
    await ann.api.react(slip.id, '👍');
    await bob.api.deleteMessage(slip.id);
    await ann.api.addMember(id, chi.id);
    await ann.api.changeConversation(id, { name: 'Cả nhà và Chi' });
    const long = await ann.api.send(id, 'Chào Chi');
    for (let i = 0; i < count; i += 1) await chi.api.send(id, `tin ${i}`);
    await bob.api.react(long.id, '🎉');
    await ann.api.removeMember(id, bob.id);
    await ann.api.send(id, 'Tạm biệt');
    return { id, ann, plan };
  };

  const signIn = async (person: Person, path: string, options: BrowserContextOptions = {}) => {
    const opened = await openPage(browser, `${server.url}/${path}`, options);
    await byId(opened.page, 'username').fill(person.user.username);
    await byId(opened.page, 'password').fill(password);
    await byId(opened.page, 'submit').click();
    return opened;
  };
  const texts = (page: Page) =>
    byId(page, 'playback-lines').locator('[data-testid="message-text"]').allInnerTexts();
  const members = (page: Page) => byId(page, 'playback-members').textContent();

  it('opens what a message said before it was edited, and closes again by key', async () => {
    const { id, ann, plan } = await lived();
    const { page, complaints } = await signIn(ann, `#/c/${id}`);
    await page.locator(`[data-message-id="${plan.id}"] [data-testid="edited"]`).click({ timeout: soonMs });
    const dialog = byId(page, 'edit-history');
    await dialog.locator('[data-testid="message-version"]').last().waitFor({ timeout: soonMs });
    expect(await dialog.locator('del').allInnerTexts()).toEqual(['sáu']);
    expect(await dialog.locator('ins').allInnerTexts()).toContain('năm');
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('plays a conversation from its beginning to its end, by button and by keys', async () => {
    const { id, ann } = await lived();
    const { page, complaints } = await signIn(ann, `#/c/${id}`);
    await byId(page, 'conversation-menu').click({ timeout: soonMs });
    await byId(page, 'to-playback').click();
    const slider = byId(page, 'playback-slider');
    await slider.waitFor({ timeout: soonMs });
    expect(await texts(page)).toEqual(['Gặp nhau lúc sáu giờ ở quán cũ nhé']);
    expect(await byId(page, 'page-title').textContent()).toContain('Cả nhà');
    expect(await members(page)).toBe('2 members');

    await slider.focus();
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => texts(page)).toHaveLength(2);
    await page.keyboard.press('ArrowRight');
    await expect
      .poll(() => texts(page))
      .toEqual(['Gặp nhau lúc năm giờ ở quán cũ nhé', 'Muộn quá, tôi phải về sớm', 'Message deleted']);
    await page.keyboard.press('ArrowLeft');
    await expect.poll(() => texts(page)).toHaveLength(2);
    await page.keyboard.press('End');
    await expect.poll(() => texts(page)).toHaveLength(5);
    expect(await byId(page, 'page-title').textContent()).toContain('Cả nhà và Chi');
    expect(await byId(page, 'playback-change').count()).toBe(3);
    await page.keyboard.press('Home');
    await expect.poll(() => texts(page)).toHaveLength(1);

    await byId(page, 'playback-speed').selectOption('20');
    await byId(page, 'playback-play').click();
    await byId(page, 'playback-play').and(page.locator('[data-playing="true"]')).waitFor();
    await byId(page, 'playback-play')
      .and(page.locator('[data-playing="false"]'))
      .waitFor({ timeout: soonMs });
    await expect.poll(() => texts(page)).toHaveLength(5);
    expect(await page.content()).not.toContain('the secret');
    await byId(page, 'page-back').click();
    await byId(page, 'composer').waitFor();
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('asks for stretches and not for moments, however one moves through a long life', async () => {
    const { id, ann } = await lived(260);
    const { page } = await signIn(ann, `#/c/${id}/playback`);
    let asked = 0;
    page.on('request', (request) => {
      if (request.url().includes('/playback?')) asked += 1;
    });
    await byId(page, 'playback-slider').waitFor({ timeout: soonMs });
    await byId(page, 'playback-slider').focus();
    for (let i = 0; i < 150; i += 1) await page.keyboard.press('ArrowRight');
    await expect.poll(() => texts(page).then((all) => all.includes('tin 140'))).toBe(true);
    await page.keyboard.press('End');
    await expect.poll(() => texts(page).then((all) => all.at(-1)), { timeout: soonMs }).toBe('Tạm biệt');
    expect((await texts(page)).length).toBeLessThanOrEqual(80);
    expect(asked).toBeLessThan(8);
    await page.context().close();
  });

  it.each([
    ['light', 'a desktop', {}],
    ['dark', 'a desktop', {}],
    ['light', 'a phone', phone],
    ['dark', 'a phone', phone],
  ] as const)('in the %s theme on %s axe finds nothing', async (colorScheme, device, options) => {
    const { id, ann, plan } = await lived();
    const { page } = await signIn(ann, `#/c/${id}`, { colorScheme, ...options });
    const check = async (where: string) => {
      expect(await axeFindings(page), where).toEqual([]);
      const dir = process.env.CHATVUI_PICTURES;
      if (dir) await page.screenshot({ path: `${dir}/${where}-${colorScheme}-${device}.png` });
    };
    await page.locator(`[data-message-id="${plan.id}"] [data-testid="edited"]`).click({ timeout: soonMs });
    await byId(page, 'message-version').last().waitFor({ timeout: soonMs });
    await check('edit-history');
    await page.goto(`${server.url}/#/c/${id}/playback`);
    await byId(page, 'playback-slider').waitFor({ timeout: soonMs });
    await byId(page, 'playback-slider').press('End');
    await expect.poll(() => texts(page)).toHaveLength(5);
    await byId(page, 'playback-members').click();
    await check('playback');
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(wide).toBeLessThanOrEqual(0);
    await page.context().close();
  });
});
