// Finding something said long ago in an imported history and going there: the whole product in a real browser.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { browserPath, byId, launch, openPage, rowWith } from '../../web/test/browser.ts';
import { Person, password } from '../client/person.ts';
import { type Embedded, startEmbedded } from '../harness.ts';
import { embeddedEnv, runImport } from './importing.ts';

const count = 900;
const start = Date.UTC(2021, 2, 1, 12);
const hourMs = 3_600_000;
const needle = 412;

/** One an hour from the first of March 2021; one of them about the night market. */
const lines = Array.from({ length: count }, (_, n) => ({
  id: `${n}`,
  at: new Date(start + n * hourMs).toISOString(),
  from: `writer-${n % 4}`,
  text:
    n === needle ? `#${n} hẹn nhau ở chợ đêm Đà Lạt` : `#${n} ${'một vài từ '.repeat((n * n) % 11)}`.trim(),
}));

const isInSight = (page: Page, text: string) =>
  expect
    .poll(
      async () => {
        const list = await byId(page, 'message-list').boundingBox();
        const row = await rowWith(page, text).first().boundingBox();
        // A list scrolls by whole pixels; its rows are not made of them.
        return list && row && row.y >= list.y - 1 && row.y + row.height <= list.y + list.height + 1;
      },
      { timeout: 15_000 },
    )
    .toBe(true);

describe.runIf(browserPath)('finding something said long ago', () => {
  const dir = mkdtempSync(join(tmpdir(), 'chatvui-search-test-'));
  let server: Embedded;
  let browser: Browser;
  let page: Page;
  beforeAll(async () => {
    [server, browser] = await Promise.all([startEmbedded(), launch()]);
    const { user } = await Person.register(server.url, 'reader');
    const file = join(dir, 'Trip.jsonl');
    writeFileSync(file, lines.map((line) => JSON.stringify(line)).join('\n'));
    await server.process.kill('SIGTERM');
    const { code, output } = await runImport(embeddedEnv(server.dataDir), [file, '--as', user.username]);
    expect(code, output).toBe(0);
    await server.process.start();
    ({ page } = await openPage(browser, server.url, { timezoneId: 'Asia/Ho_Chi_Minh' }));
    await byId(page, 'username').fill(user.username);
    await byId(page, 'password').fill(password);
    await byId(page, 'submit').click();
    await byId(page, 'conversation-row').waitFor();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  it('by a few words without accents and the keyboard alone; the message is shown, and a reload shows it again', async () => {
    await page.keyboard.press('Control+k');
    await page.keyboard.type('cho dem da lat');
    // The imported history is on its way into the index.
    await expect
      .poll(
        async () => {
          if (await byId(page, 'search-failed').isVisible()) await byId(page, 'search-retry').click();
          else if (await byId(page, 'search-empty').isVisible()) await page.keyboard.type(' ');
          return byId(page, 'search-hit').count();
        },
        { timeout: 30_000, interval: 500 },
      )
      .toBe(1);
    expect(await byId(page, 'search-highlight').allInnerTexts()).toEqual(['chợ', 'đêm', 'Đà', 'Lạt']);
    await page.keyboard.press('Control+k');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await isInSight(page, `#${needle} `);
    await page.reload();
    await isInSight(page, `#${needle} `);
    expect(await byId(page, 'message-list').getAttribute('data-at-start')).toBe('false');
  });

  it('by a day of the reader, and from there back to the beginning', async () => {
    await byId(page, 'conversation-menu').click();
    await byId(page, 'go-to-date').click();
    await byId(page, 'date-input').fill('2021-03-10');
    await byId(page, 'date-go').click();
    // Midnight in Hồ Chí Minh City is five in the afternoon of the day before in UTC.
    const first = (Date.UTC(2021, 2, 9, 17) - start) / hourMs;
    await isInSight(page, `#${first}`);
    await byId(page, 'date-separator').filter({ hasText: '10 March 2021' }).waitFor();
    const list = byId(page, 'message-list');
    await list.hover();
    const seen = new Set<number>();
    await expect
      .poll(
        async () => {
          for (const text of await byId(page, 'message-text').allInnerTexts())
            seen.add(Number(/^#(\d+)/.exec(text)?.[1]));
          await page.mouse.wheel(0, -500);
          return seen.has(0);
        },
        { timeout: 60_000, interval: 30 },
      )
      .toBe(true);
    expect(Array.from({ length: first }, (_, n) => n).filter((n) => !seen.has(n))).toEqual([]);
    await byId(page, 'to-newest').click();
    await isInSight(page, `#${count - 1}`);
  });
});
