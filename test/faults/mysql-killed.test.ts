// kill -9 of MariaDB under load: sending and showing do not need it; history comes back exactly once.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sleep } from '../client/eventually.ts';
import { closeScene, openScene, type Scene, underLoad, unnoticedMs } from './scene.ts';

let scene: Scene;
beforeAll(async () => {
  scene = await openScene();
});
afterAll(() => closeScene(scene));

it('keeps people talking without the database, and loses and doubles nothing', async () => {
  const { cluster, stack } = scene;
  const { silenceMs } = await underLoad(cluster, async (load) => {
    await stack.kill('mysql', 'SIGKILL');
    await sleep(3_000);
    await stack.start('mysql');
    await load.during(1_000);
  });
  expect(silenceMs).toBeLessThan(unnoticedMs);
});
