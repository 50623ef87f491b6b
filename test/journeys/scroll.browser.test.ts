// A long history under the reader's eye: the whole product, a real browser, and answers held back until the test says so.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { browserPath, byId, launch, openPage, painted } from '../../web/test/browser.ts';
import { Person, password } from '../client/person.ts';
import { type Embedded, startEmbedded } from '../harness.ts';
import { embeddedEnv, runImport } from './importing.ts';

/** More than a conversation holds in memory. */
const count = 1_300;
const people = 450;
const rowsMax = 90;
/** In memory, however far one has scrolled: a page may have come that is not bounded yet. */
const heldRowsMax = 1_100;

/** Numbered, of any height, with days, several writers in turn and alone, and answers far back. */
const lines = Array.from({ length: count }, (_, n) => ({
  id: `${n}`,
  at: new Date(1_600_000_000_000 + n * 17 * 60_000).toISOString(),
  from: `writer-${n < people ? n : ((n / 3) | 0) % 7}`,
  text: `#${n} ${'một vài từ '.repeat((n * n) % 23)}${n % 40 === 0 ? '\n\n…' : ''}`.trim(),
  ...(n > 200 && n % 9 === 0 ? { replyTo: `${n - 150}` } : {}),
}));

type Shown = { number: number; top: number };

/** The rows that exist, from above to below, and where they are on the screen. */
const shown = (page: Page): Promise<Shown[]> =>
  byId(page, 'message-row').evaluateAll((rows) =>
    rows.map((row) => ({
      number: Number(row.querySelector('[data-testid="message-text"]')?.textContent?.match(/^#(\d+)/)?.[1]),
      top: row.getBoundingClientRect().top,
    })),
  );

/** Less than half a screen, so that a slow frame shows no gap that is not there. */
const wheel = async (page: Page): Promise<void> => {
  await page.mouse.wheel(0, -450);
  await painted(page);
};

/**
 * Until looks in a row see the same, with frames painted between them: rows are measured and put right within a frame,
 * and on a loaded machine two looks fall into one.
 */
const atRest = async (page: Page): Promise<Shown[]> => {
  let last = '';
  for (let alike = 0; ; ) {
    await painted(page);
    await page.waitForTimeout(30);
    const rows = await shown(page);
    const now = JSON.stringify(rows);
    alike = now === last ? alike + 1 : 0;
    if (alike === 3) return rows;
    last = now;
  }
};

describe.runIf(browserPath)('a long history in a browser', () => {
  const dir = mkdtempSync(join(tmpdir(), 'chatvui-scroll-test-'));
  let server: Embedded;
  let browser: Browser;
  let page: Page;
  beforeAll(async () => {
    [server, browser] = await Promise.all([startEmbedded(), launch()]);
    const { user } = await Person.register(server.url, 'reader');
    const file = join(dir, 'long.jsonl');
    writeFileSync(file, lines.map((line) => JSON.stringify(line)).join('\n'));
    await server.process.kill('SIGTERM');
    const { code, output } = await runImport(embeddedEnv(server.dataDir), [file, '--as', user.username]);
    expect(code, output).toBe(0);
    await server.process.start();
    ({ page } = await openPage(browser, server.url, { viewport: { width: 1280, height: 1_000 } }));
    await byId(page, 'username').fill(user.username);
    await byId(page, 'password').fill(password);
    await byId(page, 'submit').click();
    await byId(page, 'conversation-row').click();
    // All of it is new, so it opens at the beginning.
    await byId(page, 'message-list').locator('text=#0').first().waitFor();
    await byId(page, 'to-newest').click();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  it('shows every message once and in order, and what loads above moves nothing that is being read', async () => {
    let release = () => {};
    await page.route(/\/messages\?.*before=/, async (route) => {
      await new Promise<void>((go) => {
        release = go;
      });
      await route.continue();
    });
    const list = byId(page, 'message-list');
    const first = () => list.getAttribute('data-first');
    const isAtStart = async () => (await list.getAttribute('data-at-start')) === 'true';
    const seen = new Set<number>();
    const look = async () => {
      const rows = await shown(page);
      expect(rows.length).toBeLessThan(rowsMax);
      const [first] = rows;
      expect(rows.map(({ number }) => number)).toEqual(rows.map((_, i) => (first?.number ?? 0) + i));
      for (const { number } of rows) seen.add(number);
    };
    await list.locator(`text=#${count - 1}`).waitFor();
    await list.hover();
    await atRest(page);
    await look();
    while (!(await isAtStart())) {
      const before = await first();
      while ((await list.evaluate(({ scrollTop }) => scrollTop)) > 400) {
        await wheel(page);
        await look();
      }
      const rows = await atRest(page);
      const eye = rows.find(({ top }) => top > 300) as Shown;
      release();
      const hasMore = async () => (await first()) !== before || (await isAtStart());
      await expect.poll(hasMore, { timeout: 10_000 }).toBe(true);
      expect(Number(await list.getAttribute('data-rows'))).toBeLessThanOrEqual(heldRowsMax);
      const after = (await atRest(page)).find(({ number }) => number === eye.number);
      expect(Math.abs((after?.top ?? Number.NaN) - eye.top), `#${eye.number}`).toBeLessThan(2);
    }
    for (let turn = 0; turn < 60 && !seen.has(0); turn++) {
      await wheel(page);
      await look();
    }
    expect(lines.filter((_, n) => !seen.has(n)).map(({ text }) => text)).toEqual([]);
  });

  it('shows every member of a large group to who scrolls through them', async () => {
    await byId(page, 'members-button').click();
    await byId(page, 'member-row').first().waitFor();
    const list = byId(page, 'member-panel').getByRole('region');
    const seen = new Set<string | null>();
    await expect
      .poll(
        async () => {
          const rows = await byId(page, 'member-row').evaluateAll((all) =>
            all.map((row) => row.getAttribute('data-user-id')),
          );
          expect(rows.length).toBeLessThan(rowsMax);
          for (const id of rows) seen.add(id);
          await list.evaluate((region) => region.scrollBy(0, 300));
          await painted(page);
          return seen.size;
        },
        { timeout: 60_000, interval: 10 },
      )
      .toBe(people + 1);
  });
});
