// `npm run screenshots`: the pictures in docs/images, of the real product with people in it.
import { hostname } from 'node:os';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { browserPath, byId, launch, openPage } from '../../web/test/browser.ts';
import { pdfOf } from '../../web/test/pdf.ts';
import { password } from '../client/person.ts';
import { startEmbedded } from '../harness.ts';
import { outsideEnv } from '../journeys/outside.ts';
import { photograph } from './art.ts';
import { desktop, goTo, phone, picture } from './camera.ts';
import { address, botsAndHooks, linked, oneself } from './pages.ts';
import { me, searched } from './sample.ts';
import {
  everybodyComes,
  everybodyGoes,
  everybodyHasAFace,
  person,
  rememberEarlier,
  somethingGoesWrong,
  talk,
} from './scene.ts';

/** From the end of the trip's conversation to a moment yesterday. */
const stepsBack = 11;

if (!browserPath) throw new Error('Pictures need a Chromium: install one, or set CHROMIUM_PATH.');
const [server, browser] = await Promise.all([startEmbedded({ env: outsideEnv }), launch()]);
const { url } = server;

/** One for each device, signed in once: its pages and themes follow each other as they would for a person. */
const device = async (options: BrowserContextOptions) => {
  const opened = await openPage(browser, url, {
    ...options,
    colorScheme: 'light',
    timezoneId: 'Asia/Ho_Chi_Minh',
  });
  await byId(opened.page, 'username').waitFor();
  // Nobody needs to know on which machine the pictures were taken.
  await opened.page.route('**/api/operations', async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: (await response.text()).replaceAll(hostname(), 'chat-1') });
  });
  return opened;
};

const signIn = async (page: Page): Promise<void> => {
  await byId(page, 'username').fill(me);
  await byId(page, 'password').fill(password);
  await byId(page, 'submit').click();
  await byId(page, 'conversation-row').first().waitFor();
};

const inConversation = async (page: Page, id: string, names: { light: string; dark?: string }) => {
  await goTo(page, `#/c/${id}`);
  await byId(page, 'message-row').last().waitFor();
  // Typing is forgotten after some seconds, and said at most once in some.
  const typing = setInterval(() => person('Aisha').socket.send({ type: 'typing', conversationId: id }), 500);
  try {
    await byId(page, 'typing-line').filter({ hasText: 'Aisha' }).waitFor();
    await picture(page, names.light);
    if (names.dark) {
      await page.emulateMedia({ colorScheme: 'dark' });
      await picture(page, names.dark);
      await page.emulateMedia({ colorScheme: 'light' });
    }
  } finally {
    clearInterval(typing);
  }
  await byId(page, 'typing-line').filter({ hasText: 'Aisha' }).waitFor({ state: 'hidden' });
};

/** Words without their accents, what they found, and the place where it was said. */
const searching = async (page: Page): Promise<void> => {
  await byId(page, 'conversation-search').fill(searched.query);
  await byId(page, 'search-hit').filter({ hasText: searched.opened }).click();
  await byId(page, 'message-row').filter({ hasText: searched.opened }).waitFor();
  await picture(page, 'search');
  await byId(page, 'conversation-search').fill('');
};

const statistics = async (page: Page, id: string): Promise<void> => {
  await goTo(page, `#/c/${id}/statistics`);
  await byId(page, 'statistics-summary').waitFor();
  await picture(page, 'statistics');
};

const playback = async (page: Page, id: string): Promise<void> => {
  await goTo(page, `#/c/${id}/playback`);
  await byId(page, 'playback-slider').press('End');
  for (let step = 0; step < stepsBack; step += 1) await byId(page, 'playback-slider').press('ArrowLeft');
  await byId(page, 'playback-slider').blur();
  await picture(page, 'playback');
};

/** What opens over the conversation: each is closed again by Escape. */
const overConversation = async (page: Page, id: string): Promise<void> => {
  const closed = async (testid: string) => {
    await page.keyboard.press('Escape');
    await byId(page, testid).first().waitFor({ state: 'detached' });
  };
  await goTo(page, `#/c/${id}`);
  await byId(page, 'message-row').last().waitFor();
  await byId(page, 'members-button').click();
  await byId(page, 'member-row').nth(3).waitFor();
  await picture(page, 'group');
  await byId(page, 'members-button').click();
  await byId(page, 'emoji-button').click();
  await byId(page, 'emoji').first().waitFor();
  await picture(page, 'emoji');
  await closed('emoji-picker');
  await byId(page, 'message-list').press('?');
  await byId(page, 'shortcut-sheet').waitFor();
  await picture(page, 'shortcuts');
  await closed('shortcut-sheet');
  await page.keyboard.press('Control+j');
  await byId(page, 'switcher-input').fill('h');
  await byId(page, 'switcher-choice').first().waitFor();
  await picture(page, 'switcher');
  await closed('switcher');
};

/** What lies beside a draft, and what was sent, looked at closely. */
const pictures = async (page: Page, id: string, name: string): Promise<void> => {
  await goTo(page, `#/c/${id}`);
  await byId(page, 'picture').first().click();
  await page.locator('[data-testid="viewer-picture"][data-there="true"]').waitFor();
  await picture(page, name);
  await page.keyboard.press('Escape');
  await byId(page, 'viewer').waitFor({ state: 'detached' });
};
const attaching = async (page: Page, id: string): Promise<void> => {
  await goTo(page, `#/c/${id}`);
  await byId(page, 'file-input').setInputFiles([
    { name: 'an-bang.jpg', mimeType: 'image/jpeg', buffer: await photograph('beach') },
    { name: 'cao-lau.jpg', mimeType: 'image/jpeg', buffer: await photograph('noodles') },
    {
      name: 'SE19 tickets.pdf',
      mimeType: 'application/pdf',
      buffer: pdfOf(['SE19, Friday 19:30', 'Cabin 4, beds 1 to 3', 'Cabin 5, beds 1 and 2'], {
        size: [420, 297],
      }),
    },
  ]);
  await page.locator('[data-testid="tray-file"][data-state="done"]').nth(2).waitFor();
  await byId(page, 'composer').fill('Vé tàu đây, và hai lý do để đi 😋');
  await picture(page, 'attach');
  await byId(page, 'composer').press('Enter');
  await page
    .locator('[data-testid="message-row"][data-own="true"]')
    .last()
    .locator('[data-testid="file"]')
    .waitFor();
  await picture(page, 'files');
  await byId(page, 'look').last().click();
  await page.locator('[data-testid="pdf-page"][data-drawn="true"]').waitFor();
  await picture(page, 'pdf');
  await page.keyboard.press('Escape');
  await byId(page, 'pdf-preview').waitFor({ state: 'detached' });
};

const ownPages = async (page: Page, id: string): Promise<void> => {
  await goTo(page, '#/people');
  await byId(page, 'person-result').nth(3).waitFor();
  await picture(page, 'people');
  const { items } = await person(me).api.history(id, { limit: 12 });
  for (const { id: messageId } of [items.at(-3), items.at(-6)].flatMap((one) => one ?? []))
    await person(me).api.put('saved', messageId, { conversationId: id, at: new Date().toISOString() });
  await goTo(page, '#/saved');
  await byId(page, 'foreign-message').nth(1).waitFor();
  await picture(page, 'saved');
  await goTo(page, '#/settings/look');
  await page.locator('[data-testid="settings"][data-section="look"]').waitFor();
  await picture(page, 'settings');
  await page.emulateMedia({ colorScheme: 'dark' });
  await goTo(page, '#/settings/notices');
  await byId(page, 'tell-mention-push').waitFor();
  await picture(page, 'settings-dark');
  await page.emulateMedia({ colorScheme: 'light' });
  await goTo(page, `#/c/${id}`);
  const others = page.locator('[data-testid="message-row"][data-own="false"]').last();
  await others.hover();
  await others.locator('[data-testid="message-actions"]').click();
  await byId(page, 'why-told').click();
  await byId(page, 'why').first().waitFor();
  await picture(page, 'why');
  await page.keyboard.press('Escape');
};

/** Somebody who has never been here, and what they see first. */
const firstRun = async (): Promise<void> => {
  const { page, context } = await device(desktop);
  await byId(page, 'to-register').click();
  await byId(page, 'username').fill('Vy');
  await byId(page, 'password').fill(password);
  await byId(page, 'submit').click();
  await byId(page, 'first-steps').waitFor();
  await picture(page, 'first-run');
  await context.close();
};

/** The network goes away, in Vietnamese, and something is written all the same. */
const offline = async (page: Page, id: string): Promise<void> => {
  await goTo(page, '#/settings/look');
  await byId(page, 'language').selectOption('vi');
  await goTo(page, `#/c/${id}`);
  await byId(page, 'message-row').last().waitFor();
  await page.context().setOffline(true);
  await byId(page, 'banner').waitFor();
  await byId(page, 'composer').fill('Mình đang trên tàu, mạng chập chờn lắm');
  await byId(page, 'composer').press('Enter');
  await page.locator('[data-testid="message-row"][data-state="sending"]').waitFor();
  await picture(page, 'offline');
  await page.context().setOffline(false);
  await byId(page, 'banner').waitFor({ state: 'detached' });
  await goTo(page, '#/settings/look');
  await byId(page, 'language').selectOption('en');
};

const operations = async (page: Page, names: { light: string; dark?: string }): Promise<void> => {
  await goTo(page, '#/operations');
  await page.reload();
  await byId(page, 'problem').first().waitFor();
  await byId(page, 'dead-letter').first().waitFor();
  await byId(page, 'my-name').waitFor({ state: 'attached' });
  await picture(page, names.light);
  if (!names.dark) return;
  await page.emulateMedia({ colorScheme: 'dark' });
  await picture(page, names.dark);
};

try {
  await everybodyComes(url);
  await rememberEarlier(server);
  const { tripId, crewId } = await talk();
  await everybodyHasAFace(tripId);
  const [onDesktop, onPhone] = [await device(desktop), await device(phone)];
  await picture(onDesktop.page, 'sign-in');
  for (const { page } of [onDesktop, onPhone]) await signIn(page);
  await inConversation(onDesktop.page, tripId, { light: 'chat', dark: 'chat-dark' });
  await picture(onPhone.page, 'phone-list');
  await inConversation(onPhone.page, tripId, { light: 'phone' });
  await searching(onDesktop.page);
  await statistics(onDesktop.page, crewId);
  await playback(onDesktop.page, tripId);
  await overConversation(onDesktop.page, tripId);
  await pictures(onDesktop.page, tripId, 'viewer');
  await pictures(onPhone.page, tripId, 'viewer-phone');
  await attaching(onDesktop.page, tripId);
  await ownPages(onDesktop.page, tripId);
  await oneself(onDesktop.page, tripId);
  await botsAndHooks(onDesktop.page, crewId);
  await address(onPhone.page, server);
  await linked(onPhone.page, tripId);
  await firstRun();
  await offline(onPhone.page, tripId);
  await somethingGoesWrong(server, crewId);
  await onPhone.page.setViewportSize({ width: 375, height: 1180 });
  await operations(onPhone.page, { light: 'operations-phone' });
  await onDesktop.page.setViewportSize({ width: 1280, height: 1320 });
  await operations(onDesktop.page, { light: 'operations', dark: 'operations-dark' });
  const complaints = [...onDesktop.complaints, ...onPhone.complaints];
  if (complaints.length > 0) throw new Error(complaints.join('\n'));
} finally {
  everybodyGoes();
  await browser.close();
  await server.stop();
}
