// `npm run screenshots`: the pictures in docs/images, of the real product with people in it.
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { browserPath, byId, launch, openPage } from '../../web/test/browser.ts';
import { Api } from '../client/api.ts';
import { Person, password } from '../client/person.ts';
import { type Embedded, startEmbedded } from '../harness.ts';
import { embeddedEnv, runImport } from '../journeys/importing.ts';
import { crew, direct, live, me, others, trip, unreadInCrew } from './sample.ts';

const bytesMax = 150_000;
const desktop = { viewport: { width: 1280, height: 800 } };
const phone = {
  viewport: { width: 375, height: 740 },
  deviceScaleFactor: 1.75,
  isMobile: true,
  hasTouch: true,
};
const readers = ['Duy', 'Linh', 'Tom', 'Aisha'];
const into = 'docs/images';

const people = new Map<string, Person>();
const person = (name: string): Person => {
  const found = people.get(name);
  if (!found) throw new Error(`nobody is called ${name}`);
  return found;
};

const everybodyComes = async (url: string): Promise<void> => {
  for (const name of [me, ...others]) {
    const api = new Api(url);
    const { user } = await api.register(name, password);
    people.set(name, new Person(user, api));
  }
};

/** What was said before today: the server is stopped while its data folder gets it. */
const rememberEarlier = async ({ process, dataDir }: Embedded): Promise<void> => {
  const dir = mkdtempSync(join(tmpdir(), 'chatvui-pictures-'));
  await process.kill('SIGTERM');
  for (const { name, earlier } of [crew, trip]) {
    const lines = earlier.map(([minutesAgo, from, text, answers], id) => {
      const at = new Date(Date.now() - minutesAgo * 60_000).toISOString();
      return JSON.stringify({
        id: `${id}`,
        at,
        from,
        text,
        ...(answers === undefined ? {} : { replyTo: `${answers}` }),
      });
    });
    const file = join(dir, `${name}.jsonl`);
    writeFileSync(file, lines.join('\n'));
    const { code, output } = await runImport(embeddedEnv(dataDir), [file, '--as', me]);
    if (code !== 0) throw new Error(output);
  }
  rmSync(dir, { recursive: true });
  await process.start();
};

const talk = async (): Promise<string> => {
  for (const name of ['Duy', 'Linh', 'Aisha', 'Khang']) await person(name).connect();
  const { items } = await person(me).api.conversations();
  const idOf = (wanted: string) => items.find(({ name }) => name === wanted)?.id ?? '';
  for (const { with: other, lines } of direct) {
    const { id } = await person(me).api.createDirect(person(other).id);
    for (const [from, text] of lines) {
      const { id: messageId } = await person(from).api.send(id, text);
      if (from === me) await person(other).api.markRead(messageId);
      else if (other !== 'Linh') await person(me).api.markRead(messageId);
    }
  }
  // What was imported last is the last that she has read there.
  for (const { lastMessage } of items) if (lastMessage) await person(me).api.markRead(lastMessage.id);
  for (const [from, text] of unreadInCrew) await person(from).api.send(idOf(crew.name), text);
  const tripId = idOf(trip.name);
  for (const [from, text, reactions] of live) {
    const { id } = await person(from).api.send(tripId, text);
    for (const name of reactions?.[1] ?? []) await person(name).api.react(id, reactions?.[0] ?? '');
    for (const name of [me, ...readers]) await person(name).api.markRead(id);
  }
  return tripId;
};

const signIn = async (page: Page): Promise<void> => {
  await byId(page, 'username').fill(me);
  await byId(page, 'password').fill(password);
  await byId(page, 'submit').click();
  await byId(page, 'conversation-row').first().waitFor();
};

const picture = async (page: Page, name: string): Promise<void> => {
  await page.mouse.move(0, 0);
  const path = join(into, `${name}.png`);
  await page.screenshot({ path, animations: 'disabled', caret: 'hide' });
  const { size } = statSync(path);
  console.log(`${path}  ${Math.round(size / 1_000)} kB`);
  if (size > bytesMax) throw new Error(`${path} is larger than ${bytesMax / 1_000} kB`);
};

const inConversation = async (
  browser: Browser,
  url: string,
  id: string,
  name: string,
  options: BrowserContextOptions,
) => {
  const { page, context, complaints } = await openPage(browser, url, options);
  await signIn(page);
  await page.locator(`[data-conversation-id="${id}"]`).click();
  await byId(page, 'message-row').last().waitFor();
  // Typing is forgotten after some seconds, and said at most once in some.
  const typing = setInterval(() => person('Aisha').socket.send({ type: 'typing', conversationId: id }), 500);
  await byId(page, 'typing-line').filter({ hasText: 'Aisha' }).waitFor();
  await page.waitForTimeout(700);
  await picture(page, name);
  clearInterval(typing);
  await context.close();
  if (complaints.length > 0) throw new Error(complaints.join('\n'));
};

if (!browserPath) throw new Error('Pictures need a Chromium: install one, or set CHROMIUM_PATH.');
mkdirSync(into, { recursive: true });
const [server, browser] = await Promise.all([startEmbedded(), launch()]);
try {
  await everybodyComes(server.url);
  await rememberEarlier(server);
  const tripId = await talk();
  const { page, context } = await openPage(browser, server.url, desktop);
  await byId(page, 'username').waitFor();
  await picture(page, 'sign-in');
  await context.close();
  await inConversation(browser, server.url, tripId, 'chat', { ...desktop, colorScheme: 'light' });
  await inConversation(browser, server.url, tripId, 'chat-dark', { ...desktop, colorScheme: 'dark' });
  await inConversation(browser, server.url, tripId, 'phone', { ...phone, colorScheme: 'light' });
} finally {
  for (const one of people.values()) one.close();
  await browser.close();
  await server.stop();
}
