// kill -9 of brokers under load: one of three that leads, then the only one.
import { afterEach, expect, it } from 'vitest';
import { sleep } from '../client/eventually.ts';
import { closeScene, openScene, type Scene, underLoad } from './scene.ts';

/** A new leader is chosen and found within this. */
const failoverWithinMs = 20_000;

let scene: Scene | undefined;
afterEach(async () => {
  await closeScene(scene);
  scene = undefined;
});

it('loses and doubles nothing when one of three brokers, a leader of every third partition, is killed', async () => {
  scene = await openScene({ brokers: 3 });
  const { stack, cluster } = scene;
  const { silenceMs } = await underLoad(
    cluster,
    async (load) => {
      await stack.kill('kafka', 'SIGKILL', { broker: 1 });
      await sleep(12_000);
      await stack.start('kafka', { broker: 1 });
      await load.during(3_000);
    },
    // So many that the dead one leads the partition of some.
    { perSecond: 100, conversations: 12 },
  );
  expect(silenceMs).toBeLessThan(failoverWithinMs);
});

it('acknowledges nothing while the only broker is dead, and loses and doubles nothing', async () => {
  scene = await openScene();
  const { stack, cluster } = scene;
  await underLoad(
    cluster,
    async (load) => {
      await stack.kill('kafka', 'SIGKILL');
      await sleep(2_000);
      const dead = performance.now();
      await sleep(2_000);
      expect(load.longestSilence(dead, performance.now())).toBeGreaterThan(1_900);
      await stack.start('kafka');
      await sleep(8_000);
    },
    { perSecond: 100 },
  );
});
