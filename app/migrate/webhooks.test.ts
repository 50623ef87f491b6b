// Webhooks move: addresses keep working, and what was still to be told is told, once, at its new place.
import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { silent } from '../../consumers/log.fake.ts';
import { WebhooksProjection } from '../../consumers/webhooks/projection.ts';
import { Replays } from '../../consumers/webhooks/replays.ts';
import type { Standing } from '../../ports/history/port.ts';
import type { Delivery, Hook } from '../../ports/webhooks/port.ts';
import { decodeEvent, makeEvent } from '../../schemas/codec.ts';
import type { ChatEvent } from '../../schemas/events.ts';
import { sentBy } from '../../test/client/sent-by.ts';
import { scan, stretchesOf } from '../log-scan.ts';
import { installations, options } from './fixture.ts';
import { migrate, type Side } from './migrate.ts';

const topic = 'chat.conversations';
const [ann, bot] = [randomUUID(), randomUUID()] as [string, string];
const now = () => new Date().toISOString();
const attempt = { status: 200, error: null, durationMs: 1, at: now() };

const { openSide, put } = installations();
let rooms: string[];
/** Ann alone is in these. */
let others: string[];

beforeEach(() => {
  rooms = Array.from({ length: 8 }, () => randomUUID());
  others = Array.from({ length: 4 }, () => randomUUID());
});

const memberOf = (conversationId: string, userId: string) => ({
  conversationId,
  userId,
  isAdmin: false,
  active: true,
  joinedAt: now(),
  joinedPosition: 0,
  leftPosition: null,
  spans: [],
  rev: 1,
});
const added = (room: string, userIds: string[]): ChatEvent =>
  makeEvent({
    type: 'member.added',
    id: randomUUID(),
    subject: room,
    actor: ann,
    time: now(),
    data: { members: userIds.map((userId) => memberOf(room, userId)) },
  });
const said = (room: string, content: string): ChatEvent => sentBy(ann, room, content);
/** In every conversation, one after the other. */
const saidEverywhere = (content: string): ChatEvent[] =>
  [...rooms, ...others].map((room) => said(room, content));

/** A history that has passed everything, in which the bot has always been in its conversations. */
const historyOf = ({ log }: Side) => ({
  applied: () => log.endOffsets(topic),
  voided: async () => [],
  messages: async () => [],
  standings: async (asked: { conversationId: string }[]): Promise<Standing[]> =>
    asked
      .filter(({ conversationId }) => rooms.includes(conversationId))
      .map(({ conversationId: id }) => ({
        member: memberOf(id, bot),
        conversation: { id, isGroup: true, historyVisibility: 'joined' },
        readPosition: 0,
      })),
});

/** The consumer of the log takes what it has not taken yet. */
const follow = async (side: Side): Promise<void> => {
  const { log, webhooks: store } = side;
  const ends = await log.endOffsets(topic);
  const projection = new WebhooksProjection({
    store,
    history: historyOf(side),
    epoch: await log.epoch(),
    endOf: async (partition) => ends[partition] as number,
    onEnqueued: () => undefined,
  });
  for (const [partition, to] of ends.entries()) {
    const { next: from, fence } = await projection.claim(topic, partition);
    if (from === to) continue;
    const events = [];
    for await (const { offset, value, timeMs } of scan(log, [{ topic, partition, from, to }], 'partition')) {
      const decoded = decodeEvent(value);
      if (decoded.kind === 'event')
        events.push({ event: decoded.event, offset, position: offset + 1, loggedMs: timeMs });
    }
    await projection.handle({ topic, partition, fence, next: to, events, skipped: [] });
  }
};

const replayAll = async (side: Side, hook: Hook): Promise<void> => {
  const { log, webhooks: store } = side;
  const replays = new Replays({
    store,
    history: historyOf(side),
    read: (partition, from, to) => scan(log, [{ topic, partition, from, to }], 'partition'),
    logger: silent,
    onEnqueued: () => undefined,
    onFailure: (error) => {
      throw error;
    },
  });
  replays.start();
  const left = async () => (await store.outstanding()).filter(({ hookId }) => hookId === hook.id);
  await vi.waitFor(async () => expect(await left()).toEqual([]), { timeout: 20_000 });
  await replays.close();
};

const made = async ({ log, webhooks }: Side): Promise<Hook> => {
  const hook: Hook = {
    id: randomUUID(),
    name: 'báo cáo',
    botId: bot,
    conversationId: null,
    url: 'https://example.org/hook',
    types: ['message.sent'],
    includeOwn: false,
    state: 'active',
    reason: null,
    pausedAt: null,
    failingSince: null,
    lastSuccessAt: null,
    secret: 'whsec_eA==',
    former: { secret: 'whsec_eQ==', until: now() },
    horizon: await log.endOffsets(topic),
    createdBy: ann,
    createdAt: now(),
  };
  await webhooks.createHook(hook, { max: 9 });
  return hook;
};

/** Works on every lane that is due, as the dispatcher does, and answers what was told, by conversation in order. */
const deliverAll = async ({ webhooks }: Side, hook: Hook): Promise<Map<string, Delivery[]>> => {
  const told = new Map<string, Delivery[]>();
  const lease = { owner: randomUUID(), until: new Date(Date.now() + 60_000).toISOString() };
  for (const lane of await webhooks.dueLanes(now(), 1_000, [])) {
    if (lane.hookId !== hook.id) continue;
    expect(await webhooks.leaseLane(lane, lease, now())).toBe(true);
    const delivered: Delivery[] = [];
    for (;;) {
      const next = await webhooks.nextIn(lane);
      if (next.kind !== 'delivery') break;
      delivered.push(next.delivery);
      await webhooks.settle(next.delivery, attempt, { kind: 'delivered' }, lease);
    }
    await webhooks.leaveLane(lane, lease.owner, now());
    told.set(lane.conversationId, delivered);
  }
  return told;
};
const contentOf = ({ body }: Delivery): string => JSON.parse(body).data.message.content;
const contents = (told: Map<string, Delivery[]>) =>
  Object.fromEntries([...told].map(([room, deliveries]) => [room, deliveries.map(contentOf)]));
const everyRoom = (expected: string[]) => Object.fromEntries(rooms.map((room) => [room, expected]));

/** Where each message stands, by its content and conversation. */
const placesIn = async ({ log }: Side): Promise<Map<string, number>> => {
  const places = new Map<string, number>();
  for await (const { key, offset, value } of scan(log, await stretchesOf(log, [topic]), 'partition')) {
    const decoded = decodeEvent(value);
    if (decoded.kind === 'event' && decoded.event.type === 'message.sent')
      places.set(`${key} ${decoded.event.data.message.content}`, offset + 1);
  }
  return places;
};

/**
 * One hook that has been told "one" and not yet "two" and "three", and one that was paused after "one"; both were made after
 * "before". With an address that posts.
 */
const living = async (partitions: number) => {
  const source = await openSide('source', partitions);
  const joined = [
    ...rooms.map((room) => added(room, [ann, bot])),
    ...others.map((room) => added(room, [ann])),
  ];
  await put(source.log, topic, [...joined, ...saidEverywhere('before')]);
  await follow(source);
  const [busy, paused] = [await made(source), await made(source)];
  const { webhooks } = source;
  await put(source.log, topic, saidEverywhere('one'));
  await follow(source);
  expect(contents(await deliverAll(source, busy))).toEqual(everyRoom(['one']));
  expect(contents(await deliverAll(source, paused))).toEqual(everyRoom(['one']));
  await webhooks.pauseHook(paused.id, 'gone', now());
  await put(source.log, topic, saidEverywhere('two'));
  await put(source.log, topic, saidEverywhere('three'));
  const incoming = {
    id: randomUUID(),
    name: 'thời tiết',
    botId: bot,
    conversationId: rooms[0] as string,
    isDisabled: false,
    createdBy: ann,
    createdAt: now(),
    lastUsedAt: null,
  };
  await webhooks.createIncoming(incoming, { secretHash: 'a'.repeat(64), max: 9 });
  return { source, busy, paused, incoming };
};

describe('webhooks that move', { timeout: 120_000 }, () => {
  it('tell what waits and what was missed, once and in order, there and back again', async () => {
    const { source, busy, paused, incoming } = await living(5);
    await follow(source);
    const waiting = await source.webhooks.deliveriesOf(busy.id, 'waiting', 100);
    const there = await openSide('there', 3);
    const { version } = await there.webhooks.hooks();
    await migrate(options(source, there));
    expect((await there.webhooks.hooks()).version).toBeGreaterThan(version);
    const back = await openSide('back', 12);
    await migrate(options(there, back));
    for (const side of [there, back]) {
      const { webhooks, log } = side;
      expect(await webhooks.incoming(incoming.id)).toEqual({ ...incoming, secretHash: 'a'.repeat(64) });
      const horizon = await log.endOffsets(topic);
      const lastSuccessAt = expect.any(String);
      expect(await webhooks.hook(busy.id)).toEqual({ ...busy, horizon, lastSuccessAt });
      expect(await webhooks.hook(paused.id)).toMatchObject({ state: 'paused', reason: 'gone' });

      // When the waiting is delivered, under its ids and at its new places.
      const told = await deliverAll(side, busy);
      expect(contents(told)).toEqual(everyRoom(['two', 'three']));
      const places = await placesIn(side);
      for (const delivery of [...told.values()].flat()) {
        const position = places.get(`${delivery.conversationId} ${contentOf(delivery)}`);
        expect(delivery.position).toBe(position);
        const before = waiting.find(({ id }) => id === delivery.id);
        const body = JSON.parse(before?.body as string);
        body.position = body.data.message.position = String(position);
        expect(delivery.body).toBe(JSON.stringify(body));
      }

      // When people go on there, and the paused one too.
      await put(log, topic, saidEverywhere('four'));
      await follow(side);
      await webhooks.resumeHook(paused.id, now());
      await put(log, topic, saidEverywhere('five'));
      await follow(side);
      await replayAll(side, paused);
      expect(contents(await deliverAll(side, busy))).toEqual(everyRoom(['four', 'five']));
      expect(contents(await deliverAll(side, paused))).toEqual(everyRoom(['two', 'three', 'four', 'five']));
    }
  });

  it('keep what was given up, and go on with a replay, which tells it again', async () => {
    const { source, busy } = await living(4);
    await follow(source);
    const lease = { owner: randomUUID(), until: new Date(Date.now() + 60_000).toISOString() };
    const [lane] = await source.webhooks.dueLanes(now(), 1, []);
    await source.webhooks.leaseLane(lane!, lease, now());
    const next = await source.webhooks.nextIn(lane!);
    if (next.kind !== 'delivery') throw new Error('nothing waits');
    await source.webhooks.settle(next.delivery, { ...attempt, status: 500 }, { kind: 'dead' }, lease);
    const ends = await source.log.endOffsets(topic);
    await source.webhooks.replay(
      ends.map((end, partition) => ({
        hookId: busy.id,
        partition,
        conversationId: null,
        next: 0,
        end,
        since: null,
      })),
    );
    const target = await openSide('target', 3);
    await migrate(options(source, target));
    const dead = await target.webhooks.deliveriesOf(busy.id, 'dead', 10);
    expect(dead.map(({ id }) => id)).toEqual([next.delivery.id]);
    expect((await target.webhooks.countsOf([busy.id])).get(busy.id)?.replaying).toBe(true);
    await replayAll(target, busy);
    expect(contents(await deliverAll(target, busy))).toEqual(everyRoom(['before', 'one', 'two', 'three']));
  });

  it('are not moved before they have been told of everything', async () => {
    const { source } = await living(2);
    const target = await openSide('target', 3);
    await expect(migrate(options(source, target))).rejects.toThrow(
      'have not been told of its last 24 events',
    );
    expect(await target.log.endOffsets(topic)).toEqual([0, 0, 0]);
    await follow(source);
    await migrate(options(source, target));
  });

  it('keep nobody waiting where nobody is told of anything', async () => {
    const source = await openSide('source', 2);
    await put(
      source.log,
      topic,
      rooms.map((room) => added(room, [ann])),
    );
    await migrate(options(source, await openSide('target', 3)));
  });

  it('come once when the move is killed and repeated, also where the consumer has run before', async () => {
    const { source, busy, paused } = await living(3);
    await follow(source);
    const target = await openSide('target', 2);
    await follow(target);
    const { webhooks } = target;
    const dying: Side = {
      ...target,
      webhooks: { ...webhooks, replay: () => Promise.reject(new Error('killed')) },
    };
    await expect(migrate(options(source, dying))).rejects.toThrow('killed');
    await migrate(options(source, target));
    expect(contents(await deliverAll(target, busy))).toEqual(everyRoom(['two', 'three']));
    await follow(target);
    await webhooks.resumeHook(paused.id, now());
    await replayAll(target, paused);
    expect(contents(await deliverAll(target, busy))).toEqual({});
    expect(contents(await deliverAll(target, paused))).toEqual(everyRoom(['two', 'three']));
  });

  it('are refused when the source was used after they had begun to move', async () => {
    const { source } = await living(3);
    await follow(source);
    const target = await openSide('target', 2);
    const killed = { ...target.webhooks, replay: () => Promise.reject(new Error('killed')) };
    await expect(migrate(options(source, { ...target, webhooks: killed }))).rejects.toThrow('killed');
    await put(source.log, topic, saidEverywhere('later'));
    await follow(source);
    await expect(migrate(options(source, target))).rejects.toThrow('The source was used after');
  });
});
