// SIGSTOP of a history consumer until another has taken its partitions over, then SIGCONT: the sleeper wakes as a
// former owner in the middle of its work, and must write nothing.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { closeScene, openScene, type Scene, underLoad, unnoticedMs } from './scene.ts';

let scene: Scene;
beforeAll(async () => {
  scene = await openScene();
});
afterAll(() => closeScene(scene));

/** Longer than a group waits for a silent member. */
const asleepMs = 16_000;

it('writes everything once when a consumer sleeps through the loss of its partitions', async () => {
  const { cluster } = scene;
  await cluster.process('history-2').start();
  const { silenceMs } = await underLoad(
    cluster,
    async (load) => {
      await cluster.process('history').kill('SIGSTOP');
      await load.during(asleepMs);
      await cluster.process('history').kill('SIGCONT');
      await load.during(2_000);
    },
    { perSecond: 100 },
  );
  expect(silenceMs).toBeLessThan(unnoticedMs);
  expect(cluster.process('history').isRunning).toBe(true);
});
