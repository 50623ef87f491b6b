// What a browser test of the client stands on: the client as it is built, one browser for the file, and a gateway in memory.
// Apart from browser.ts, which is used outside of tests too.
import { rm } from 'node:fs/promises';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { buildClient, launch } from './browser.ts';
import { type FakeGateway, startFakeGateway } from './fake-gateway.ts';

export type ClientScene = { webDir: string; browser: Browser; gateway: FakeGateway };

const setUpMs = 120_000;

/**
 * Call it inside `describe`. A gateway for `each` test, or one for `all` of them; `take` is given the scene whenever there
 * is a new gateway. Whatever a test has opened is closed after it.
 */
export const onClientScene = (gateways: 'each' | 'all', take: (scene: ClientScene) => void): void => {
  let webDir: string;
  let browser: Browser;
  let gateway: FakeGateway | undefined;
  const open = async () => {
    gateway = await startFakeGateway(webDir);
    take({ webDir, browser, gateway });
  };
  const close = async () => {
    await gateway?.close();
    gateway = undefined;
  };
  beforeAll(async () => {
    [webDir, browser] = await Promise.all([buildClient(), launch()]);
    if (gateways === 'all') await open();
  }, setUpMs);
  beforeEach(async () => {
    if (gateways === 'each') await open();
  });
  afterEach(async () => {
    for (const context of browser.contexts()) await context.close();
    if (gateways === 'each') await close();
  });
  afterAll(async () => {
    await browser?.close();
    await close();
    if (webDir) await rm(webDir, { recursive: true, force: true });
  });
};
