// One server or process after the other killed, stopped or put to sleep under load, all on one scene: people go on
// talking, nothing acknowledged is lost or doubled, and every view catches up exactly once. Each test heals what it broke.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Api } from '../client/api.ts';
import { eventually, sleep } from '../client/eventually.ts';
import { password, randomName } from '../client/person.ts';
import { printLogs } from '../harness.ts';
import { closeScene, openScene, type Scene, underLoad, unnoticedMs } from './scene.ts';
import { type Kill, Told } from './told.ts';

/** Longer than a group waits for a silent member. */
const asleepMs = 16_000;

let scene: Scene;
beforeAll(async () => {
  scene = await openScene();
});
afterAll(() => closeScene(scene));

describe('a gateway', () => {
  it('that is killed, twice, loses and doubles nothing, and those at the other go on', async () => {
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

  it('that is told to stop loses and doubles nothing: 1012 for everybody, and an end by itself', async () => {
    const { cluster } = scene;
    await underLoad(cluster, async (load) => {
      expect(await cluster.process('gateway-1').kill('SIGTERM', 30_000)).toEqual({ code: 0, signal: null });
      await load.during(1_000);
      await cluster.process('gateway-1').start();
      expect(load.clients.flatMap(({ closes }) => closes)).toContain(1012);
    });
  });
});

describe('a consumer', () => {
  for (const role of ['history', 'views'] as const)
    it(`of ${role === 'views' ? 'presence and what stands beside it' : role} that is dead keeps people talking, and catches up without gap or double`, async () => {
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

  // The sleeper wakes as a former owner in the middle of its work, and must write nothing.
  it('that sleeps through the loss of its partitions writes everything once', async () => {
    const { cluster } = scene;
    await cluster.process('history-2').start();
    try {
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
    } finally {
      await cluster.process('history-2').kill('SIGTERM');
    }
  });
});

describe('a worker of notifications', () => {
  it('that is killed at random, one of two, and whose push service is killed too, tells everybody of everything that is due, twice only under the same id after a kill, and nobody of what they have read', async () => {
    const { cluster } = scene;
    await cluster.process('notifications-2').start();
    const told = await Told.prepare(cluster.urls);
    const kills: Kill[] = [];
    try {
      told.start();
      for (let round = 0; round < 3; round++) {
        await sleep(300 + told.random.below(900));
        const process = cluster.process(told.random.one(['notifications', 'notifications-2']));
        const at = Date.now();
        await process.kill('SIGKILL');
        await process.start();
        kills.push({ at, backAt: Date.now() }, await told.loseService());
      }
      const verdict = await told.check(kills);
      console.log(
        `${verdict.told} notices of ${verdict.messages} messages, ${verdict.twice} pushes twice, ${verdict.unread} read before`,
      );
      expect(verdict.told).toBeGreaterThan(40);
    } catch (error) {
      printLogs(cluster);
      throw error;
    } finally {
      await told.end();
      await cluster.process('notifications-2').kill('SIGTERM');
    }
  });
});

describe('a server', () => {
  it('of the database that is dead keeps people talking, and loses and doubles nothing', async () => {
    const { cluster, stack } = scene;
    const { silenceMs } = await underLoad(cluster, async (load) => {
      await stack.kill('mysql', 'SIGKILL');
      await sleep(3_000);
      await stack.start('mysql');
      await load.during(1_000);
    });
    expect(silenceMs).toBeLessThan(unnoticedMs);
  });

  it('of Redis that is dead keeps people talking, and 15 s after its return it is known who is online', async () => {
    const { cluster, stack } = scene;
    const { silenceMs } = await underLoad(cluster, async (load) => {
      await stack.kill('redis', 'SIGKILL');
      await load.during(3_000);
      await stack.start('redis');
      await load.during(1_000);
      const [reader] = load.clients;
      const isListed = async () => {
        const listed = await reader?.person.at(cluster.urls[0] ?? '').active();
        const active = new Set(listed?.map(({ id }) => id));
        return load.clients.filter(({ person }) => active.has(person.id)).length >= load.clients.length - 2;
      };
      await eventually(isListed, 'everybody connected is listed as active', 15_000);
    });
    expect(silenceMs).toBeLessThan(unnoticedMs);
  });

  it('of the log that is the only one and dead acknowledges nothing, and loses and doubles nothing', async () => {
    const { cluster, stack } = scene;
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
});

describe('a mail server', () => {
  it('that is killed, at once and with a mail in its hand, still gets every mail: twice only what it had taken, under the same id', async () => {
    const { cluster, mail } = scene;
    const addresses: string[] = [];
    const register = async (count: number) => {
      for (let i = 0; i < count; i++) {
        const username = randomName('letter');
        await new Api(cluster.urls[i % 2] as string).register(username, password, `${username}@example.org`);
        addresses.push(`${username}@example.org`);
      }
    };
    await register(2);
    // It has taken one, and nobody knows.
    await Promise.all([mail.killAfterNext(), register(6)]);
    await sleep(1_500);
    await mail.start();
    await register(2);
    await mail.kill();
    await register(4);
    await mail.start();
    const idsOf = (address: string) =>
      mail.taken.filter(({ to }) => to === address).map((one) => one.messageId);
    await eventually(
      async () => addresses.every((address) => idsOf(address).length > 0),
      'everybody has got their mail',
      60_000,
    );
    for (const address of addresses) expect(new Set(idsOf(address)).size, address).toBe(1);
    expect(new Set(mail.taken.map(({ messageId }) => messageId)).size).toBe(addresses.length);
  });
});
