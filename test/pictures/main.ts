// `npm run screenshots`: the pictures in docs/images, of the real product with people in it.
import { mkdirSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { browserPath, byId, launch, openPage } from '../../web/test/browser.ts';
import { password } from '../client/person.ts';
import { startEmbedded } from '../harness.ts';
import { me, searched } from './sample.ts';
import { everybodyComes, everybodyGoes, person, rememberEarlier, somethingGoesWrong, talk } from './scene.ts';

const bytesMax = 250_000;
const desktop = { viewport: { width: 1280, height: 800 } };
const phone = {
  viewport: { width: 375, height: 740 },
  deviceScaleFactor: 1.75,
  isMobile: true,
  hasTouch: true,
};
const settledMs = 700;
/** From the end of the trip's conversation to a moment yesterday. */
const stepsBack = 11;
const into = 'docs/images';

const picture = async (page: Page, name: string): Promise<void> => {
  await page.mouse.move(0, 0);
  await page.waitForTimeout(settledMs);
  const path = join(into, `${name}.png`);
  await page.screenshot({ path, animations: 'disabled', caret: 'hide' });
  const { size } = statSync(path);
  console.log(`${path}  ${Math.round(size / 1_000)} kB`);
  if (size > bytesMax) throw new Error(`${path} is larger than ${bytesMax / 1_000} kB`);
};

if (!browserPath) throw new Error('Pictures need a Chromium: install one, or set CHROMIUM_PATH.');
mkdirSync(into, { recursive: true });
const [server, browser] = await Promise.all([startEmbedded(), launch()]);
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

const goTo = (page: Page, place: string) =>
  page.evaluate((hash) => {
    location.hash = hash;
  }, place);

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

const operations = async (page: Page, names: { light: string; dark?: string }): Promise<void> => {
  await goTo(page, '#/operations');
  await page.reload();
  await byId(page, 'problem').first().waitFor();
  await byId(page, 'dead-letter').first().waitFor();
  await byId(page, 'conversation-row').first().waitFor({ state: 'attached' });
  await picture(page, names.light);
  if (!names.dark) return;
  await page.emulateMedia({ colorScheme: 'dark' });
  await picture(page, names.dark);
};

try {
  await everybodyComes(url);
  await rememberEarlier(server);
  const { tripId, crewId } = await talk();
  const [onDesktop, onPhone] = [await device(desktop), await device(phone)];
  await picture(onDesktop.page, 'sign-in');
  for (const { page } of [onDesktop, onPhone]) await signIn(page);
  await inConversation(onDesktop.page, tripId, { light: 'chat', dark: 'chat-dark' });
  await inConversation(onPhone.page, tripId, { light: 'phone' });
  await searching(onDesktop.page);
  await statistics(onDesktop.page, crewId);
  await playback(onDesktop.page, tripId);
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
