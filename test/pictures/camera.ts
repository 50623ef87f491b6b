// How the pictures are taken.
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';

export const desktop = { viewport: { width: 1280, height: 800 } };
export const phone = {
  viewport: { width: 375, height: 740 },
  deviceScaleFactor: 1.75,
  isMobile: true,
  hasTouch: true,
};

const into = 'docs/images';
const bytesMax = 280_000;
const settledMs = 700;

export const picture = async (page: Page, name: string): Promise<void> => {
  mkdirSync(into, { recursive: true });
  await page.mouse.move(0, 0);
  await page.waitForTimeout(settledMs);
  const path = join(into, `${name}.png`);
  await page.screenshot({ path, animations: 'disabled', caret: 'hide' });
  const { size } = statSync(path);
  console.log(`${path}  ${Math.round(size / 1_000)} kB`);
  if (size > bytesMax) throw new Error(`${path} is larger than ${bytesMax / 1_000} kB`);
};

export const goTo = (page: Page, place: string): Promise<void> =>
  page.evaluate((hash) => {
    location.hash = hash;
  }, place);
