// kill -9 of the one process of the embedded product under load, several times at moments of chance.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sleep } from '../client/eventually.ts';
import { type Embedded, printLogs, startEmbedded } from '../harness.ts';
import { check } from './check.ts';
import { Load } from './load.ts';

const kills = 5;

let server: Embedded;
beforeAll(async () => {
  server = await startEmbedded();
});
afterAll(() => server?.stop());

it(`loses and doubles nothing over ${kills} kills`, async () => {
  const load = await Load.prepare({ urls: server.urls, perSecond: 200 });
  try {
    load.start();
    for (let kill = 0; kill < kills; kill++) {
      await sleep(800 + load.random.below(1_500));
      await server.process.kill('SIGKILL');
      await sleep(load.random.below(300));
      await server.process.start();
    }
    await load.during(2_000);
    await load.quiesce();
    const { acked } = await check(load, server.urls);
    expect(acked).toBeGreaterThan(500);
  } catch (error) {
    printLogs(server);
    throw error;
  } finally {
    await load.end();
  }
});
