// How does the client feel, in a real Chromium on the same machine: what it loads first, how soon there is a list, how soon
// a conversation of a hundred thousand messages is open, what scrolling through it costs, and how it answers keys meanwhile.
import { once } from 'node:events';
import { createReadStream, createWriteStream, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createGunzip, gzipSync } from 'node:zlib';
import type { Browser, CDPSession, Page } from 'playwright-core';
import { browserPath, byId, launch, openPage } from '../web/test/browser.ts';
import { historyFile, importAs } from './import.ts';
import { call, Peer, type Person } from './lib/peer.ts';
import { type Row, timesOf } from './lib/stats.ts';
import type { Target } from './lib/target.ts';

const password = 'a long enough password';
const messagesMax = 100_000;
const rounds = 10;
/** The browser's own measure of what a person feels as a halt. */
const longTaskMs = 50;
const arriving = { perSecond: 200, seconds: 15, writers: 4 };
const typedEveryMs = 120;
const rowsToScroll = 5_000;

export const web = async (target: Target): Promise<Row[]> => {
  if (!browserPath) throw new Error('this needs a Chromium: install one, or set CHROMIUM_PATH');
  const username = `reader-${crypto.randomUUID().slice(0, 8)}`;
  const reader = await signUp(target, username);
  const { count } = await importAs(target, username, await firstOf(await historyFile(), messagesMax));
  await readAll(target, reader);
  const browser = await launch();
  try {
    const name = `${target.name}: `;
    const started = await starting(browser, target, username);
    const page = await signedIn(browser, target, username);
    const rows = [
      ...started,
      await opening(page, count),
      ...(await scrolling(page)),
      await typing(page, target, reader),
    ];
    return rows.map((row) => ({ ...row, what: `${name}${row.what}` }));
  } finally {
    await browser.close();
  }
};

const signUp = async (target: Target, username: string): Promise<Person> => {
  const { user, accessToken } = await call<{ user: { id: string }; accessToken: string }>(
    target.url,
    'POST',
    '/users',
    undefined,
    { username, password },
  );
  return { id: user.id, username, token: accessToken };
};

/** So that the conversation opens at its end, as it does for somebody who uses it daily. */
const readAll = async ({ url }: Target, { token }: Person): Promise<void> => {
  const { items } = await call<{ items: { lastMessage: { id: string } | null }[] }>(
    url,
    'GET',
    '/conversations',
    token,
  );
  for (const { lastMessage } of items)
    if (lastMessage) await call(url, 'PUT', `/messages/${lastMessage.id}/read`, token);
};

/** The first lines of a history, which may be compressed. */
const firstOf = async (file: string, count: number): Promise<string> => {
  const path = join(mkdtempSync(join(tmpdir(), 'chatvui-bench-web-')), 'history.jsonl');
  const out = createWriteStream(path);
  const raw = createReadStream(file);
  const lines = createInterface({ input: file.endsWith('.gz') ? raw.pipe(createGunzip()) : raw });
  let taken = 0;
  for await (const line of lines) {
    if (taken++ === count) break;
    if (!out.write(`${line}\n`)) await once(out, 'drain');
  }
  raw.destroy();
  out.end();
  await once(out, 'finish');
  return path;
};

const fillIn = async (page: Page, username: string): Promise<void> => {
  await byId(page, 'username').fill(username);
  await byId(page, 'password').fill(password);
};

const signedIn = async (browser: Browser, target: Target, username: string): Promise<Page> => {
  const { page } = await open(browser, target.url);
  await fillIn(page, username);
  await byId(page, 'submit').click();
  await byId(page, 'conversation-row').first().waitFor();
  return page;
};

/** From the click to the frame in which the element is painted, measured inside the page. */
const untilPainted = (page: Page, click: string, shown: string): Promise<number> =>
  page.evaluate(
    ([from, to]) =>
      new Promise<number>((resolve) => {
        const began = performance.now();
        const look = () => {
          if (!document.querySelector(to as string)) return void requestAnimationFrame(look);
          requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - began)));
        };
        document.querySelector<HTMLElement>(from as string)?.click();
        look();
      }),
    [click, shown],
  );

/** A page of its own; the runner of this file names functions by a helper that no page has. */
const open = async (browser: Browser, url: string) => {
  const opened = await openPage(browser, 'about:blank', { viewport: { width: 1280, height: 900 } });
  await opened.page.addInitScript('globalThis.__name = (named) => named');
  await opened.page.goto(url);
  return opened;
};

const testId = (id: string) => `[data-testid="${id}"]`;

const starting = async (browser: Browser, target: Target, username: string): Promise<Row[]> => {
  const first: number[] = [];
  const again: number[] = [];
  let bytes = 0;
  for (let round = 0; round < rounds; round++) {
    const scripts: Promise<Buffer>[] = [];
    const { page, context } = await open(browser, 'about:blank');
    page.on('response', (response) => {
      if (response.request().resourceType() === 'script') scripts.push(response.body());
    });
    await page.goto(target.url);
    await fillIn(page, username);
    const loaded = (await Promise.all(scripts)).reduce((sum, body) => sum + gzipSync(body).length, 0);
    bytes = Math.max(bytes, loaded);
    first.push(await untilPainted(page, testId('submit'), testId('conversation-row')));
    // What it keeps is written a moment later.
    await page.waitForTimeout(1_500);
    await page.reload({ waitUntil: 'commit' });
    await byId(page, 'conversation-row').first().waitFor();
    again.push(await page.evaluate(() => performance.now()));
    await context.close();
  }
  return [
    { what: 'JavaScript of the first load', note: `${(bytes / 1_000).toFixed(1)} kB compressed` },
    {
      what: 'from signing in to the list of conversations',
      times: timesOf(first),
      note: `${rounds} rounds; the password is hashed in them`,
    },
    { what: 'from opening the page again to the list', times: timesOf(again), note: `${rounds} rounds` },
  ];
};

const opening = async (page: Page, count: number): Promise<Row> => {
  const samples: number[] = [];
  for (let round = 0; round < rounds; round++) {
    await page.goto(`${page.url().split('#')[0]}#/`);
    await page.reload();
    await byId(page, 'conversation-row').first().waitFor();
    samples.push(await untilPainted(page, testId('conversation-row'), testId('message-row')));
  }
  return {
    what: `opening a conversation of ${count.toLocaleString('en-US')} messages`,
    times: timesOf(samples),
    note: `${rounds} rounds, nothing of it in memory`,
  };
};

type Watched = { tasks: number[]; keys: number[] };
declare global {
  var benchWatched: Watched;
}

/** From now on the page notes its long tasks and how long keys took from being pressed to being painted. */
const watch = (page: Page): Promise<void> =>
  page.evaluate(() => {
    globalThis.benchWatched = { tasks: [], keys: [] };
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) globalThis.benchWatched.tasks.push(duration);
    }).observe({ type: 'longtask' });
    new PerformanceObserver((list) => {
      for (const { name, duration } of list.getEntries())
        if (name === 'keydown') globalThis.benchWatched.keys.push(duration);
    }).observe({ type: 'event', durationThreshold: 16 } as PerformanceObserverInit);
  });
const watched = (page: Page): Promise<Watched> => page.evaluate(() => globalThis.benchWatched);

const heapMB = async (client: CDPSession): Promise<number> => {
  await client.send('HeapProfiler.collectGarbage');
  const { usedSize } = await client.send('Runtime.getHeapUsage');
  return usedSize / 1_000_000;
};

const scrolling = async (page: Page): Promise<Row[]> => {
  const client = await page.context().newCDPSession(page);
  const list = byId(page, 'message-list');
  await list.hover();
  await watch(page);
  const heaps: number[] = [];
  const seen = new Set<string>();
  const frames: number[] = [];
  while (seen.size < rowsToScroll) {
    await page.mouse.wheel(0, -800);
    const { ids, ms } = await page.evaluate(
      () =>
        new Promise<{ ids: string[]; ms: number }>((resolve) => {
          const began = performance.now();
          requestAnimationFrame(() => {
            const ids = [...document.querySelectorAll<HTMLElement>('[data-message-id]')].map(
              ({ dataset }) => dataset.messageId ?? '',
            );
            setTimeout(() => resolve({ ids, ms: performance.now() - began }));
          });
        }),
    );
    frames.push(ms);
    for (const id of ids) seen.add(id);
    if (seen.size >= (rowsToScroll / 5) * (heaps.length + 1)) heaps.push(await heapMB(client));
  }
  const { tasks } = await watched(page);
  const long = tasks.filter((ms) => ms > longTaskMs);
  return [
    {
      what: `scrolling back through ${rowsToScroll.toLocaleString('en-US')} messages, a frame`,
      times: timesOf(frames),
      note: `${long.length} tasks over ${longTaskMs} ms${long.length > 0 ? `, the longest ${Math.round(Math.max(...long))} ms` : ''}`,
    },
    {
      what: 'memory of the page meanwhile',
      note: `${heaps.map((mb) => mb.toFixed(1)).join(', ')} MB after each thousand`,
    },
  ];
};

/** Others write into the open conversation while the person types. */
const typing = async (page: Page, target: Target, reader: Person): Promise<Row> => {
  const { items } = await call<{ items: { id: string }[] }>(
    target.url,
    'GET',
    '/conversations',
    reader.token,
  );
  const conversationId = items[0]?.id ?? '';
  const peers = await Promise.all(
    Array.from({ length: arriving.writers }, async () => {
      const person = await signUp(target, `writer-${crypto.randomUUID().slice(0, 8)}`);
      const body = { userId: person.id };
      await call(target.url, 'POST', `/conversations/${conversationId}/members`, reader.token, body);
      return Peer.open(target.url, person);
    }),
  );
  await page.reload();
  await byId(page, 'message-row').first().waitFor();
  await byId(page, 'composer').focus();
  await watch(page);
  let sent = 0;
  const due = arriving.perSecond / 50;
  const timer = setInterval(() => {
    for (let n = 0; n < due; n++)
      peers[sent++ % peers.length]?.send({
        type: 'message',
        ref: crypto.randomUUID(),
        conversationId,
        content: `arriving ${sent}, with *some* words to be laid out and \`code\``,
      });
  }, 20);
  let typed = 0;
  const until = performance.now() + arriving.seconds * 1_000;
  while (performance.now() < until) {
    await page.keyboard.type('a');
    typed += 1;
    await page.waitForTimeout(typedEveryMs);
  }
  clearInterval(timer);
  for (const peer of peers) peer.close();
  const { keys, tasks } = await watched(page);
  // What took less than the browser tells of counts as that.
  const samples = [...keys, ...Array.from({ length: Math.max(0, typed - keys.length) }, () => 16)];
  const longest = tasks.length > 0 ? `, the longest task ${Math.round(Math.max(...tasks))} ms` : '';
  return {
    what: `a key, while ${arriving.perSecond} messages a second arrive`,
    times: timesOf(samples),
    note: `${typed} keys, ${sent.toLocaleString('en-US')} messages; 16 ms is the least that is told${longest}`,
  };
};
