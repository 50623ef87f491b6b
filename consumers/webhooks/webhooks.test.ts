// Who is told of what, and what becomes of deliveries that fail.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { HistoryReader, Standing } from '../../ports/history/port.ts';
import type { Hook, NewDelivery, WebhookStore } from '../../ports/webhooks/port.ts';
import { openSqliteWebhooks } from '../../ports/webhooks/sqlite.ts';
import { makeEvent } from '../../schemas/codec.ts';
import { silent } from '../log.fake.ts';
import { deliveriesFor, type Mode, toldAmong } from './choose.ts';
import { Dispatcher, pauseAfter } from './dispatcher.ts';
import { type Sent, signaturesOf } from './sender.ts';

const id = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const [ann, bot, room, other] = [id(1), id(2), id(3), id(4)] as [string, string, string, string];
const start = Date.UTC(2026, 5, 1, 12);
const at = (ms: number): string => new Date(start + ms).toISOString();
const [hour, day] = [3_600_000, 24 * 3_600_000];

let made = 100;
const hookOf = (changes: Partial<Hook> = {}): Hook => ({
  id: id(++made),
  name: 'receiver',
  botId: bot,
  conversationId: null,
  url: 'https://example.org/',
  types: ['message.sent'],
  includeOwn: false,
  state: 'active',
  reason: null,
  pausedAt: null,
  failingSince: null,
  lastSuccessAt: null,
  secret: 'whsec_c2VjcmV0',
  former: null,
  horizon: [0],
  createdBy: ann,
  createdAt: at(0),
  ...changes,
});

describe('a webhook is told', () => {
  const sent = (position: number, changes: object = {}, more: { actor?: string; loggedMs?: number } = {}) => {
    const messageId = id(++made);
    const message = {
      id: messageId,
      conversationId: room,
      senderId: ann,
      position: 0,
      content: 'chào',
      attachments: [],
      replyTo: null,
      mentions: [],
      createdAt: at(0),
      editedAt: null,
      deletedAt: null,
      rev: 1,
      ...changes,
    };
    const event = makeEvent({
      type: 'message.sent',
      id: messageId,
      subject: room,
      actor: more.actor ?? message.senderId,
      time: at(0),
      data: { message },
    });
    return { event, offset: position - 1, position, loggedMs: more.loggedMs ?? start };
  };
  /** A member from place 5 on, and before that none. */
  const standing = (historyVisibility: 'joined' | 'all'): Standing => ({
    member: {
      conversationId: room,
      userId: bot,
      isAdmin: false,
      active: true,
      joinedAt: at(0),
      joinedPosition: 5,
      leftPosition: null,
      spans: [],
      rev: 1,
    },
    conversation: { id: room, isGroup: true, historyVisibility },
    readPosition: 0,
  });
  const places = async (
    hook: Hook,
    events: ReturnType<typeof sent>[],
    { mode = 'live' as Mode, visibility = 'joined' as 'joined' | 'all' } = {},
  ) => {
    const history: Pick<HistoryReader, 'standings'> = { standings: async () => [standing(visibility)] };
    const asked = { hooks: [hook], events: toldAmong(events), partition: 0, mode };
    return (await deliveriesFor(history, asked)).map(({ position }) => position);
  };

  it('what its bot was a member for at that place; by a replay also what it may see now', async () => {
    const events = [sent(4), sent(5), sent(6)];
    expect(await places(hookOf(), events)).toEqual([5, 6]);
    expect(await places(hookOf(), events, { visibility: 'all' })).toEqual([5, 6]);
    expect(await places(hookOf(), events, { mode: 'replay', visibility: 'all' })).toEqual([4, 5, 6]);
  });

  it('what it asked for, from its beginning on, and not what the bot did itself', async () => {
    expect(await places(hookOf({ horizon: [5] }), [sent(5), sent(6)])).toEqual([6]);
    expect(await places(hookOf({ types: ['message.edited'] }), [sent(6)])).toEqual([]);
    expect(await places(hookOf({ conversationId: other }), [sent(6)])).toEqual([]);
    const own = [sent(6, { senderId: bot })];
    expect(await places(hookOf(), own)).toEqual([]);
    expect(await places(hookOf({ includeOwn: true }), own)).toEqual([6]);
  });

  it('nothing that was brought in from elsewhere, unless it is replayed', async () => {
    const imported = [
      sent(6, {}, { actor: id(9) }),
      sent(7, { createdAt: at(-day) }),
      sent(8, {}, { loggedMs: start + 2 * hour }),
    ];
    expect(await places(hookOf(), imported)).toEqual([]);
    expect(await places(hookOf(), imported, { mode: 'replay' })).toEqual([6, 7, 8]);
  });

  it('under an id that is the same every time, and another one for each hook', async () => {
    const events = toldAmong([sent(6)]);
    const history = { standings: async () => [standing('joined')] };
    const ids = async (hook: Hook) =>
      (await deliveriesFor(history, { hooks: [hook], events, partition: 0, mode: 'live' })).map((one) => [
        one.id,
        one.body,
      ]);
    const [one, two] = [hookOf(), hookOf()];
    expect(await ids(one)).toEqual(await ids(one));
    expect((await ids(one))[0]?.[0]).not.toBe((await ids(two))[0]?.[0]);
  });

  it('by both secrets while one replaces the other', () => {
    const former = { secret: 'whsec_Zm9ybWVy', until: at(0) };
    const sign = (seconds: number) =>
      signaturesOf({ secret: 'whsec_c2VjcmV0', former }, { id: 'x', seconds, body: '{}' });
    expect(sign(start / 1000 - 1).split(' ')).toHaveLength(2);
    expect(sign(start / 1000 + 1).split(' ')).toHaveLength(1);
    expect(sign(start / 1000)).toMatch(/^v1,[A-Za-z0-9+/]{43}=$/);
  });
});

describe('a delivery that fails', () => {
  const dir = mkdtempSync(join(tmpdir(), 'chatvui-dispatcher-'));
  let store: WebhookStore;
  let dispatcher: Dispatcher | undefined;
  const clock = { ms: start };
  let partition = 0;
  beforeAll(async () => {
    store = await openSqliteWebhooks({ dir });
  });
  afterEach(() => dispatcher?.close());
  afterAll(async () => {
    await store.close();
    rmSync(dir, { recursive: true, force: true });
  });

  const answer = (kind: Sent['kind'], status: number | null): Sent => ({
    kind,
    attempt: {
      status,
      error: kind === 'delivered' ? null : 'x',
      durationMs: 1,
      at: new Date(clock.ms).toISOString(),
    },
  });
  /** A hook with so many deliveries in one lane, and what is sent of them. */
  const running = async (count: number, reply: (position: number) => Sent) => {
    clock.ms = start;
    const hook = hookOf();
    await store.createHook(hook, { max: 100 });
    const { fence } = await store.claim('chat.conversations', ++partition, 'e', async () => 0);
    const deliveries = Array.from({ length: count }, (_, i): NewDelivery => {
      const base = { hookId: hook.id, conversationId: room, partition, position: i + 1, id: id(++made) };
      return { ...base, type: 'message.sent', messageId: null, body: String(i + 1) };
    });
    const { version } = await store.hooks();
    const step = { topic: 'chat.conversations', partition, fence, first: 0, next: count, version };
    await store.commit({ ...step, deliveries, paused: [], scrubbed: [], now: at(0) });
    const sent: number[] = [];
    const told: string[] = [];
    const work = new Dispatcher({
      store,
      sender: {
        send: async (_, _id, body) => {
          sent.push(Number(body));
          return reply(Number(body));
        },
      },
      logger: silent,
      tellPaused: async (_, reason) => void told.push(reason),
      onFailure: (error) => {
        throw error;
      },
      now: () => clock.ms,
      random: () => 1,
    });
    dispatcher = work;
    work.start();
    const counts = async () => (await store.countsOf([hook.id])).get(hook.id);
    const pass = (ms: number) => {
      clock.ms += ms;
      work.wake();
    };
    return { hook, sent, told, counts, pass };
  };
  const until = (look: () => Promise<unknown>, value: unknown) =>
    vi.waitFor(async () => expect(await look()).toEqual(value), { timeout: 10_000 });

  it('is tried again after pauses that double up to an hour, and what comes behind it waits', async () => {
    expect([0, 1, 2, 3, 30].map((n) => pauseAfter(n, 1))).toEqual([1000, 2000, 4000, 8000, hour]);
    expect(pauseAfter(3, 0)).toBe(4000);
    let isUp = false;
    const { sent, counts, pass } = await running(3, () =>
      isUp ? answer('delivered', 200) : answer('failed', 500),
    );
    await until(async () => sent, [1]);
    pass(1000);
    await until(async () => sent, [1, 1]);
    isUp = true;
    pass(2000);
    await until(async () => sent, [1, 1, 1, 2, 3]);
    await until(async () => (await counts())?.waiting, 0);
  });

  it('is given up and kept after a day, and its lane goes on', async () => {
    const { sent, counts, pass } = await running(2, (n) =>
      n === 1 ? answer('failed', 500) : answer('delivered', 200),
    );
    await until(async () => sent, [1]);
    pass(day + hour);
    await until(async () => sent, [1, 1, 2]);
    await until(async () => [(await counts())?.waiting, (await counts())?.dead], [0, 1]);
  });

  it('pauses its hook after three days, or when it is told that nobody wants it or may be asked', async () => {
    const failing = await running(9, () => answer('failed', null));
    await until(async () => failing.sent.length, 1);
    failing.pass(3 * day + hour);
    await until(async () => (await store.hook(failing.hook.id))?.reason, 'failing');
    expect(failing.told).toEqual(['failing']);
    await dispatcher?.close();
    for (const [kind, status] of [
      ['gone', 410],
      ['refused', null],
    ] as const) {
      const { hook, sent, told, counts } = await running(2, () => answer(kind, status));
      await until(async () => told, [kind]);
      expect([sent, (await counts())?.waiting]).toEqual([[1], 2]);
      expect(await store.hook(hook.id)).toMatchObject({ state: 'paused', reason: kind });
      await dispatcher?.close();
    }
  });
});
