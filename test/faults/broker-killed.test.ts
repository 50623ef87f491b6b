// kill -9 under load of one broker of three that leads.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sleep } from '../client/eventually.ts';
import { closeScene, openScene, type Scene, underLoad } from './scene.ts';

/** A new leader is chosen and found within this. */
const failoverWithinMs = 20_000;

let scene: Scene;
beforeAll(async () => {
  scene = await openScene({ brokers: 3 });
});
afterAll(() => closeScene(scene));

it('loses and doubles nothing when one of three brokers, a leader of every third partition, is killed', async () => {
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
