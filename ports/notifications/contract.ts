// What every store of notifications does. `open` gives an empty one, `again` another opening of the same.
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { limits } from '../../schemas/limits.ts';
import { type NoticeChannel, preferred, usualPreferences } from '../../schemas/notifications.ts';
import { movedWhole } from '../contract-moving.ts';
import {
  deviceOf,
  type Notice,
  type NotificationCommit,
  type NotificationStore,
  type PushSubscription,
  type Settlement,
} from './port.ts';
import { openSqliteNotifications } from './sqlite.ts';

const topic = 'chat.conversations';
const epoch = 'an epoch';
const nowMs = Date.UTC(2026, 5, 1, 12);
const minute = 60_000;

export const noticeFor = (more: Partial<Notice> = {}): Notice => ({
  id: randomUUID(),
  form: 'notice',
  userId: randomUUID(),
  conversationId: randomUUID(),
  messageId: randomUUID(),
  position: 7,
  kind: 'direct',
  channel: 'push',
  sessionId: randomUUID(),
  dueMs: nowMs + minute,
  attempts: 0,
  state: 'waiting',
  reason: 'set_time',
  madeMs: nowMs,
  settledMs: null,
  ...more,
});

const device = (more: Partial<PushSubscription> = {}): PushSubscription => ({
  id: randomUUID(),
  userId: randomUUID(),
  sessionId: randomUUID(),
  endpoint: `https://push.example.org/${randomUUID()}`,
  p256dh: 'B'.repeat(87),
  auth: 'a'.repeat(22),
  createdMs: nowMs,
  lastSentMs: null,
  ...more,
});

export const notificationContract = (
  open: () => Promise<NotificationStore>,
  again: () => Promise<NotificationStore>,
): void => {
  let store: NotificationStore;
  let other: NotificationStore;
  let partition = 100;
  beforeAll(async () => {
    store = await open();
    other = await again();
  });
  afterAll(async () => {
    await store?.close();
    await other?.close();
  });

  const nothing = {
    decided: [],
    notices: [],
    ended: [],
    deleted: [],
    outbox: [],
    settled: () => [],
    nowMs,
  };
  /** As the owner of a partition of its own; commits one step after the other. */
  const owner = async (end = 0) => {
    partition += 1;
    const own = partition;
    const { next, fence } = await store.writer.claim(topic, own, epoch, end);
    let at = next;
    return {
      partition: own,
      next,
      fence,
      commit: (more: Partial<NotificationCommit>) => {
        at += 1;
        return store.writer.commit({ topic, partition: own, fence, next: at, ...nothing, ...more });
      },
    };
  };
  const lease = () => ({ lease: randomUUID(), nowMs: nowMs + 2 * minute, leaseMs: 30_000, limit: 100 });
  const settling = (taken: string, ids: string[]) => ({
    lease: taken,
    ids,
    state: 'sent' as const,
    reason: null,
    dueMs: null,
    attempts: 1,
    subscriptionId: null,
    outbox: [],
  });
  const settle = (of: NotificationStore, ...settlements: Settlement[]) =>
    of.queue.settle(settlements, nowMs + 2 * minute);
  /** Nothing of other tests is due any more. */
  const emptied = async () => {
    for (;;) {
      const asked = { ...lease(), nowMs: nowMs + 1e9 };
      const taken = await store.queue.take(asked);
      if (taken.length === 0) return;
      await settle(
        store,
        settling(
          asked.lease,
          taken.map(({ id }) => id),
        ),
      );
    }
  };

  describe('a place in the log', () => {
    it('that was never taken begins at the end of the log: its past is told to nobody', async () => {
      expect((await owner(4_711)).next).toBe(4_711);
    });

    it('that was never taken begins where it was noted before, and noting it again changes nothing', async () => {
      const ends = Array.from({ length: 90 }, (_, at) => at + 1_000);
      await store.writer.begin('another topic', epoch, ends);
      await store.writer.begin(
        'another topic',
        epoch,
        ends.map((end) => end + 5),
      );
      expect((await store.writer.claim('another topic', 89, epoch, 7_777)).next).toBe(1_089);
    });

    it('is where the last commit left it, and fences the former owner', async () => {
      const { partition: own, commit } = await owner(10);
      await commit({});
      expect(await store.writer.claim(topic, own, epoch, 99)).toEqual({ next: 11, fence: 2 });
      await expect(commit({})).rejects.toMatchObject({ code: 'fenced' });
      expect((await store.writer.applied(topic))[own]).toBe(11);
    });

    it('never goes back behind what was decided, whatever becomes of the position', async () => {
      const { partition: own, commit } = await owner(0);
      await commit({});
      await commit({});
      expect((await store.writer.horizons(topic))[own]).toBe(2);
      expect((await store.writer.claim(topic, own, epoch, 50)).next).toBe(2);
    });

    it('of another log begins at the end of that one', async () => {
      const { partition: own, commit } = await owner(5);
      await commit({});
      expect((await store.writer.claim(topic, own, 'another', 3)).next).toBe(3);
      expect((await store.writer.horizons(topic))[own]).toBe(3);
    });
  });

  describe('a commit', () => {
    it('keeps decisions, notices and events together, and repeated it changes nothing', async () => {
      const { partition: own, fence, next } = await owner();
      const notice = noticeFor();
      const { messageId, conversationId, userId } = notice;
      const decided = {
        eventId: messageId,
        messageId,
        conversationId,
        notTold: [{ reason: 'muted' as const, channel: null, userIds: [randomUUID()] }],
        rest: { reason: 'no_channel' as const, count: 3 },
        atMs: nowMs,
      };
      const batch = {
        ...nothing,
        topic,
        partition: own,
        fence,
        next: next + 1,
        decided: [decided],
        notices: [notice],
        outbox: [{ key: conversationId, value: '{"one":1}' }],
      };
      await store.writer.commit(batch);
      await store.writer.commit(batch);
      expect(await store.explaining.decided(messageId)).toEqual([decided]);
      expect(await store.explaining.notices(messageId, userId)).toEqual([notice]);
      expect(await store.explaining.notices(messageId, randomUUID())).toEqual([]);
      const entries = await store.queue.outbox({ ...lease(), nowMs });
      expect(entries.filter(({ key }) => key === conversationId)).toHaveLength(1);
      await store.queue.outboxDone(entries.map(({ id }) => id));
    });

    it('never makes the same notice twice, nor changes one that was settled', async () => {
      const { commit } = await owner();
      const notice = noticeFor({ dueMs: nowMs });
      await commit({ notices: [notice] });
      await emptied();
      await commit({ notices: [notice] });
      expect(await store.queue.notice(notice.id)).toMatchObject({ state: 'sent', dueMs: null });
    });

    it('drops what waits up to the place that was read, of that person and conversation only', async () => {
      const { commit } = await owner();
      const before = noticeFor({ position: 5 });
      const at = { ...before, id: randomUUID(), position: 6 };
      const behind = { ...before, id: randomUUID(), position: 7 };
      const others = { ...before, id: randomUUID(), userId: randomUUID() };
      await commit({ notices: [before, at, behind, others] });
      const { userId, conversationId } = before;
      const told: Notice[] = [];
      await commit({
        ended: [{ userId, conversationId, position: 6, reason: 'already_read' }],
        settled: (notices) => {
          told.push(...notices);
          return [];
        },
      });
      const states = await Promise.all(
        [before, at, behind, others].map(async ({ id }) => (await store.queue.notice(id))?.state),
      );
      expect(states).toEqual(['dropped', 'dropped', 'waiting', 'waiting']);
      expect(told.map(({ id, reason }) => [id, reason]).sort()).toEqual(
        [
          [before.id, 'already_read'],
          [at.id, 'already_read'],
        ].sort(),
      );
    });

    it('tells each device once to take back what it was told', async () => {
      const { commit } = await owner();
      await emptied();
      const one = noticeFor({ dueMs: nowMs, position: 5 });
      const two = { ...one, id: randomUUID(), messageId: randomUUID(), position: 6 };
      const mail = { ...one, id: randomUUID(), channel: 'email' as const, sessionId: null };
      await commit({ notices: [one, two, mail] });
      await emptied();
      const { userId, conversationId } = one;
      await commit({ ended: [{ userId, conversationId, position: 6, reason: 'already_read' }] });
      expect(await store.queue.notice(one.id)).toMatchObject({ state: 'cleared' });
      const taken = await store.queue.take(lease());
      expect(taken.map(({ form, messageId, sessionId }) => ({ form, messageId, sessionId }))).toEqual([
        { form: 'clear', messageId: two.messageId, sessionId: one.sessionId },
      ]);
      await emptied();
      await commit({ ended: [{ userId, conversationId, position: 9, reason: 'already_read' }] });
      expect(await store.queue.take(lease())).toEqual([]);
    });

    it('drops the notices of a message that was deleted', async () => {
      const { commit } = await owner();
      const notice = noticeFor();
      const { messageId, conversationId } = notice;
      await commit({ notices: [notice] });
      await commit({ deleted: [{ messageId, conversationId }] });
      expect(await store.queue.notice(notice.id)).toMatchObject({ state: 'dropped', reason: 'deleted' });
    });
  });

  describe('notices that are due', () => {
    it('are taken once, by whoever is first', async () => {
      await emptied();
      const { commit } = await owner();
      const notices = Array.from({ length: 60 }, () => noticeFor({ dueMs: nowMs }));
      await commit({ notices });
      const asked = Array.from({ length: 6 }, () => ({ ...lease(), limit: 20 }));
      const taken = await Promise.all(asked.map((one, i) => (i % 2 ? store : other).queue.take(one)));
      const ids = taken.flat().map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
      expect(ids.length).toBeGreaterThan(0);
      await emptied();
    });

    it('wait until then', async () => {
      await emptied();
      const { commit } = await owner();
      const notice = noticeFor({ dueMs: nowMs + minute });
      await commit({ notices: [notice] });
      expect(await store.queue.take({ ...lease(), nowMs: nowMs + minute - 1 })).toEqual([]);
      expect(await store.queue.nextDueMs()).toBe(nowMs + minute);
      expect(await store.queue.counts(nowMs)).toEqual({
        waiting: 1,
        overdue: 0,
        oldestMs: nowMs + minute,
      });
      expect(await store.queue.take({ ...lease(), nowMs: nowMs + minute })).toHaveLength(1);
      await emptied();
    });

    it('bring along what waits for the same device and conversation, and nothing else', async () => {
      await emptied();
      const { commit } = await owner();
      const due = noticeFor({ dueMs: nowMs });
      const later = { ...due, id: randomUUID(), dueMs: nowMs + 9 * minute };
      const apart = [
        { ...later, id: randomUUID(), conversationId: randomUUID() },
        { ...later, id: randomUUID(), sessionId: randomUUID() },
        { ...later, id: randomUUID(), channel: 'email' as const, sessionId: null },
        { ...later, id: randomUUID(), userId: randomUUID() },
      ];
      await commit({ notices: [due, later, ...apart] });
      const ids = (await store.queue.take(lease())).map(({ id }) => id);
      expect(ids.sort()).toEqual([due.id, later.id].sort());
      await emptied();
    });

    it('of a digest bring along all their person has', async () => {
      await emptied();
      const { commit } = await owner();
      const due = noticeFor({ dueMs: nowMs, form: 'digest', channel: 'email', sessionId: null });
      const more = { ...due, id: randomUUID(), conversationId: randomUUID(), dueMs: nowMs + 9 * minute };
      await commit({ notices: [due, more] });
      expect(await store.queue.take(lease())).toHaveLength(2);
      await emptied();
    });

    it('come to another when whoever took them has died, who then cannot settle them any more', async () => {
      await emptied();
      const { commit } = await owner();
      const notice = noticeFor({ dueMs: nowMs });
      await commit({ notices: [notice] });
      const [dead, heir] = [lease(), { ...lease(), nowMs: nowMs + 3 * minute }];
      expect(await store.queue.take(dead)).toHaveLength(1);
      expect(await other.queue.take({ ...lease(), nowMs: dead.nowMs + 1 })).toEqual([]);
      expect(await other.queue.take(heir)).toHaveLength(1);
      expect(await settle(store, settling(dead.lease, [notice.id]))).toEqual([]);
      expect(await settle(other, settling(heir.lease, [notice.id]))).toEqual([notice.id]);
      expect(await store.queue.notice(notice.id)).toMatchObject({ state: 'sent', attempts: 1 });
    });

    it('that were read while somebody had them stay dropped', async () => {
      await emptied();
      const { commit } = await owner();
      const notice = noticeFor({ dueMs: nowMs });
      const { userId, conversationId } = notice;
      await commit({ notices: [notice] });
      const asked = lease();
      await store.queue.take(asked);
      await commit({ ended: [{ userId, conversationId, position: 9, reason: 'already_read' }] });
      expect(await settle(store, settling(asked.lease, [notice.id]))).toEqual([]);
      expect(await store.queue.notice(notice.id)).toMatchObject({ state: 'dropped' });
    });

    it('are settled many at once, each as it ended, and the device remembers when it was told', async () => {
      await emptied();
      const { commit } = await owner();
      const one = device();
      await store.people.subscribe(one);
      const [sent, dropped, stray] = [noticeFor({ dueMs: nowMs }), noticeFor({ dueMs: nowMs }), noticeFor()];
      await commit({ notices: [sent, dropped, stray] });
      const asked = lease();
      await store.queue.take({ ...asked, nowMs });
      const key = sent.conversationId;
      const had = await settle(
        store,
        { ...settling(asked.lease, [sent.id]), subscriptionId: one.id, outbox: [{ key, value: '"sent"' }] },
        { ...settling(asked.lease, [dropped.id]), state: 'dropped', reason: 'muted' },
        { ...settling(asked.lease, [stray.id]), outbox: [{ key, value: '"stray"' }] },
      );
      expect(had.sort()).toEqual([sent.id, dropped.id].sort());
      expect(await store.queue.notice(sent.id)).toMatchObject({
        state: 'sent',
        settledMs: nowMs + 2 * minute,
      });
      expect(await store.queue.notice(dropped.id)).toMatchObject({ state: 'dropped', reason: 'muted' });
      expect(await store.queue.notice(stray.id)).toMatchObject({ state: 'waiting' });
      expect(await store.people.subscriptions([one.userId])).toMatchObject([
        { lastSentMs: nowMs + 2 * minute },
      ]);
      const entries = await store.queue.outbox({ ...lease(), nowMs: nowMs + 1e9, limit: 1_000 });
      expect(entries.filter((entry) => entry.key === key).map(({ value }) => value)).toEqual(['"sent"']);
      await store.queue.outboxDone(entries.map(({ id }) => id));
    });

    it('can be put off, and are counted for their device once for each sending', async () => {
      await emptied();
      const { commit } = await owner();
      const notice = noticeFor({ dueMs: nowMs });
      const more = { ...notice, id: randomUUID() };
      const another = noticeFor({ dueMs: nowMs });
      const mailed = noticeFor({ dueMs: nowMs, channel: 'email', sessionId: null });
      await commit({ notices: [notice, more, another, mailed] });
      const asked = lease();
      const ids = (await store.queue.take(asked)).map(({ id }) => id);
      const off = { ...settling(asked.lease, ids), state: 'waiting' as const, dueMs: nowMs + 5 * minute };
      await settle(store, { ...off, reason: 'retry' });
      expect(await store.queue.notice(notice.id)).toMatchObject({
        dueMs: nowMs + 5 * minute,
        reason: 'retry',
        settledMs: null,
      });
      const people = [notice.userId, another.userId, mailed.userId, randomUUID()];
      const sent = (channel: NoticeChannel) => store.queue.sentSince(people, channel, nowMs);
      expect(await sent('push')).toEqual(new Map());
      await emptied();
      expect(await sent('push')).toEqual(
        new Map([
          [deviceOf(notice), 1],
          [deviceOf(another), 1],
        ]),
      );
      expect(await sent('email')).toEqual(new Map([[deviceOf(mailed), 1]]));
      // What was settled in one moment were two sendings if it was about two conversations.
      const beside = { ...notice, id: randomUUID(), conversationId: randomUUID() };
      const digests = [mailed, mailed].map((one) => ({
        ...one,
        id: randomUUID(),
        form: 'digest' as const,
        conversationId: randomUUID(),
      }));
      await commit({ notices: [beside, ...digests] });
      await emptied();
      expect((await sent('push')).get(deviceOf(notice))).toBe(2);
      expect((await sent('email')).get(deviceOf(mailed))).toBe(2);
    });
  });

  describe('events that wait for the log', () => {
    it('come in order to one writer at a time, and to another when that one has died', async () => {
      const { commit } = await owner();
      const before = await store.queue.outbox({ ...lease(), nowMs: nowMs + 1e9, limit: 1_000 });
      await store.queue.outboxDone(before.map(({ id }) => id));
      const key = randomUUID();
      await commit({ outbox: ['1', '2', '3'].map((value) => ({ key, value })) });
      const entries = await store.queue.outbox({ ...lease(), limit: 2 });
      expect(entries.map(({ value }) => value)).toEqual(['1', '2']);
      expect(await other.queue.outbox(lease())).toEqual([]);
      const later = await other.queue.outbox({ ...lease(), nowMs: nowMs + 9 * minute });
      expect(later.map(({ value }) => value)).toEqual(['1', '2', '3']);
      await other.queue.outboxDone(later.map(({ id }) => id));
      expect(await store.queue.outbox({ ...lease(), nowMs: nowMs + 1e9 })).toEqual([]);
    });
  });

  it('forgets what was settled long ago, and nothing that waits', async () => {
    const { commit } = await owner();
    const old = nowMs - 1e9;
    const settled = noticeFor({ state: 'dropped', dueMs: null, settledMs: old, madeMs: old });
    const waiting = noticeFor({ madeMs: old });
    const { messageId, conversationId } = settled;
    const decided = { eventId: messageId, messageId, conversationId, notTold: [], rest: null, atMs: old };
    await commit({ notices: [settled, waiting], decided: [decided] });
    expect(await store.queue.prune(old + 1)).toBe(2);
    expect(await store.queue.notice(settled.id)).toBeNull();
    expect(await store.queue.notice(waiting.id)).toEqual(waiting);
    expect(await store.explaining.decided(messageId)).toEqual([]);
  });

  describe('what people chose', () => {
    it('is kept whole, and the last one holds', async () => {
      const [ann, bob] = [randomUUID(), randomUUID()];
      await store.people.setPreferences(ann, { ...usualPreferences, keywords: ['Hà Nội'] }, nowMs);
      await store.people.setPreferences(ann, { ...usualPreferences, keywords: ['đêm'] }, nowMs);
      const found = await other.people.preferences([ann, bob]);
      expect([...found]).toEqual([[ann, { ...usualPreferences, keywords: ['đêm'] }]]);
    });

    it('is changed by what is named, and several changes at the same moment are all kept', async () => {
      const change = {
        ...{ showContent: true, digest: { at: '07:30' } },
        ...{ kinds: { group: { push: false }, mention: { email: false } }, afterSeconds: { push: 60 } },
      };
      const changes = Object.entries(change).map(([name, value]) => ({ [name]: value }));
      for (const round of [1, 2, 3, 4, 5]) {
        const ann = randomUUID();
        // Of somebody who has never chosen anything, and of somebody who has.
        if (round % 2 === 0) await store.people.setPreferences(ann, { language: 'vi' }, nowMs);
        const before = { ...usualPreferences, ...(round % 2 === 0 && { language: 'vi' as const }) };
        await Promise.all(
          changes.map((one, i) => [store, other][i % 2]?.people.setPreferences(ann, one, nowMs)),
        );
        const all = preferred(before, change);
        expect((await other.people.preferences([ann])).get(ann)).toEqual(all);
        expect(await store.people.setPreferences(ann, {}, nowMs)).toEqual(all);
      }
    });
  });

  describe('devices', () => {
    it('have one address each: the newest, and nobody has it besides', async () => {
      const one = device();
      const { userId, sessionId, endpoint } = one;
      expect(await store.people.subscribe(one)).toBe('kept');
      const renewed = device({ userId, sessionId });
      await store.people.subscribe(renewed);
      expect(await store.people.subscriptions([userId])).toEqual([renewed]);
      await store.people.subscribe(device({ endpoint }));
      const taken = device({ endpoint: renewed.endpoint });
      await store.people.subscribe(taken);
      expect(await store.people.subscriptions([userId])).toEqual([]);
      expect(await store.people.subscriptions([taken.userId])).toEqual([taken]);
    });

    it(`are ${limits.subscriptionsMax} at most`, async () => {
      const userId = randomUUID();
      for (let i = 0; i < limits.subscriptionsMax; i++)
        expect(await store.people.subscribe(device({ userId }))).toBe('kept');
      expect(await store.people.subscribe(device({ userId }))).toBe('full');
    });

    it('are taken away by their person only', async () => {
      const one = device();
      await store.people.subscribe(one);
      expect(await store.people.unsubscribe(randomUUID(), { ids: [one.id] })).toBe(0);
      expect(await store.people.unsubscribe(one.userId, { sessionIds: [one.sessionId] })).toBe(1);
      expect(await store.people.subscriptions([one.userId])).toEqual([]);
    });
  });

  it('forgets a person whole', async () => {
    const one = device();
    const { userId } = one;
    const { commit } = await owner();
    const notice = noticeFor({ userId });
    await store.people.subscribe(one);
    await store.people.setPreferences(userId, usualPreferences, nowMs);
    await commit({ notices: [notice] });
    await store.people.forget(userId);
    expect(await store.people.subscriptions([userId])).toEqual([]);
    expect((await store.people.preferences([userId])).size).toBe(0);
    expect(await store.queue.notice(notice.id)).toBeNull();
  });

  it('gives another store what it has', async () => {
    const { userId } = noticeFor();
    const { commit } = await owner();
    await store.people.subscribe(device({ userId }));
    await store.people.setPreferences(userId, usualPreferences, nowMs);
    await commit({ notices: [noticeFor({ userId })] });
    const dir = mkdtempSync(join(tmpdir(), 'chatvui-moved-'));
    const moved = await openSqliteNotifications({ dir });
    try {
      await movedWhole(store.moving, moved.moving);
    } finally {
      await moved.close();
      rmSync(dir, { recursive: true, force: true });
    }
  });
};
