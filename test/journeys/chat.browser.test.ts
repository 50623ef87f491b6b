// Two people in two real browsers, through the real gateways: what the whole product is for. Embedded at a desk, and on
// the real servers on a phone, each at a gateway of their own.
import { createHash, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { browserPath, byId, launch, openPage, signUp } from '../../web/test/browser.ts';
import { Person, randomName } from '../client/person.ts';
import { sharedStackEnv, startCluster, startEmbedded, type Target } from '../harness.ts';
import { pushing } from './pushing.ts';

const soonMs = 15_000;

const texts = (page: Page) => byId(page, 'message-text').allInnerTexts();
const shows = (page: Page, text: string) =>
  byId(page, 'message-text').filter({ hasText: text }).waitFor({ timeout: soonMs });
const write = async (page: Page, text: string): Promise<void> => {
  await byId(page, 'composer').fill(text);
  await byId(page, 'send').click();
};
/** Who is there has it a moment after it was sent. */
const sent = ':is([data-state="sent"], [data-state="delivered"])';
const inState = (page: Page, text: string, state: string) =>
  page
    .locator(`[data-testid="message-row"]${state === 'sent' ? sent : `[data-state="${state}"]`}`)
    .filter({ hasText: text })
    .waitFor({ timeout: soonMs });
const open = (page: Page, id: string) =>
  page.locator(`[data-testid="conversation-row"][data-conversation-id="${id}"]`).click({ timeout: soonMs });
const openedId = async (page: Page): Promise<string> =>
  (await byId(page, 'conversation').getAttribute('data-conversation-id', { timeout: soonMs })) ?? '';

const begin = async (page: Page, names: string[], groupName?: string): Promise<string> => {
  await byId(page, 'new-conversation').click();
  const dialog = byId(page, 'new-conversation-dialog');
  for (const name of names) {
    const found = dialog.locator(`[data-testid="person-result"][data-username="${name}"]`);
    // Who came at the other gateway is known here a moment later.
    await expect
      .poll(async () => {
        await dialog.locator('[data-testid="people-search"]').fill('');
        await dialog.locator('[data-testid="people-search"]').fill(name);
        return found.waitFor({ timeout: 2_000 }).then(
          () => true,
          () => false,
        );
      })
      .toBe(true);
    await found.click();
  }
  if (groupName) await byId(page, 'group-name').fill(groupName);
  await byId(page, 'start-conversation').click();
  await dialog.waitFor({ state: 'hidden', timeout: soonMs });
  return openedId(page);
};

const stage = (start: () => Promise<Target>, device: BrowserContextOptions) => {
  let target: Target;
  let browsers: Browser[] = [];
  beforeAll(async () => {
    [target, ...browsers] = await Promise.all([start(), launch(), launch()]);
  });
  afterAll(async () => {
    await Promise.all(browsers.map((browser) => browser.close()));
    await target?.stop();
  });

  const twoPeople = async () => {
    const names = [randomName('ann'), randomName('bob')] as const;
    const urls = [target.urls[0], target.urls.at(-1)] as const;
    const [one, two] = await Promise.all(
      browsers.map(async (browser, i) => {
        const opened = await openPage(browser, urls[i] as string, device);
        await signUp(opened.page, names[i] as string);
        return opened;
      }),
    );
    if (!one || !two) throw new Error('two browsers are needed');
    const close = async () => {
      for (const { context, complaints } of [one, two]) {
        await context.close();
        expect(complaints).toEqual([]);
      }
    };
    return { ann: one.page, bob: two.page, names, close };
  };
  /** Where Ann lives. */
  const home = () => ({
    url: target.urls[0] as string,
    process: target.processes[0] as Target['processes'][0],
  });
  const scene = () => ({ urls: target.urls, browser: browsers[0] as Browser });
  return { twoPeople, home, scene };
};

/** What must go wherever the product runs and whatever it is looked at with. */
const journeys = (start: () => Promise<Target>, device: BrowserContextOptions, store?: string) => {
  const { twoPeople, home, scene } = stage(start, device);

  it('find each other and talk: live both ways, typing, receipts, presence, unread counts', async () => {
    const { ann, bob, names, close } = await twoPeople();
    const id = await begin(ann, [names[1]]);
    await write(ann, 'Chào Bob, khỏe không? 👋');
    await inState(ann, 'Chào Bob', 'sent');

    const row = bob.locator(`[data-testid="conversation-row"][data-conversation-id="${id}"]`);
    await row.locator('[data-testid="unread-count"]').waitFor({ timeout: soonMs });
    expect(await row.locator('[data-testid="last-message"]').textContent()).toContain('Chào Bob');
    await open(bob, id);
    await shows(bob, 'Chào Bob, khỏe không? 👋');
    await inState(ann, 'Chào Bob', 'read');
    await row.locator('[data-testid="unread-count"]').waitFor({ state: 'hidden', timeout: soonMs });

    await ann.locator('[data-testid="open-status"][data-status="online"]').waitFor({ timeout: soonMs });
    await byId(bob, 'composer').pressSequentially('I am f', { delay: 20 });
    await ann.locator('[data-testid="typing-line"]', { hasText: names[1] }).waitFor({ timeout: soonMs });
    await byId(bob, 'composer').press('Enter');
    await shows(ann, 'I am f');
    await write(bob, '<b>not bold</b> & "quoted"');
    await shows(ann, '<b>not bold</b> & "quoted"');

    await bob.close();
    await ann.locator('[data-testid="open-status"][data-status="offline"]').waitFor({ timeout: 20_000 });
    await close();
  });

  it('make a group, answer, react, edit and delete; a reload keeps everything', async () => {
    const { ann, bob, names, close } = await twoPeople();
    const third = await Person.register(home().url, 'cem');
    const id = await begin(ann, [names[1], third.user.username], 'Lunch');
    await write(ann, 'where do we eat');
    await open(bob, id);
    await shows(bob, 'where do we eat');
    expect(await byId(bob, 'open-title').textContent()).toBe('Lunch');

    await byId(bob, 'message-row').last().hover();
    await byId(bob, 'message-actions').last().click();
    await byId(bob, 'react').first().click();
    await byId(ann, 'reaction').first().waitFor({ timeout: soonMs });

    await third.api.send(id, 'phở, as always');
    await shows(ann, 'phở, as always');
    await write(ann, 'good ide');
    await shows(bob, 'good ide');
    await byId(ann, 'message-row').last().hover();
    await byId(ann, 'message-actions').last().click();
    await byId(ann, 'edit-message').click();
    await write(ann, 'good idea');
    await shows(bob, 'good idea');
    await byId(bob, 'edited').waitFor({ timeout: soonMs });

    const before = await texts(ann);
    await ann.reload();
    await shows(ann, 'good idea');
    expect(await texts(ann)).toEqual(before);
    expect(await openedId(ann)).toBe(id);
    await byId(ann, 'reaction').first().waitFor({ timeout: soonMs });
    await close();
  });

  it('go on by themselves when the server is killed and comes back; what was written meanwhile is sent once', async () => {
    const { ann, bob, names, close } = await twoPeople();
    const id = await begin(ann, [names[1]]);
    await write(ann, 'before');
    await open(bob, id);
    await shows(bob, 'before');
    await home().process.kill('SIGKILL');
    await byId(ann, 'banner').waitFor({ timeout: soonMs });
    await write(ann, 'written while it was away');
    await inState(ann, 'written while it was away', 'sending');
    await home().process.start();
    await byId(ann, 'try-now')
      .click({ timeout: 2_000 })
      .catch(() => {});
    await shows(bob, 'written while it was away');
    await write(bob, 'after');
    await shows(ann, 'after');
    await byId(ann, 'banner').waitFor({ state: 'hidden', timeout: soonMs });
    for (const page of [ann, bob])
      await expect.poll(() => texts(page)).toEqual(['before', 'written while it was away', 'after']);
    await close();
  });

  it(`send a file that is too large for one request in parts, ${store ? 'straight to the store' : 'through the gateway'}, and the other gets all of it`, async () => {
    const { ann, bob, names, close } = await twoPeople();
    const id = await begin(ann, [names[1]]);
    const takers: string[] = [];
    ann.on('request', (request) => {
      const { origin, pathname, searchParams } = new URL(request.url());
      const isPart = searchParams.has('partNumber') || pathname.includes('/parts/');
      if (request.method() === 'PUT' && isPart) takers.push(origin);
    });
    const bytes = randomBytes(9_000_000);
    const file = { name: 'large.bin', mimeType: 'application/octet-stream', buffer: bytes };
    await byId(ann, 'file-input').setInputFiles([file]);
    await ann.locator('[data-testid="tray-file"][data-state="done"]').waitFor({ timeout: 60_000 });
    await byId(ann, 'send').click();
    expect(takers).toEqual([store ?? home().url, store ?? home().url]);
    await open(bob, id);
    const saving = bob.waitForEvent('download');
    await byId(bob, 'download').click({ timeout: soonMs });
    const hash = (of: Buffer) => createHash('sha256').update(of).digest('hex');
    expect(hash(await readFile(await (await saving).path()))).toBe(hash(bytes));
    await close();
  });
  pushing(scene);
  return { twoPeople, home };
};

const env = sharedStackEnv();
/** The push service of the tests is on this machine. */
const here = { OUTBOUND_ALLOW: '127.0.0.1' };
/** Browsers send large files there themselves, across origins. */
const store = env?.S3_PUBLIC_URL ? new URL(env.S3_PUBLIC_URL).origin : undefined;
const phone = { viewport: { width: 375, height: 740 }, hasTouch: true, isMobile: true };

describe.runIf(browserPath && env)('two browsers, on a phone and on the real servers', () => {
  journeys(() => startCluster({ ...env, ...here }), phone, store);
});

describe.runIf(browserPath)('two browsers, at a desk', () => {
  const { twoPeople, home } = journeys(() => startEmbedded({ env: here }), {});

  it('scroll back through a long history to its beginning, without gap or double', async () => {
    const { ann, names, close } = await twoPeople();
    const bob = await Person.online(home().url, 'writer');
    const count = 230;
    const me = (await bob.api.users({ q: names[0] })).items[0];
    const { id } = await bob.api.createDirect(me?.id ?? '');
    for (let i = 0; i < count; i++) await bob.say(id, `line ${i}.`);
    await open(ann, id);
    // So much is new that it opens at the first of it.
    await shows(ann, 'line 0.');
    await byId(ann, 'to-newest').click({ timeout: soonMs });
    await shows(ann, `line ${count - 1}.`);
    const seen = new Set<string>();
    const list = byId(ann, 'message-list');
    await list.hover();
    for (let turn = 0; turn < 200 && !seen.has('line 0.'); turn++) {
      for (const text of await texts(ann)) seen.add(text);
      await ann.mouse.wheel(0, -600);
      await ann.waitForTimeout(60);
    }
    expect(await list.getAttribute('data-rows')).toBe(String(count));
    expect(await list.getAttribute('data-at-start')).toBe('true');
    const wanted = Array.from({ length: count }, (_, i) => `line ${i}.`);
    expect(wanted.filter((line) => !seen.has(line))).toEqual([]);
    bob.close();
    await close();
  });
});
