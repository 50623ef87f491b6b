// Busy use at full speed, the same choices each time; `npm run bench -- soak` does this for as long as one likes.
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { browserPath, launch } from '../../web/test/browser.ts';
import { type Embedded, startEmbedded } from '../harness.ts';
import { growthOf } from '../soak/compare.ts';
import { soak } from '../soak/soak.ts';

describe.runIf(browserPath)('a busy tab', () => {
  let server: Embedded;
  let browser: Browser;
  beforeAll(async () => {
    [server, browser] = await Promise.all([startEmbedded(), launch()]);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });

  it('shows after hundreds of actions what a new browser and the server say, and holds no more than before', async () => {
    const ground = {
      url: server.url,
      stop: () => server.process.kill('SIGTERM').then(() => undefined),
      start: () => server.process.start(),
    };
    const soaked = await soak(browser, ground, { seed: 4, actions: 300, seconds: 20, rows: 40 });
    const { differences, complaints } = soaked;
    expect({ differences, complaints, growth: growthOf(soaked.figures) }).toEqual({
      differences: [],
      complaints: [],
      growth: [],
    });
  });
});
