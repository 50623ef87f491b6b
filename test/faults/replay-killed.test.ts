// A projection made anew while people talk: killed in the middle, gone on with, equal in the end, and nobody notices. Then
// a thousand rows are damaged at random, and every one of them is named and mended.

import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { createConnection } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSqlite } from '../../ports/sqlite.ts';
import { startStack } from '../../stack/index.ts';
import { eventually } from '../client/eventually.ts';
import { seeded } from '../client/random.ts';
import { type Embedded, printLogs, startEmbedded, type Target } from '../harness.ts';
import { check } from './check.ts';
import { damagePresence, damageRows, digestOf, type RunSql } from './damage.ts';
import { Load } from './load.ts';
import { namedIn, readers, replay, replayProcess } from './replay-scene.ts';

const damagedRows = 1_000;

const rebuiltUnderLoad = async (target: Target, env: Record<string, string>): Promise<void> => {
  const load = await Load.prepare({ urls: target.urls, perSecond: 200, seed: 44 });
  let reading: ReturnType<typeof readers> | undefined;
  const first = replayProcess(env, 'rebuild', 'history', '--rate', '200');
  try {
    await sayEverything(load);
    load.start();
    await load.during(4_000);
    reading = readers(load);
    await first.start();
    await eventually(() => /\| [1-9]\d*\/\d+ \|/.test(first.log), 'some of it is there', 90_000);
    await first.kill('SIGKILL');
    expect((await replay(env, 'status')).said).toContain('history: a copy is begun');
    const { code, said } = await replay(env, 'rebuild', 'history');
    expect(said).toContain('Both were the same; the new one is live');
    expect(code).toBe(0);
    // It went on where it was.
    expect(said).not.toMatch(/replay.*\| 0\/\d+ \|/);
    await load.during(1_000);
    await load.quiesce();
    const { reads, failed } = await reading.stop();
    expect(failed).toEqual([]);
    expect(reads).toBeGreaterThan(50);
    await check(load, target.urls);
    expect((await replay(env, 'drop-old', 'history')).said).toContain('The old history is gone');
  } catch (error) {
    printLogs(target);
    throw error;
  } finally {
    await first.kill('SIGKILL');
    await reading?.stop();
    await load.end();
  }
};

/** One of everything that makes rows. */
const sayEverything = async (load: Load): Promise<void> => {
  for (const [id, members] of load.members) {
    const [one, other] = members.map(({ person }) => person);
    if (!one || !other) continue;
    for (let i = 0; i < 3; i += 1) {
      const { id: messageId } = await one.api.send(id, `@${other.user.username} once`);
      await one.api.edit(messageId, 'twice');
      await other.api.react(messageId, '👍');
      await other.api.unreact(messageId, '👍');
      await other.api.markRead(messageId);
    }
  }
};

const namedAndMended = async (run: RunSql, env: Record<string, string>): Promise<void> => {
  const before = await digestOf(run);
  const damaged = await damageRows(run, seeded(7), damagedRows);
  expect(damaged).toHaveLength(damagedRows);
  const found = await replay(env, 'verify', 'history', '--json', '--rate', 'max');
  expect(namedIn(found.said)).toEqual(damaged);
  expect(found.code).toBe(1);
  const mended = await replay(env, 'verify', 'history', '--repair', '--json', '--rate', 'max');
  expect(mended.said).toContain(`"differences":${damagedRows},"mended":${damagedRows}`);
  expect(mended.code).toBe(0);
  expect(await digestOf(run)).toBe(before);
};

describe('replay, embedded', () => {
  let server: Embedded;
  const env = () => ({ DATA_DIR: server.dataDir });
  beforeAll(async () => {
    server = await startEmbedded();
  });
  afterAll(() => server?.stop());

  it('rebuilds history beside the talking, killed and resumed', () => rebuiltUnderLoad(server, env()));

  it(`names and mends ${damagedRows} damaged rows`, async () => {
    const db = openSqlite(join(server.dataDir, 'history.db'), {
      synchronous: 'NORMAL',
      busyTimeoutMs: 5_000,
    });
    const run: RunSql = async (text, values = []) => {
      const statement = db.prepare(text);
      if (/^select/i.test(text)) return statement.all(...values) as Awaited<ReturnType<RunSql>>;
      statement.run(...values);
      return [];
    };
    try {
      await namedAndMended(run, env());
    } finally {
      db.close();
    }
  });
});

describe('replay, on real servers', () => {
  let stack: Awaited<ReturnType<typeof startStack>>;
  let server: Embedded;
  beforeAll(async () => {
    const name = `replay-${randomUUID().slice(0, 8)}`;
    stack = await startStack({ name, services: ['kafka', 'mysql', 'redis'], freePorts: true });
    // All roles in one process: the machine has few cores, and the databases do not care.
    server = await startEmbedded({ env: stack.env });
  });
  afterAll(async () => {
    await server?.stop();
    await stack?.down();
  });

  it('rebuilds history beside the talking, killed and resumed', () => rebuiltUnderLoad(server, stack.env));

  it(`names and mends ${damagedRows} damaged rows, and keys in Redis`, async () => {
    const { env } = stack;
    const connection = await createConnection({ uri: env.MYSQL_URL as string, dateStrings: true });
    const redis = new Redis(env.REDIS_URL as string);
    try {
      await namedAndMended(async (text, values = []) => {
        const [rows] = await connection.query(text, values);
        return (Array.isArray(rows) ? rows : []) as Awaited<ReturnType<RunSql>>;
      }, env);
      const { damaged, digest } = await damagePresence(redis, seeded(8));
      const found = await replay(env, 'verify', 'presence', '--json');
      expect(namedIn(found.said)).toEqual(damaged);
      expect(found.code).toBe(1);
      expect((await replay(env, 'verify', 'presence', '--repair')).code).toBe(0);
      expect((await damagePresence(redis, seeded(8), 'look')).digest).toBe(digest);
    } finally {
      await connection.end();
      redis.disconnect();
    }
  });
});
