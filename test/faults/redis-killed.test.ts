// kill -9 of Redis under load: messages do not need it; presence is right again soon after.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../client/eventually.ts';
import { closeScene, openScene, type Scene, underLoad, unnoticedMs } from './scene.ts';

let scene: Scene;
beforeAll(async () => {
  scene = await openScene();
});
afterAll(() => closeScene(scene));

it('keeps people talking without Redis, and knows within 15 s of its return who is online', async () => {
  const { cluster, stack } = scene;
  const { silenceMs } = await underLoad(cluster, async (load) => {
    await stack.kill('redis', 'SIGKILL');
    await load.during(3_000);
    await stack.start('redis');
    await load.during(1_000);
    const [reader] = load.clients;
    await eventually(
      async () => {
        const active = new Set(
          (await reader?.person.at(cluster.urls[0] ?? '').active())?.map(({ id }) => id),
        );
        return load.clients.filter(({ person }) => active.has(person.id)).length >= load.clients.length - 2;
      },
      'everybody connected is listed as active',
      15_000,
    );
  });
  expect(silenceMs).toBeLessThan(unnoticedMs);
});
