import { Registry } from 'prom-client';
import { beforeEach, describe, expect, test } from 'vitest';
import { OutsideError } from '../ports/errors.ts';
import { makeEvent } from '../schemas/codec.ts';
import { type RunningConsumer, startConsumer } from './consumer.ts';
import { FakeLog, silent } from './log.fake.ts';
import { consumerMetrics } from './metrics.ts';
import { CannotApply, type Projection, type Work } from './projection.ts';
import { skipsOf } from './skips.ts';

const topic = 'chat.signals';
const id = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const typing = (n: number) =>
  makeEvent({
    type: 'typing.started',
    id: id(n),
    subject: id(1),
    actor: id(1),
    time: '2026-01-02T03:04:05.678Z',
    data: { conversationId: id(1), userId: id(1) },
  });

/** Remembers what it was given, together with the position, as a database would. */
class Store implements Projection {
  next = new Map<number, number>();
  fences = new Map<number, number>();
  taken: string[] = [];
  given: Work[] = [];
  dead: { offset: number; eventId: string | null; reason: string }[] = [];
  released: number[] = [];
  /** What the next calls throw: before the commit, or after it as an answer that got lost. */
  faults: { error: Error; committed?: boolean }[] = [];
  cannot = new Set<string>();

  async claim(_: string, partition: number) {
    const fence = (this.fences.get(partition) ?? 0) + 1;
    this.fences.set(partition, fence);
    return { next: this.next.get(partition) ?? 0, fence };
  }

  release(_: string, partition: number) {
    this.released.push(partition);
  }

  async handle(work: Work) {
    const fault = this.faults.shift();
    if (fault && !fault.committed) throw fault.error;
    if (work.fence !== this.fences.get(work.partition)) throw new OutsideError('fenced', 'never', 'fenced');
    const bad = work.events.find(({ event }) => this.cannot.has(event.id));
    if (bad) throw new CannotApply('it makes no sense');
    this.given.push(work);
    for (const { event } of work.events) this.taken.push(event.id);
    this.dead.push(...work.skipped);
    this.next.set(work.partition, work.next);
    if (fault) throw fault.error;
    return { voided: 0 };
  }
}

let log: FakeLog;
let store: Store;
let failures: Error[];
let nowMs: number;
let commits: string[];
let registry: Registry;
const skips = skipsOf([]);

const start = async (...partitions: number[]): Promise<RunningConsumer> => {
  const consumer = await startConsumer({
    name: 'test',
    topic,
    log,
    projection: store,
    skips,
    logger: silent,
    metrics: consumerMetrics(registry),
    onCommit: (...commit) => void commits.push(commit.join('/')),
    onFailure: (error) => void failures.push(error),
    now: () => nowMs,
  });
  await log.assign(topic, ...partitions);
  return consumer;
};

beforeEach(() => {
  log = new FakeLog();
  store = new Store();
  failures = [];
  nowMs = 0;
  commits = [];
  registry = new Registry();
  skips.clear();
});

describe('what a projection is given', () => {
  test('events in order with their positions, and the position of the batch', async () => {
    const consumer = await start(0);
    for (const n of [1, 2, 3]) log.put(topic, 0, typing(n));
    expect(await log.bring(topic, 0)).toBeNull();
    expect(store.given).toMatchObject([{ topic, partition: 0, next: 3, fence: 1 }]);
    expect(store.given[0]?.events.map(({ position }) => position)).toEqual([1, 2, 3]);
    expect(commits).toEqual([`${topic}/0/3`]);
    expect(consumer.status()).toEqual([
      { topic, partition: 0, next: 3, end: 3, lag: 0, state: 'running', tries: 0 },
    ]);
  });

  test('a batch that comes again changes nothing', async () => {
    await start(0);
    for (const n of [1, 2, 3]) log.put(topic, 0, typing(n));
    await log.bring(topic, 0, 2);
    log.rewind(topic, 0, 0);
    await log.bring(topic, 0);
    expect(store.taken).toEqual([id(1), id(2), id(3)]);
  });

  test('a long batch is one transaction', async () => {
    await start(0);
    for (let n = 0; n < 1500; n++) log.put(topic, 0, typing(n));
    await log.bring(topic, 0);
    expect(store.given.map(({ events }) => events.length)).toEqual([1500]);
  });
});

describe('events that cannot be read', () => {
  test('a type that nobody knows is passed over and counted', async () => {
    await start(0);
    log.put(topic, 0, { ...typing(1), type: 'poll.opened', data: 1 });
    log.put(topic, 0, typing(2));
    expect(await log.bring(topic, 0)).toBeNull();
    expect(store.taken).toEqual([id(2)]);
    expect(store.next.get(0)).toBe(2);
    expect(await registry.metrics()).toMatch(
      /events_total{consumer="test",topic="chat.signals",outcome="unknown"} 1/,
    );
  });

  test('a newer version stops its partition and no other, after everything before it is done', async () => {
    const consumer = await start(0, 1);
    log.put(topic, 0, typing(1));
    log.put(topic, 0, { ...typing(2), dataversion: 9 });
    log.put(topic, 0, typing(3));
    log.put(topic, 1, typing(4));
    expect((await log.bring(topic, 0))?.message).toMatch(/deploy consumers first/);
    expect(await log.bring(topic, 1)).toBeNull();
    expect(store.taken).toEqual([id(1), id(4)]);
    expect(consumer.status()).toMatchObject([
      { partition: 0, next: 1, end: 3, lag: 2, state: 'stopped', reason: expect.stringMatching(/deploy/) },
      { partition: 1, state: 'running' },
    ]);
    expect(failures).toEqual([]);
    expect(await registry.metrics()).toMatch(
      /consumer_stopped{consumer="test",topic="chat.signals",partition="0"} 1/,
    );
  });

  test.each([
    ['bytes that are no JSON', '{'],
    ['data that breaks its schema', { ...typing(1), data: {} }],
    [
      'an event of another topic',
      {
        ...typing(1),
        type: 'presence.changed',
        data: { presence: { userId: id(1), status: 'away', at: '2026-01-02T03:04:05.678Z' } },
      },
    ],
  ])('%s stop the partition, named by place', async (_, value) => {
    const consumer = await start(0);
    log.put(topic, 0, value);
    for (const _again of [1, 2]) expect((await log.bring(topic, 0))?.message).toContain(`${topic}/0/0`);
    expect(consumer.status()[0]?.reason).toMatch(/^cannot apply event .* --skip chat.signals\/0\/0$/);
    expect(store.given).toEqual([]);
  });

  test('an event that cannot be applied is found in its batch and named; what stands before it is done', async () => {
    const consumer = await start(0);
    for (let n = 0; n < 5; n++) log.put(topic, 0, typing(n));
    store.cannot.add(id(3));
    expect((await log.bring(topic, 0))?.message).toContain(`${id(3)} at ${topic}/0/3: it makes no sense`);
    expect(store.taken).toEqual([0, 1, 2].map(id));
    expect(consumer.status()).toMatchObject([{ next: 3, state: 'stopped' }]);
  });

  test('a partition that stopped is known to stop there while its store is away, until it goes on', async () => {
    const consumer = await start(0);
    log.put(topic, 0, typing(1));
    store.cannot.add(id(1));
    await log.bring(topic, 0);
    expect(consumer.status()).toMatchObject([{ state: 'stopped', stoppedAt: 0 }]);
    store.faults = [{ error: new OutsideError('sql_unavailable', 'later', 'away') }];
    await log.bring(topic, 0);
    expect(consumer.status()).toMatchObject([{ state: 'retrying', reason: 'away', stoppedAt: 0 }]);
    store.cannot.clear();
    await log.bring(topic, 0);
    const [status] = consumer.status();
    expect(status).toMatchObject({ state: 'running', next: 1 });
    expect(status).not.toHaveProperty('stoppedAt');
  });

  test('a store that refuses one event for good stops that partition and not the process', async () => {
    const consumer = await start(0);
    log.put(topic, 0, typing(1));
    const error = new OutsideError('sql_failed', 'never', 'Data too long for column');
    store.faults = [{ error }, { error }];
    expect((await log.bring(topic, 0))?.message).toContain(`${topic}/0/0: Data too long`);
    expect(consumer.status()[0]?.state).toBe('stopped');
    expect(failures).toEqual([]);
  });
});

describe('giving an event up', () => {
  test('it becomes a dead letter in the transaction that moves past it, and the partition goes on', async () => {
    const consumer = await start(0);
    log.put(topic, 0, typing(1));
    log.put(topic, 0, { ...typing(2), data: {} });
    log.put(topic, 0, typing(3));
    await log.bring(topic, 0);
    skips.add(`${topic}/0/1`);
    expect(await log.bring(topic, 0)).toBeNull();
    expect(store.taken).toEqual([id(1), id(3)]);
    expect(store.given.at(-1)).toMatchObject({ next: 3, skipped: [{ offset: 1, eventId: id(2) }] });
    expect(store.dead).toHaveLength(1);
    expect(consumer.status()).toMatchObject([{ state: 'running', lag: 0 }]);
  });

  test('one that is past already changes nothing', async () => {
    await start(0);
    log.put(topic, 0, typing(1));
    await log.bring(topic, 0);
    skips.add(`${topic}/0/0`);
    log.rewind(topic, 0, 0);
    expect(await log.bring(topic, 0)).toBeNull();
    expect(store.dead).toEqual([]);
  });

  test('a place that is none is refused with the right spelling', () => {
    expect(() => skipsOf(['chat.conversations:3'])).toThrow('topic/partition/offset');
  });
});

describe('what fails outside', () => {
  const away = new OutsideError('sql_unavailable', 'later', 'The database is away.');

  test('is tried again and never skipped', async () => {
    const consumer = await start(0);
    log.put(topic, 0, typing(1));
    store.faults = [{ error: away }, { error: away }];
    expect(await log.bring(topic, 0)).toBe(away);
    expect(consumer.status()).toMatchObject([{ state: 'retrying', reason: away.message, next: 0, lag: 1 }]);
    expect(await log.bring(topic, 0)).toBe(away);
    expect(await log.bring(topic, 0)).toBeNull();
    expect(store.taken).toEqual([id(1)]);
    expect(consumer.status()[0]?.state).toBe('running');
  });

  test('an answer that was lost after the commit brings nothing twice', async () => {
    await start(0);
    for (const n of [1, 2]) log.put(topic, 0, typing(n));
    store.faults = [{ error: away, committed: true }];
    expect(await log.bring(topic, 0)).toBe(away);
    expect(await log.bring(topic, 0)).toBeNull();
    expect(store.taken).toEqual([id(1), id(2)]);
  });

  test('a process that died between append and commit is followed by one that goes on there', async () => {
    await start(0);
    for (const n of [1, 2, 3, 4]) log.put(topic, 0, typing(n));
    await log.bring(topic, 0, 2);
    registry = new Registry();
    await start(0);
    await log.bring(topic, 0);
    expect(store.taken).toEqual([1, 2, 3, 4].map(id));
    expect(store.given.at(-1)?.events[0]?.offset).toBe(2);
  });

  test('a mistake of our own ends the process', async () => {
    await start(0);
    log.put(topic, 0, typing(1));
    const error = new TypeError('x is undefined');
    store.faults = [{ error }];
    await log.bring(topic, 0);
    expect(failures).toEqual([error]);
  });

  test('a store that went back ends the process, because the log would not bring again what is missing', async () => {
    await start(0);
    for (const n of [1, 2, 3]) log.put(topic, 0, typing(n));
    await log.bring(topic, 0, 2);
    store.next.set(0, 0);
    store.faults = [{ error: away }];
    await log.bring(topic, 0);
    await log.bring(topic, 0);
    expect(failures).toMatchObject([{ code: 'projection_went_back' }]);
    expect(store.taken).toEqual([id(1), id(2)]);
  });
});

describe('another owner', () => {
  test('a fenced owner waits before it claims again, and then goes on from where the other one is', async () => {
    const consumer = await start(0);
    for (const n of [1, 2, 3]) log.put(topic, 0, typing(n));
    // Given: somebody else has taken the partition and done two events.
    store.fences.set(0, 7);
    store.next.set(0, 2);
    // When it writes, then it is refused, and does not take the partition back at once.
    expect(await log.bring(topic, 0)).toMatchObject({ code: 'fenced' });
    for (nowMs of [100, 500, 999]) expect(await log.bring(topic, 0)).toMatchObject({ code: 'claim_waits' });
    expect(store.fences.get(0)).toBe(7);
    // Still assigned after a while: the other one was the one that overslept.
    nowMs = 1000;
    expect(await log.bring(topic, 0)).toBeNull();
    expect(store.taken).toEqual([id(3)]);
    expect(consumer.status()).toMatchObject([{ next: 3, state: 'running' }]);
  });

  test('a partition that was taken away is neither shown nor remembered', async () => {
    const consumer = await start(0, 1);
    log.revoke(topic, 0);
    expect(consumer.status().map(({ partition }) => partition)).toEqual([1]);
    expect(store.released).toEqual([0]);
    log.put(topic, 0, typing(1));
    expect(await log.bring(topic, 0)).toMatchObject({ code: 'not_owned' });
  });
});

test('lag is measured by the own position, though no batch came yet', async () => {
  const consumer = await start(0);
  log.put(topic, 0, typing(1));
  await consumer.refresh();
  expect(consumer.status()).toMatchObject([{ next: 0, end: 1, lag: 1 }]);
  expect(await registry.metrics()).toMatch(
    /consumer_lag{consumer="test",topic="chat.signals",partition="0"} 1/,
  );
});

test('one that gathers lets go at once when it is closed', async () => {
  const consumer = await startConsumer({
    name: 'test',
    topic,
    log,
    projection: store,
    skips,
    logger: silent,
    onFailure: (error) => void failures.push(error),
    gatherMs: 60_000,
  });
  await log.assign(topic, 0);
  log.put(topic, 0, typing(1));
  const bringing = log.bring(topic, 0);
  await expect.poll(() => store.taken).toEqual([id(1)]);
  await consumer.close();
  expect(await bringing).toBeNull();
});
