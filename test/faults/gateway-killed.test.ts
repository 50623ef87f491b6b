// kill -9 of a gateway under load: its clients go to the other one, which has not noticed.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { closeScene, openScene, type Scene, underLoad, unnoticedMs } from './scene.ts';

let scene: Scene;
beforeAll(async () => {
  scene = await openScene();
});
afterAll(() => closeScene(scene));

it('loses and doubles nothing when a gateway is killed, twice, and those at the other go on', async () => {
  const { cluster } = scene;
  const { silenceMs } = await underLoad(cluster, async (load) => {
    for (const role of ['gateway-1', 'gateway-2'] as const) {
      await cluster.process(role).kill('SIGKILL');
      await load.during(2_000);
      await cluster.process(role).start();
      await load.during(1_000);
    }
  });
  expect(silenceMs).toBeLessThan(unnoticedMs);
});

it('loses and doubles nothing when a gateway is told to stop: 1012 for everybody, and an end by itself', async () => {
  const { cluster } = scene;
  await underLoad(cluster, async (load) => {
    expect(await cluster.process('gateway-1').kill('SIGTERM', 30_000)).toEqual({ code: 0, signal: null });
    await load.during(1_000);
    await cluster.process('gateway-1').start();
    expect(load.clients.flatMap(({ closes }) => closes)).toContain(1012);
  });
});
