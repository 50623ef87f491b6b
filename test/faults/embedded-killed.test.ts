// kill -9 of the one process of the embedded product under load, several times at moments of chance; one of them while an
// account is being deleted with all that it said.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually, sleep } from '../client/eventually.ts';
import { groupOf, Person, password } from '../client/person.ts';
import { type Embedded, printLogs, startEmbedded } from '../harness.ts';
import { check } from './check.ts';
import { Load } from './load.ts';

const kills = 5;
/** Deleted one by one: more than are gone before the kill. */
const said = 60;

let server: Embedded;
beforeAll(async () => {
  server = await startEmbedded();
});
afterAll(() => server?.stop());

it(`loses and doubles nothing over ${kills} kills, and whoever deleted their account is gone with all that they said`, async () => {
  // The first one here is the instance admin, and may not go.
  const stays = await Person.register(server.url);
  const leaver = await Person.register(server.url);
  const { id } = await groupOf(leaver, [stays]);
  for (let n = 0; n < said; n += 1) await leaver.api.send(id, `said ${n}`);
  const load = await Load.prepare({ urls: server.urls, perSecond: 200 });
  try {
    load.start();
    for (let kill = 0; kill < kills; kill++) {
      await sleep(800 + load.random.below(1_500));
      if (kill === 0) {
        await leaver.api.deleteAccount(leaver.id, { password, deleteMessages: true });
        await sleep(load.random.below(60));
      }
      await server.process.kill('SIGKILL');
      await sleep(load.random.below(300));
      await server.process.start();
    }
    await load.during(2_000);
    await load.quiesce();
    const { acked } = await check(load, server.urls);
    expect(acked).toBeGreaterThan(500);
    await eventually(
      async () => (await stays.api.conversation(id)).memberCount === 1,
      'the deletion that was killed is done',
      15_000,
    );
    const left = (await stays.api.wholeHistory(id)).filter(({ senderId }) => senderId === leaver.id);
    expect(left).toHaveLength(said);
    expect(left.filter(({ content, deletedAt }) => content !== '' || deletedAt === null)).toEqual([]);
  } catch (error) {
    printLogs(server);
    throw error;
  } finally {
    await load.end();
  }
});
