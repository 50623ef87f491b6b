import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NotificationStore } from '../ports/notifications/port.ts';
import { openSqliteNotifications } from '../ports/notifications/sqlite.ts';
import { usualPreferences } from '../schemas/notifications.ts';
import { isRefusal } from '../schemas/refusal.ts';
import { known, message } from './http/door.fake.ts';
import { Notifications } from './notifications.ts';

const nowMs = Date.UTC(2026, 5, 1, 12);
const keys = { p256dh: 'B'.repeat(87), auth: 'a'.repeat(22) };
const body = (endpoint = `https://push.example.org/${crypto.randomUUID()}`) => ({ endpoint, keys });
const person = () => ({ userId: crypto.randomUUID(), sessionId: crypto.randomUUID() });

const dir = mkdtempSync(join(tmpdir(), 'chatvui-choices-'));
let store: NotificationStore;
const changed: string[] = [];
const open = (more: Partial<ConstructorParameters<typeof Notifications>[0]> = {}) =>
  new Notifications({
    store,
    devices: async () => [],
    message: async (_, id) => message(id),
    partitionOf: () => 3,
    changed: async (userId) => void changed.push(userId),
    pushKey: 'key',
    now: () => nowMs,
    ...more,
  });
beforeAll(async () => {
  store = await openSqliteNotifications({ dir });
});
afterAll(async () => {
  await store.close();
  rmSync(dir, { recursive: true, force: true });
});

describe('preferences', () => {
  it('are the usual ones until something is chosen; what is left out stays, and other devices hear of it', async () => {
    const notifications = open();
    const { userId } = person();
    expect(await notifications.preferences(userId)).toEqual(usualPreferences);
    await notifications.setPreferences(userId, { kinds: { group: { push: false } } });
    const next = await notifications.setPreferences(userId, {
      keywords: [' deploy ', 'deploy'],
      afterSeconds: { push: 60 },
    });
    expect(next).toEqual({
      ...usualPreferences,
      kinds: { ...usualPreferences.kinds, group: { push: false, email: false } },
      keywords: ['deploy'],
      afterSeconds: { push: 60, email: 900 },
    });
    expect(await notifications.preferences(userId)).toEqual(next);
    expect(changed.filter((id) => id === userId)).toHaveLength(2);
  });

  it('keep every one of several changes that come at the same moment, at whichever gateway', async () => {
    const [notifications, elsewhere] = [open(), open()];
    const { userId } = person();
    await Promise.all([
      notifications.setPreferences(userId, { afterSeconds: { push: 0 } }),
      elsewhere.setPreferences(userId, { timeZone: 'There/Is None' }),
      elsewhere.setPreferences(userId, { language: 'vi' }),
      notifications.setPreferences(userId, { kinds: { group: { push: false } } }),
    ]);
    expect(await notifications.preferences(userId)).toMatchObject({
      ...{ afterSeconds: { push: 0 }, language: 'vi', kinds: { group: { push: false } } },
    });
  });

  it('name a time zone that there is, and quiet hours that end', async () => {
    const notifications = open();
    const { userId } = person();
    expect(await notifications.setPreferences(userId, { timeZone: 'Asia/Atlantis' })).toMatchObject({
      code: 'invalid_input',
    });
    const quietHours = { from: '22:00', to: '22:00', days: [1], mentionsPass: false };
    expect(await notifications.setPreferences(userId, { quietHours })).toMatchObject({
      code: 'invalid_input',
    });
    expect(await notifications.preferences(userId)).toEqual(usualPreferences);
  });
});

describe('devices', () => {
  it('are told by their newest address, and their owner alone sees them, without keys', async () => {
    const notifications = open();
    const [ann, bob] = [person(), person()];
    await notifications.subscribe(ann, body());
    const kept = await notifications.subscribe(ann, body());
    if (isRefusal(kept)) throw new Error(kept.detail);
    expect(await notifications.subscriptions(ann)).toEqual([kept]);
    expect(kept).toEqual({
      id: kept.id,
      sessionId: ann.sessionId,
      current: true,
      device: null,
      host: 'push.example.org',
      createdAt: new Date(nowMs).toISOString(),
      lastSentAt: null,
    });
    expect(await notifications.subscriptions(bob)).toEqual([]);
    expect(await notifications.unsubscribe(bob, kept.id)).toMatchObject({ code: 'not_found' });
    expect(await notifications.unsubscribe(ann)).toBeNull();
    expect(await notifications.subscriptions(ann)).toEqual([]);
  });

  it('are not taken where there is no push, or at an address that may not be called', async () => {
    expect(await open({ pushKey: null }).subscribe(person(), body())).toMatchObject({ code: 'no_channel' });
    const refusalOfEndpoint = () => ({ kind: 'refusal', code: 'invalid_input', detail: 'no' }) as const;
    expect(await open({ refusalOfEndpoint }).subscribe(person(), body())).toMatchObject({
      code: 'invalid_input',
    });
  });

  it('that are told by nothing cannot be tested', async () => {
    expect(await open().test(person(), 'push')).toMatchObject({ code: 'no_channel' });
    expect(await open().test(person(), 'email')).toMatchObject({ code: 'no_channel' });
  });
});

describe('why', () => {
  it('is answered with what was decided about the caller, by device and channel or for all', async () => {
    const { fence, next } = await store.writer.claim('chat.conversations', 3, 'e', 0);
    const { id: messageId } = message();
    const [ann, bob, chi] = [person(), person(), person()];
    const notice = {
      id: crypto.randomUUID(),
      form: 'notice' as const,
      ...ann,
      conversationId: known,
      messageId,
      position: 7,
      kind: 'mention' as const,
      channel: 'push' as const,
      dueMs: nowMs + 3_000,
      attempts: 0,
      state: 'waiting' as const,
      reason: 'set_time' as const,
      madeMs: nowMs,
      settledMs: null,
    };
    expect(await open().explain(ann.userId, messageId)).toMatchObject({ state: 'not_yet', items: [] });
    await store.writer.commit({
      topic: 'chat.conversations',
      partition: 3,
      fence,
      next: next + 7,
      decided: [
        {
          eventId: messageId,
          messageId,
          conversationId: known,
          notTold: [
            { reason: 'kind_off', channel: 'email', userIds: [ann.userId] },
            { reason: 'muted', channel: null, userIds: [bob.userId] },
          ],
          rest: { reason: 'no_channel', count: 40 },
          atMs: nowMs,
        },
      ],
      notices: [notice],
      ended: [],
      deleted: [],
      outbox: [],
      settled: () => [],
      nowMs,
    });
    const answers = async (userId: string) => {
      const found = await open().explain(userId, messageId);
      if (isRefusal(found)) throw new Error(found.detail);
      return found.items.map(({ channel, state, reason }) => [channel, state, reason]);
    };
    expect(await answers(ann.userId)).toEqual([
      ['push', 'waiting', 'set_time'],
      ['email', 'dropped', 'kind_off'],
    ]);
    expect(await answers(bob.userId)).toEqual([[null, 'dropped', 'muted']]);
    expect(await answers(chi.userId)).toEqual([[null, 'dropped', 'no_channel']]);
    expect(await open().explain(ann.userId, crypto.randomUUID())).toMatchObject({ state: 'not_kept' });
  });

  it('is not told to whom the message is not told', async () => {
    const refusal = { kind: 'refusal', code: 'not_found', detail: 'no' } as const;
    expect(await open({ message: async () => refusal }).explain('a', 'b')).toEqual(refusal);
  });
});
