// What every webhooks adapter must do, opened by two processes.
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { movedWhole } from '../contract-moving.ts';
import type { Attempt, Hook, Lane, NewDelivery, StoredIncoming, WebhookStore } from './port.ts';
import { openSqliteWebhooks } from './sqlite.ts';

const start = Date.UTC(2026, 5, 1, 12, 0, 0, 7);
const at = (ms: number): string => new Date(start + ms).toISOString();
const topic = 'chat.conversations';
const epoch = 'epoch-1';
const hash = 'a'.repeat(64);

const incoming = (changes: Partial<StoredIncoming> = {}): StoredIncoming => ({
  id: randomUUID(),
  name: 'thời tiết',
  botId: randomUUID(),
  conversationId: randomUUID(),
  isDisabled: false,
  createdBy: randomUUID(),
  createdAt: at(0),
  lastUsedAt: null,
  ...changes,
});
const hook = (changes: Partial<Hook> = {}): Hook => ({
  id: randomUUID(),
  name: 'báo cáo',
  botId: randomUUID(),
  conversationId: null,
  url: 'https://example.org/hook?a=ệ',
  types: ['message.sent', 'reaction.changed'],
  includeOwn: false,
  state: 'active',
  reason: null,
  pausedAt: null,
  failingSince: null,
  lastSuccessAt: null,
  secret: 'whsec_x',
  former: null,
  horizon: [3, 0],
  createdBy: randomUUID(),
  createdAt: at(0),
  ...changes,
});
const content = (text: string) => JSON.stringify({ data: { message: { content: text, mentions: ['m'] } } });
const delivery = (to: Hook, position: number, changes: Partial<NewDelivery> = {}): NewDelivery => ({
  hookId: to.id,
  conversationId: to.botId,
  partition: 0,
  position,
  id: randomUUID(),
  type: 'message.sent',
  messageId: randomUUID(),
  body: content('chào'),
  ...changes,
});
const attempt = (ms: number, changes: Partial<Attempt> = {}): Attempt => ({
  status: 200,
  error: null,
  durationMs: 12,
  at: at(ms),
  ...changes,
});

export const webhooksContract = (open: () => { one: WebhookStore; two: WebhookStore }): void => {
  let partitions = 100;
  /** A partition of its own, claimed at 0, with a commit that retries when hooks have changed. */
  const feed = async (store: WebhookStore) => {
    const partition = ++partitions;
    const { fence } = await store.claim(topic, partition, epoch, async () => 0);
    const commit = async (
      step: { first: number; next: number } & Partial<Parameters<WebhookStore['commit']>[0]>,
    ) => {
      const { version } = await store.hooks();
      const base = { topic, partition, fence, version, deliveries: [], paused: [], scrubbed: [], now: at(0) };
      return store.commit({ ...base, ...step });
    };
    return { partition, fence, commit };
  };
  const made = async (store: WebhookStore, changes: Partial<Hook> = {}): Promise<Hook> => {
    const one = hook(changes);
    expect(await store.createHook(one, { max: 5 })).toBe('made');
    return one;
  };
  const lease = (owner: string, ms: number) => ({ owner, until: at(ms) });
  const laneOf = (to: Hook): Lane => ({ hookId: to.id, conversationId: to.botId });
  const due = async (store: WebhookStore, to: Hook, ms: number) =>
    (await store.dueLanes(at(ms), 10_000, [])).filter(({ hookId }) => hookId === to.id);

  describe('an incoming webhook', () => {
    it('is kept without its secret being shown, changed, and removed', async () => {
      const { one, two } = open();
      const kept = incoming();
      expect(await one.createIncoming(kept, { secretHash: hash, max: 2 })).toBe('made');
      expect(await two.incoming(kept.id)).toEqual({ ...kept, secretHash: hash });
      expect(await two.incomingOf({ conversationId: kept.conversationId })).toEqual([kept]);
      expect(await two.incomingOf({ botIds: [kept.botId] })).toEqual([kept]);
      expect(await two.incomingOf({ botIds: [] })).toEqual([]);
      expect(await two.changeIncoming(kept.id, { isDisabled: true, secretHash: 'b' })).toBe(true);
      expect(await two.changeIncoming(kept.id, { isDisabled: true })).toBe(true);
      await two.touchIncoming(kept.id, at(5));
      const changed = { ...kept, isDisabled: true, lastUsedAt: at(5), secretHash: 'b' };
      expect(await one.incoming(kept.id)).toEqual(changed);
      const other = () => incoming({ conversationId: kept.conversationId });
      expect(await one.createIncoming(other(), { secretHash: hash, max: 2 })).toBe('made');
      expect(await one.createIncoming(other(), { secretHash: hash, max: 2 })).toBe('full');
      expect([await one.removeIncoming(kept.id), await two.removeIncoming(kept.id)]).toEqual([true, false]);
      expect(await two.changeIncoming(kept.id, { name: 'x' })).toBe(false);
    });
  });

  describe('a webhook', () => {
    it('comes back as it was, is changed, and goes with its bot', async () => {
      const { one, two } = open();
      const kept = await made(one, { former: { secret: 'whsec_y', until: at(9) } });
      expect(await two.hook(kept.id)).toEqual(kept);
      const { version } = await two.hooks();
      const patch = { name: 'khác', types: ['member.added' as const], former: null, secret: 'whsec_z' };
      expect(await two.changeHook(kept.id, patch)).toBe(true);
      expect(await one.hook(kept.id)).toEqual({ ...kept, ...patch });
      expect((await one.hooks()).version).toBeGreaterThan(version);
      expect(await one.hooksOf({ botIds: [kept.botId] })).toHaveLength(1);
      for (let i = 0; i < 4; i++) await made(one, { botId: kept.botId });
      expect(await one.createHook(hook({ botId: kept.botId }), { max: 5 })).toBe('full');
      await one.createIncoming(incoming({ botId: kept.botId }), { secretHash: hash, max: 2 });
      await two.removeHooksOf(kept.botId);
      expect(await one.hooksOf({ botIds: [kept.botId] })).toEqual([]);
      expect(await one.incomingOf({ botIds: [kept.botId] })).toEqual([]);
      expect(await one.removeHook(kept.id)).toBe(false);
    });
  });

  describe('the feed', () => {
    it('begins where it is told to, once, and goes on where it was', async () => {
      const { one, two } = open();
      const partition = ++partitions;
      const first = await one.claim(topic, partition, epoch, async () => 7);
      expect(first.next).toBe(7);
      const { version } = await one.hooks();
      const step = { topic, partition, first: 7, version, deliveries: [], paused: [], scrubbed: [] };
      expect(await one.commit({ ...step, fence: first.fence, next: 9, now: at(0) })).toBe('done');
      const second = await two.claim(topic, partition, epoch, async () => 0);
      expect(second).toEqual({ next: 9, fence: first.fence + 1 });
      expect((await two.applied(topic))[partition]).toBe(9);
      const late = one.commit({ ...step, fence: first.fence, next: 11, now: at(0) });
      await expect(late).rejects.toMatchObject({ code: 'fenced' });
      await expect(two.claim(topic, partition, 'other', async () => 0)).rejects.toMatchObject({
        code: 'webhooks_other_log',
      });
    });

    it('writes deliveries with the position, once, and nothing when hooks have changed meanwhile', async () => {
      const { one, two } = open();
      const { partition, fence, commit } = await feed(one);
      const { version } = await one.hooks();
      const to = await made(two);
      const deliveries = [delivery(to, 4, { partition }), delivery(to, 6, { partition })];
      expect(await commit({ first: 0, next: 6, version, deliveries })).toBe('stale');
      expect((await one.countsOf([to.id])).get(to.id)).toMatchObject({ waiting: 0 });
      expect(await commit({ first: 0, next: 6, deliveries })).toBe('done');
      expect(await commit({ first: 0, next: 6, deliveries })).toBe('done');
      expect(fence).toBe(1);
      expect((await two.countsOf([to.id])).get(to.id)).toEqual({
        waiting: 2,
        oldestWaitingAt: at(0),
        dead: 0,
        replaying: false,
      });
      const waiting = await two.deliveriesOf(to.id, 'waiting', 10);
      expect(waiting).toEqual(
        deliveries.map((each) => ({
          ...each,
          enqueuedAt: at(0),
          attempts: 0,
          lastStatus: null,
          lastError: null,
        })),
      );
    });

    it('keeps nothing of what a deleted message said', async () => {
      const { one } = open();
      const { partition, commit } = await feed(one);
      const to = await made(one);
      const first = delivery(to, 1, { partition });
      await commit({ first: 0, next: 1, deliveries: [first] });
      await commit({ first: 1, next: 2, scrubbed: [first.messageId as string] });
      const [kept] = await one.deliveriesOf(to.id, 'waiting', 10);
      expect(JSON.parse(kept?.body ?? '').data.message).toEqual({
        content: '',
        attachments: [],
        mentions: [],
      });
    });
  });

  describe('a lane', () => {
    it('is worked on by one, in order, and goes when nothing waits', async () => {
      const { one, two } = open();
      const { partition, commit } = await feed(one);
      const to = await made(one);
      const [a, b] = [delivery(to, 1, { partition }), delivery(to, 2, { partition })];
      await commit({ first: 0, next: 2, deliveries: [b, a] });
      const lane = laneOf(to);
      expect(await due(two, to, 0)).toEqual([lane]);
      expect(await two.dueLanes(at(0), 10_000, [to.id])).not.toContainEqual(lane);
      const [me, other] = [randomUUID(), randomUUID()];
      expect(await one.leaseLane(lane, lease(me, 1000), at(0))).toBe(true);
      expect(await two.leaseLane(lane, lease(other, 1000), at(999))).toBe(false);
      expect(await due(two, to, 999)).toEqual([]);
      expect(await one.nextIn(lane)).toMatchObject({ kind: 'delivery', delivery: { id: a.id } });
      const taken = { ...a, enqueuedAt: at(0), attempts: 0, lastStatus: null, lastError: null };
      expect(await one.settle(taken, attempt(1), { kind: 'delivered' }, lease(other, 2000))).toBe(false);
      expect(await one.settle(taken, attempt(1), { kind: 'delivered' }, lease(me, 2000))).toBe(true);
      expect(await one.hook(to.id)).toMatchObject({ lastSuccessAt: at(1), failingSince: null });
      const next = await one.nextIn(lane);
      if (next.kind !== 'delivery') throw new Error('nothing waits');
      expect(next.delivery.id).toBe(b.id);
      const bad = attempt(2, { status: 500, error: 'lỗi' });
      await one.settle(next.delivery, bad, { kind: 'failed', retryAt: at(50) }, lease(me, 3000));
      expect(await due(two, to, 49)).toEqual([]);
      expect(await due(two, to, 50)).toEqual([lane]);
      expect(await one.hook(to.id)).toMatchObject({ failingSince: at(2) });
      expect(await two.leaseLane(lane, lease(other, 9000), at(50))).toBe(true);
      const again = await two.nextIn(lane);
      if (again.kind !== 'delivery') throw new Error('nothing waits');
      expect(again.delivery).toMatchObject({ attempts: 1, lastStatus: 500, lastError: 'lỗi' });
      await two.settle(again.delivery, attempt(60), { kind: 'delivered' }, lease(other, 9000));
      await two.leaveLane(lane, me, at(60));
      await two.leaveLane(lane, other, at(60));
      expect(await due(two, to, 1e6)).toEqual([]);
      const tried = await one.attemptsOf(to.id, 10);
      expect(tried.map(({ id, outcome, attempt: n }) => [id, outcome, n])).toEqual([
        [b.id, 'delivered', 2],
        [b.id, 'failed', 1],
        [a.id, 'delivered', 1],
      ]);
    });

    it('is left by whoever dies when the lease ends, or at once when it was the only process', async () => {
      const { one, two } = open();
      const { partition, commit } = await feed(one);
      const to = await made(one);
      await commit({ first: 0, next: 1, deliveries: [delivery(to, 1, { partition })] });
      await one.leaseLane(laneOf(to), lease(randomUUID(), 1000), at(0));
      expect(await two.leaseLane(laneOf(to), lease(randomUUID(), 5000), at(1000))).toBe(true);
      await two.dropLeases();
      expect(await due(one, to, 0)).toEqual([laneOf(to)]);
    });

    it('goes on behind what is given up, which is kept until somebody tells it again', async () => {
      const { one } = open();
      const { partition, commit } = await feed(one);
      const to = await made(one);
      const [a, b] = [delivery(to, 1, { partition }), delivery(to, 2, { partition })];
      await commit({ first: 0, next: 2, deliveries: [a, b] });
      const owner = randomUUID();
      await one.leaseLane(laneOf(to), lease(owner, 1000), at(0));
      for (let i = 0; i < 2; i++) {
        const next = await one.nextIn(laneOf(to));
        if (next.kind !== 'delivery') throw new Error('nothing waits');
        await one.settle(next.delivery, attempt(1, { status: 500 }), { kind: 'dead' }, lease(owner, 1000));
      }
      await one.leaveLane(laneOf(to), owner, at(1));
      expect((await one.countsOf([to.id])).get(to.id)).toMatchObject({ waiting: 0, dead: 2 });
      expect(await one.reviveDead(to.id, b.id, at(9))).toBe(1);
      expect(await one.nextIn(laneOf(to))).toMatchObject({ delivery: { id: b.id, attempts: 0 } });
      expect(await due(one, to, 9)).toEqual([laneOf(to)]);
      expect(await one.reviveDead(to.id, null, at(9))).toBe(1);
      expect(await one.nextIn(laneOf(to))).toMatchObject({ delivery: { id: a.id } });
    });
  });

  describe('a paused webhook', () => {
    it('is told nothing, and afterwards everything that it missed, before what comes', async () => {
      const { one, two } = open();
      const { partition, commit } = await feed(one);
      const to = await made(one);
      await commit({ first: 0, next: 1, deliveries: [delivery(to, 1, { partition })] });
      expect(await two.pauseHook(to.id, 'gone', at(3))).toBe(true);
      expect(await two.pauseHook(to.id, 'failing', at(4))).toBe(false);
      expect(await one.hook(to.id)).toMatchObject({ state: 'paused', reason: 'gone', pausedAt: at(3) });
      expect(await due(one, to, 10)).toEqual([]);
      await commit({ first: 1, next: 4, paused: [to.id] });
      await commit({ first: 4, next: 6, paused: [to.id] });
      const stretch = { hookId: to.id, partition, conversationId: null, next: 1, end: 6, since: null };
      const outstanding = async () => (await two.outstanding()).filter(({ hookId }) => hookId === to.id);
      expect(await outstanding()).toEqual([stretch]);
      expect(await two.resumeHook(to.id, at(9))).toBe(true);
      expect(await two.resumeHook(to.id, at(9))).toBe(false);
      await commit({ first: 6, next: 8, deliveries: [delivery(to, 8, { partition })] });
      expect((await one.countsOf([to.id])).get(to.id)).toMatchObject({ replaying: true, waiting: 2 });
      const owner = randomUUID();
      const replay = await one.takeReplay(lease(owner, 20_000), at(10));
      expect(replay).toEqual(stretch);
      expect(await outstanding()).toEqual([stretch]);
      if (!replay) throw new Error('no replay');
      expect(await two.takeReplay(lease(randomUUID(), 20_000), at(11))).toBeNull();
      // What lies before the replay is free to go, what lies behind it waits.
      expect(await one.nextIn(laneOf(to))).toMatchObject({ delivery: { position: 1 } });
      await one.leaseLane(laneOf(to), lease(owner, 20_000), at(10));
      const head = await one.nextIn(laneOf(to));
      if (head.kind !== 'delivery') throw new Error('nothing waits');
      await one.settle(head.delivery, attempt(11), { kind: 'delivered' }, lease(owner, 20_000));
      expect(await one.nextIn(laneOf(to))).toEqual({ kind: 'held' });
      const missed = delivery(to, 3, { partition });
      const half = { next: 4, deliveries: [missed], now: at(12) };
      expect(await two.replayed(replay, half, lease(randomUUID(), 30_000))).toBe(false);
      expect(await one.replayed(replay, half, lease(owner, 30_000))).toBe(true);
      expect(await one.nextIn(laneOf(to))).toMatchObject({ delivery: { id: missed.id } });
      await one.leaveReplay({ ...replay, next: 4 }, owner);
      const rest = await two.takeReplay(lease(owner, 40_000), at(13));
      expect(rest).toMatchObject({ next: 4, end: 6 });
      await two.replayed(rest as typeof replay, { next: 6, deliveries: [], now: at(14) }, lease(owner, 1));
      expect((await one.countsOf([to.id])).get(to.id)).toMatchObject({ replaying: false });
      expect(await outstanding()).toEqual([]);
    });

    it('tells once what two replays have in common, and what was given up there again', async () => {
      const { one } = open();
      const { partition, commit } = await feed(one);
      const to = await made(one);
      const dead = delivery(to, 2, { partition });
      await commit({ first: 0, next: 5, deliveries: [dead] });
      const owner = randomUUID();
      await one.leaseLane(laneOf(to), lease(owner, 1000), at(0));
      const head = await one.nextIn(laneOf(to));
      if (head.kind !== 'delivery') throw new Error('nothing waits');
      await one.settle(head.delivery, attempt(1), { kind: 'dead' }, lease(owner, 1000));
      const stretch = { hookId: to.id, partition, conversationId: to.botId };
      await one.replay([{ ...stretch, next: 2, end: 4, since: at(7) }]);
      await one.replay([{ ...stretch, next: 1, end: 3, since: at(3) }]);
      const replay = await one.takeReplay(lease(owner, 1000), at(2));
      expect(replay).toEqual({ ...stretch, next: 1, end: 4, since: at(3) });
      if (!replay) throw new Error('no replay');
      await one.replayed(replay, { next: 4, deliveries: [dead], now: at(3) }, lease(owner, 1000));
      expect((await one.countsOf([to.id])).get(to.id)).toMatchObject({ dead: 0, waiting: 1 });
    });
  });

  it('gives another store what it has, whose consumer takes the hooks into account', async () => {
    const { one } = open();
    const { partition, commit } = await feed(one);
    const to = await made(one, {
      former: { secret: 'whsec_y', until: at(9) },
      state: 'paused',
      pausedAt: at(3),
    });
    const kept = incoming();
    await one.createIncoming(kept, { secretHash: hash, max: 2 });
    await commit({ first: 0, next: 1, deliveries: [delivery(to, 1, { partition })] });
    const dir = mkdtempSync(join(tmpdir(), 'chatvui-moved-'));
    const moved = await openSqliteWebhooks({ dir });
    try {
      const { version } = await moved.hooks();
      await movedWhole(one.moving, moved.moving);
      expect((await moved.hooks()).version).toBeGreaterThan(version);
      expect(await moved.hook(to.id)).toEqual(to);
      expect(await moved.incoming(kept.id)).toEqual({ ...kept, secretHash: hash });
      expect(await moved.deliveriesOf(to.id, 'waiting', 10)).toEqual(
        await one.deliveriesOf(to.id, 'waiting', 10),
      );
    } finally {
      await moved.close();
      rmSync(dir, { recursive: true, force: true });
    }
  });
};
