import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { OutsideError } from '../../ports/errors.ts';
import type { HistoryStore } from '../../ports/history/port.ts';
import { openSqliteHistory } from '../../ports/history/sqlite.ts';
import { openMemoryPresence } from '../../ports/presence/memory.ts';
import type { Presence, Status } from '../../ports/presence/port.ts';
import { makeEvent } from '../../schemas/codec.ts';
import type { ChatEvent } from '../../schemas/events.ts';
import { startConsumer } from '../consumer.ts';
import { FakeLog, silent } from '../log.fake.ts';
import { PresenceProjection } from './projection.ts';
import { SelfCheck } from './self-check.ts';
import { startPresence } from './start.ts';
import { Sweeper } from './sweeper.ts';

const topic = 'chat.presence';
const id = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const [an, binh] = [id(1), id(2)] as [string, string];
const changed = (userId: string, status: Status, second = 0): ChatEvent => {
  const at = `2026-01-02T03:04:${String(second).padStart(2, '0')}.000Z`;
  const presence = { userId, status, at };
  return makeEvent({
    type: 'presence.changed',
    id: crypto.randomUUID(),
    subject: userId,
    actor: userId,
    time: at,
    data: { presence },
  });
};
const lease = (userId: string) => ({
  userId,
  sessionId: `s${userId}`,
  gatewayId: 'g',
  status: 'online' as const,
});

let dir: string;
let store: HistoryStore;
let log: FakeLog;
let view: Presence;
let nowMs: number;
let written: ChatEvent[];
let failures: Error[];
let away: boolean;

const shown = async (): Promise<Record<string, string>> =>
  Object.fromEntries([...(await view.projected([an, binh]))].map(([userId, row]) => [userId, row.status]));
const kept = async (): Promise<string[]> => (await store.presence.notOffline()).map(({ userId }) => userId);
const newView = (): Presence => {
  const memory = openMemoryPresence({ leaseMs: 9000, now: () => nowMs });
  const refuse = () => Promise.reject(new OutsideError('presence_unavailable', 'later', 'Redis is away.'));
  return {
    ...memory,
    project: (rows) => (away ? refuse() : memory.project(rows)),
    allLive: () => (away ? refuse() : memory.allLive()),
  };
};
const startProjection = async (): Promise<void> => {
  await startConsumer({
    name: 'presence',
    topic,
    log,
    projection: new PresenceProjection({
      store: store.presence,
      view: { project: (rows) => view.project(rows) },
      epoch: 'epoch-1',
    }),
    skips: new Set(),
    logger: silent,
    onFailure: (error) => void failures.push(error),
  });
  await log.assign(topic, 0);
};

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'chatvui-presence-'));
  store = await openSqliteHistory({ dir });
  log = new FakeLog();
  nowMs = 0;
  away = false;
  written = [];
  failures = [];
  view = newView();
  await startProjection();
});

afterEach(async () => {
  await store.close();
  rmSync(dir, { recursive: true });
});

describe('the projection', () => {
  test('shows the last word of each person and keeps it in SQL', async () => {
    log.put(topic, 0, changed(an, 'online', 1));
    log.put(topic, 0, changed(binh, 'online', 2));
    log.put(topic, 0, changed(an, 'away', 3));
    log.put(topic, 0, changed(binh, 'offline', 4));
    expect(await log.bring(topic, 0)).toBeNull();
    expect(await shown()).toEqual({ [an]: 'away', [binh]: 'offline' });
    expect(await store.presence.notOffline()).toMatchObject([{ userId: an, status: 'away', position: 3 }]);
  });

  test('while the view is away nothing is lost: the batch waits and comes again', async () => {
    log.put(topic, 0, changed(an, 'online'));
    away = true;
    expect(await log.bring(topic, 0)).toMatchObject({ code: 'presence_unavailable' });
    expect(await kept()).toEqual([]);
    away = false;
    expect(await log.bring(topic, 0)).toBeNull();
    expect([await shown(), await kept()]).toEqual([{ [an]: 'online' }, [an]]);
  });

  test('a batch that comes again, or in part, changes nothing', async () => {
    for (const [n, status] of (['online', 'away', 'offline'] as const).entries())
      log.put(topic, 0, changed(an, status, n));
    await log.bring(topic, 0);
    log.rewind(topic, 0, 0);
    expect(await log.bring(topic, 0, 1)).toBeNull();
    expect(await shown()).toEqual({ [an]: 'offline' });
  });
});

describe('the sweeper', () => {
  let sweeper: Sweeper;
  let partitions: Set<number>;
  /** Writes to the log as the real one does, and lets the projection see it at once unless told not to. */
  let projects: boolean;

  const newSweeper = (): Sweeper =>
    new Sweeper({
      view,
      store: store.presence,
      publish: async (event) => {
        written.push(event);
        log.put(topic, 0, event);
        if (projects) await log.bring(topic, 0);
      },
      partitionOf: () => 0,
      kept: () => partitions,
      logger: silent,
      now: () => nowMs,
    });
  const come = async (userId: string): Promise<void> => {
    await view.open(lease(userId));
    log.put(topic, 0, changed(userId, 'online'));
    await log.bring(topic, 0);
  };
  /** Looks every 1.5 s until the time has come. */
  const sweepUntil = async (untilMs: number): Promise<void> => {
    for (; nowMs < untilMs; nowMs += 1500) await sweeper.sweep();
  };
  const statuses = () =>
    written.map((event) => (event.type === 'presence.changed' ? event.data.presence.status : '?'));

  beforeEach(() => {
    partitions = new Set([0]);
    projects = true;
    sweeper = newSweeper();
  });

  test('whose gateway was killed is offline within 15 s, once', async () => {
    await come(an);
    // Nobody renews the lease of 9 s. Looks come at the worst moment: just before it ends.
    nowMs = 8999;
    await sweeper.sweep();
    let offlineMs = 0;
    for (nowMs += 1500; nowMs < 60_000; nowMs += 1500) {
      await sweeper.sweep();
      if (written.length > 0) offlineMs ||= nowMs;
    }
    expect(offlineMs).toBeLessThan(15_000);
    expect(statuses()).toEqual(['offline']);
    expect(written[0]).toMatchObject({ subject: an, actor: null });
    expect([await shown(), await kept()]).toEqual([{ [an]: 'offline' }, []]);
  });

  test('who is here stays', async () => {
    await come(an);
    for (; nowMs < 60_000; nowMs += 1500) {
      await view.renew('g', [lease(an)]);
      await sweeper.sweep();
    }
    expect(written).toEqual([]);
  });

  test('a short break is no going away', async () => {
    await come(an);
    await view.end(lease(an));
    await sweepUntil(2000);
    await view.open(lease(an));
    await sweepUntil(6000);
    await view.end(lease(an));
    await sweepUntil(8000);
    expect(written).toEqual([]);
  });

  test('who is here but shown as offline is shown as online', async () => {
    await view.open(lease(an));
    await sweepUntil(6000);
    expect(statuses()).toEqual(['online']);
    expect(await shown()).toEqual({ [an]: 'online' });
  });

  test('while the view lags, an event is not written again and again', async () => {
    await come(an);
    await view.end(lease(an));
    projects = false;
    await sweepUntil(25_000);
    expect(statuses()).toEqual(['offline']);
  });

  test('people of partitions that another process keeps are left to it', async () => {
    await come(an);
    await view.end(lease(an));
    partitions = new Set([1]);
    await sweepUntil(25_000);
    expect(written).toEqual([]);
  });

  test('while presence is away nobody is judged, and for a while after it is back neither', async () => {
    await come(an);
    await sweeper.sweep();
    away = true;
    nowMs = 20_000;
    await sweeper.sweep();
    // Back, without any lease: gateways make them again.
    away = false;
    nowMs = 21_000;
    await sweepUntil(28_000);
    expect(written).toEqual([]);
    await view.renew('g', [lease(an)]);
    await sweepUntil(35_000);
    expect(written).toEqual([]);
  });

  test('a view that lost everything is made again out of SQL, and only who is really gone goes', async () => {
    await come(an);
    await come(binh);
    view = newView();
    sweeper = newSweeper();
    await sweeper.sweep();
    expect(await shown()).toEqual({ [an]: 'online', [binh]: 'online' });
    for (nowMs += 1500; nowMs < 30_000; nowMs += 1500) {
      await view.renew('g', [lease(an)]);
      await sweeper.sweep();
    }
    expect(statuses()).toEqual(['offline']);
    expect(await shown()).toEqual({ [an]: 'online', [binh]: 'offline' });
  });
});

test('started as a role it projects, sweeps and lets go', async () => {
  const running = await startPresence({
    log,
    store: store.presence,
    view,
    partitions: 1,
    publish: async (event) => void written.push(event),
    skips: new Set(),
    logger: silent,
    onFailure: (error) => void failures.push(error),
  });
  await log.assign(topic, 0);
  log.put(topic, 0, changed(an, 'online'));
  expect(await log.bring(topic, 0)).toBeNull();
  expect(running.status()).toMatchObject([{ topic, next: 1, state: 'running' }]);
  await running.close();
  expect(failures).toEqual([]);
});

describe('a view in the memory of the process', () => {
  let said: { count?: number }[];
  let moving: Set<number>;
  let check: SelfCheck;
  const damage = async (userId: string, status: Status, position: number): Promise<void> => {
    for await (const pieces of view.kept([userId]))
      for (const { seen } of pieces) {
        const row = { userId, status, at: '2026-01-02T03:04:05.000Z' };
        await view.restore([{ userId, seen, right: { row, position } }]);
      }
  };

  beforeEach(async () => {
    said = [];
    moving = new Set([0]);
    check = new SelfCheck({
      view,
      store: store.presence,
      partitionOf: () => 0,
      moving: () => moving,
      logger: { ...silent, warn: (fields: object) => void said.push(fields) },
    });
    log.put(topic, 0, changed(an, 'online', 1));
    log.put(topic, 0, changed(binh, 'offline', 2));
    await log.bring(topic, 0);
  });

  test('is as it was when nothing is wrong', async () => {
    await check.look();
    await check.look();
    expect([await shown(), said]).toEqual([{ [an]: 'online', [binh]: 'offline' }, []]);
  });

  test('is mended, however new the wrong row looks, when it is wrong at two looks; and that is said', async () => {
    const stranger = id(3);
    await damage(an, 'away', 99);
    await damage(binh, 'online', 1);
    await view.project([{ row: { userId: stranger, status: 'online', at: 'x' }, partition: 0, position: 5 }]);
    await check.look();
    expect(said).toEqual([]);
    await check.look();
    expect(await shown()).toEqual({ [an]: 'online', [binh]: 'offline' });
    expect((await view.projected([stranger])).size).toBe(0);
    expect(said).toMatchObject([{ count: 3 }]);
  });

  test('is left alone where it is only ahead of its rows: they move between two looks, or nothing moves', async () => {
    // Two changes that are in the view, and not yet in SQL, one at each look.
    await damage(an, 'away', 3);
    await check.look();
    await damage(an, 'online', 4);
    await check.look();
    expect(await shown()).toMatchObject({ [an]: 'online' });
    moving = new Set();
    await check.look();
    await check.look();
    expect(said).toEqual([]);
  });
});
