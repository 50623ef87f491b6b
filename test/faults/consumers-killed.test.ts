// kill -9 of the projections under load: people go on talking, and the views catch up exactly once.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { closeScene, openScene, type Scene, underLoad, unnoticedMs } from './scene.ts';

let scene: Scene;
beforeAll(async () => {
  scene = await openScene();
});
afterAll(() => closeScene(scene));

for (const role of ['history', 'presence'] as const)
  it(`keeps people talking while ${role} is dead, and catches up without gap or double`, async () => {
    const { cluster } = scene;
    const { silenceMs } = await underLoad(cluster, async (load) => {
      for (let round = 0; round < 2; round++) {
        await cluster.process(role).kill('SIGKILL');
        await load.during(1_500);
        await cluster.process(role).start();
        await load.during(1_000);
      }
    });
    expect(silenceMs).toBeLessThan(unnoticedMs);
  });
