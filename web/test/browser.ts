// What the browser tests share: a browser, the built client, and people who use it.
import { existsSync } from 'node:fs';
import { cp, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import AxeBuilder from '@axe-core/playwright';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { build } from 'vite';
import { isHalfBuilt } from '../../bin/fingerprint.mjs';

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
export const browserPath = [process.env.CHROMIUM_PATH ?? '', ...places].find(
  (path) => path && existsSync(path),
);

export const launch = (): Promise<Browser> =>
  chromium.launch({
    executablePath: browserPath ?? '',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The client as its sources are now, in a folder of its own: a copy of what `npm run build` has made of them, or built anew. */
export const buildClient = async (): Promise<string> => {
  const outDir = await mkdtemp(join(tmpdir(), 'chatvui-web-'));
  if (isHalfBuilt(root, 'web')) {
    await cp(join(root, 'dist/web'), outDir, { recursive: true });
    return outDir;
  }
  const configFile = fileURLToPath(new URL('../vite.config.ts', import.meta.url));
  await build({ configFile, build: { outDir }, logLevel: 'warn' });
  return outDir;
};

/** What was done before has been drawn. */
export const painted = (page: Page) =>
  page.evaluate(
    () =>
      new Promise<void>((done) => {
        requestAnimationFrame(() => requestAnimationFrame(() => done()));
        // Nobody paints a page that is being hidden.
        setTimeout(done, 500);
      }),
  );

export const byId = (page: Page, id: string) => page.locator(`[data-testid="${id}"]`);

/** A person with a browser of their own; anything the page complains about is kept. */
export const openPage = async (browser: Browser, url: string, options: BrowserContextOptions = {}) => {
  const context = await browser.newContext({ locale: 'en-GB', ...options });
  // Asked once in each browser, and each of these is new: it would lie over what a test looks at.
  await context.addInitScript(() => {
    try {
      localStorage.setItem('chatvui.push-offered', 'yes');
    } catch {
      // A page of nobody's has no storage.
    }
  });
  const page = await context.newPage();
  const complaints = complaintsOf(page);
  await page.goto(url);
  return { context, page, complaints };
};

/** Anything that this page complains about from now on. */
export const complaintsOf = (page: Page, complaints: string[] = []): string[] => {
  page.on('pageerror', (error) => complaints.push(error.stack ?? error.message));
  page.on('console', (line) => {
    // A failed load is the network's news; the client shows it in its own words.
    if (
      line.type() === 'error' &&
      !line.text().startsWith('Failed to load resource') &&
      !line.text().includes('WebSocket') &&
      // The machine has no sound device: nobody's fault.
      !line.text().startsWith('The AudioContext encountered an error from the audio device')
    )
      complaints.push(line.text());
  });
  return complaints;
};

export const signUp = async (page: Page, username: string): Promise<void> => {
  await byId(page, 'to-register').click();
  await byId(page, 'username').fill(username);
  await byId(page, 'password').fill('correct horse');
  await byId(page, 'submit').click();
  await byId(page, 'my-name').waitFor();
};

export const say = async (page: Page, text: string): Promise<void> => {
  await byId(page, 'composer').fill(text);
  await byId(page, 'composer').press('Enter');
};

export const startChatWith = async (page: Page, username: string): Promise<void> => {
  await byId(page, 'conversation-search').fill(username);
  await page.locator(`[data-testid="person-result"][data-username="${username}"]`).click();
  await byId(page, 'composer').waitFor();
  // What comes before the messages are there is new to the person, and then the list opens elsewhere.
  await byId(page, 'message-list').locator('ol').waitFor({ state: 'attached' });
};

export const rowWith = (page: Page, text: string) => byId(page, 'message-row').filter({ hasText: text });

/** What axe finds wrong on the page, or within one part of it: the rule and the elements. What fades in has arrived before. */
export const axeFindings = async (page: Page, within = 'html'): Promise<[string, string[]][]> => {
  await page.evaluate(() =>
    Promise.all(
      document
        .getAnimations()
        .filter(({ effect }) => effect?.getComputedTiming().endTime !== Number.POSITIVE_INFINITY)
        .map(({ finished }) => finished.catch(() => undefined)),
    ),
  );
  const { violations } = await new AxeBuilder({ page }).include(within).analyze();
  return violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]);
};
