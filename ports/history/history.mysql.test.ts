import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mysqlUrl, type OwnDatabase, ownDatabase } from '../sql/contract-mysql.ts';
import { historyContract } from './contract.ts';
import { copyContract } from './contract-copy.ts';
import { epoch, topic, worldIn } from './contract-world.ts';
import { openMysqlHistory } from './mysql.ts';
import type { HistoryStore } from './port.ts';

const away = { code: 'sql_unavailable', retry: 'later' };

describe.skipIf(!mysqlUrl())('history in MySQL', () => {
  let database: OwnDatabase;
  let store: HistoryStore;
  beforeAll(async () => {
    database = await ownDatabase();
    store = await openMysqlHistory({ url: database.url });
  });
  afterAll(async () => {
    await store?.close();
    await database?.drop();
  });

  historyContract(() => store);
  copyContract(async () => {
    const own = await ownDatabase();
    const fresh = await openMysqlHistory({ url: own.url });
    return {
      store: fresh,
      run: (statement) => own.run(statement),
      close: async () => {
        await fresh.close();
        await own.drop();
      },
    };
  });

  it('may be opened by several at once, also for the first time', async () => {
    const fresh = await ownDatabase();
    const stores = await Promise.all(Array.from({ length: 4 }, () => openMysqlHistory({ url: fresh.url })));
    await Promise.all(stores.map((one) => one.ping()));
    await Promise.all(stores.map((one) => one.close()));
    await fresh.drop();
  });

  it('recovers by itself after all connections were killed, losing and repeating nothing', async () => {
    const world = await worldIn(store);
    await world.open();
    let sent = 0;
    for (let round = 0; round < 5; round += 1) {
      const changes = Array.from({ length: 200 }, (_, i) => world.message()(world.place + i + 1));
      const committing = world.commit(changes, world.place + changes.length).then(
        () => null,
        (error: unknown) => error,
      );
      await database.killAll();
      const error = await committing;
      if (error !== null) expect(error).toMatchObject(away);
      // What a consumer does: claim again and go on from there. The first connection may be one that was just killed.
      await expect
        .poll(() =>
          store.ping().then(
            () => 'well',
            () => 'away',
          ),
        )
        .toBe('well');
      const before = world.place;
      await world.claim();
      expect([before, before + 200]).toContain(world.place);
      if (error === null) expect(world.place).toBe(before + 200);
      sent += world.place - before;
    }
    const { conversationId } = world;
    const page = await store.reader.page({ conversationId, visible: 'all', limit: 5_000 });
    expect(page).toHaveLength(sent);
  });

  it('says so when a connection is killed in the middle of an answer', async () => {
    const release = await database.lockTable('users');
    const asking = store.reader.users([randomUUID()]).catch((error: unknown) => error);
    await expect
      .poll(async () => {
        await database.killAll();
        return Promise.race([asking, Promise.resolve('waiting')]);
      })
      .toMatchObject(away);
    await release();
    await expect.poll(() => store.reader.users([randomUUID()]).catch(() => 'away')).toEqual([]);
  });

  it('says within its bound that an answer is slow, and works on when the server does', async () => {
    const slow = await openMysqlHistory({ url: database.url, queryTimeoutMs: 300, acquireTimeoutMs: 300 });
    const release = await database.lockTable('messages');
    const began = performance.now();
    const answers = await Promise.allSettled(
      Array.from({ length: 30 }, () => slow.reader.message(randomUUID())),
    );
    expect(performance.now() - began).toBeLessThan(5_000);
    for (const answer of answers) expect(answer).toMatchObject({ status: 'rejected', reason: away });
    await release();
    await expect.poll(() => slow.reader.message(randomUUID()).catch(() => 'away')).toBeNull();
    await slow.close();
  });

  it('says what is wrong with an address: nobody there, wrong password, no such form', async () => {
    const nobody = new URL(database.url);
    nobody.port = '1';
    await expect(openMysqlHistory({ url: nobody.href })).rejects.toMatchObject(away);
    const stranger = new URL(database.url);
    stranger.password = 'wrong';
    await expect(openMysqlHistory({ url: stranger.href })).rejects.toMatchObject({
      code: 'sql_failed',
      retry: 'never',
    });
    for (const url of ['nonsense', 'http://127.0.0.1/chat', 'mysql://127.0.0.1:3306']) {
      await expect(openMysqlHistory({ url })).rejects.toMatchObject({ code: 'sql_bad_url' });
    }
  });

  it('gives way to a reader that does not end: the places are changed another time', async () => {
    const own = await ownDatabase();
    const fresh = await openMysqlHistory({ url: own.url });
    const world = await worldIn(fresh);
    await world.open();
    const copy = await fresh.copy();
    const { fence } = await copy.writer.claim(topic, world.partition, epoch);
    const commit = { topic, partition: world.partition, fence, next: 1, changes: [], deadLetters: [] };
    await copy.writer.commit(commit);
    const at = { [topic]: await fresh.reader.applied(topic) };
    const release = await own.lockTable('messages');
    await expect(copy.holding(at, () => copy.take())).rejects.toMatchObject(away);
    await release();
    expect((await fresh.reader.conversation(world.conversationId)).stored).not.toBeNull();
    await world.send(1);
    expect(await fresh.beside()).toEqual({ begun: true, old: false });
    await fresh.close();
    await own.drop();
  });

  it('lets many partitions commit at once into shared tables', async () => {
    const worlds = await Promise.all(Array.from({ length: 8 }, () => worldIn(store)));
    await Promise.all(
      worlds.map(async (world) => {
        await world.open();
        for (let i = 0; i < 10; i += 1) await world.send(50);
      }),
    );
    const applied = await store.reader.applied(topic);
    for (const world of worlds) expect(applied[world.partition]).toBe(501);
  });
});
