// The history projection over the real embedded store, brought its events by hand.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { OutsideError } from '../../ports/errors.ts';
import type { Commit, HistoryStore, HistoryWriter } from '../../ports/history/port.ts';
import { openSqliteHistory } from '../../ports/history/sqlite.ts';
import { addMembers, createConversation, removeMember } from '../../producers/conversation.ts';
import type { Context, Decision } from '../../producers/decider.ts';
import { sendMessage } from '../../producers/message.ts';
import { type ConversationState, evolve } from '../../producers/state.ts';
import { makeEvent } from '../../schemas/codec.ts';
import type { ConversationEvent } from '../../schemas/events.ts';
import { isRefusal } from '../../schemas/refusal.ts';
import { FakeLog, silent } from '../log.fake.ts';
import type { RunningProjection } from '../running.ts';
import { skipsOf } from '../skips.ts';
import { apply } from './apply.ts';
import { startHistory } from './start.ts';

const topic = 'chat.conversations';
const id = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const [an, binh, group] = [id(1), id(2), id(9)] as [string, string, string];
let made = 100;
const now = '2026-01-02T03:04:05.678Z';
const as = (actorId: string): Context => ({ actorId, now, newId: () => id(made++) });

let dir: string;
let store: HistoryStore;
let log: FakeLog;
let running: RunningProjection[];
let failures: Error[];
let skips: Set<string>;
let epoch: string;
let nowMs = 0;
/** What the next commits do instead of answering. */
let faults: ((commit: () => Promise<void>) => Promise<void>)[];
let loads: string[][];
/** What a gateway would know: everything that was put is admitted. */
let state: ConversationState | null;

const writer = (): HistoryWriter => ({
  claim: (...args) => store.writer.claim(...args),
  commit: (batch: Commit) => {
    const commit = () => store.writer.commit(batch);
    const fault = faults.shift();
    return fault ? fault(commit) : commit();
  },
  conversations: (ids) => {
    loads.push(ids);
    return store.writer.conversations(ids);
  },
});

const start = async (): Promise<void> => {
  const projection = await startHistory({
    log: Object.assign(log, { epoch: async () => epoch }),
    writer: writer(),
    skips,
    logger: silent,
    onFailure: (error) => void failures.push(error),
    now: () => nowMs,
  });
  running.push(projection);
  await log.assign('chat.users', 0);
  await log.assign(topic, 0);
};

const eventsOf = (decision: Decision): ConversationEvent[] => {
  if (isRefusal(decision)) throw new Error(decision.code);
  return decision as ConversationEvent[];
};
const put = (decision: Decision): number =>
  Math.max(
    ...eventsOf(decision).map((event) => {
      const offset = log.put(topic, 0, event);
      state = evolve(state, apply(event, offset + 1));
      return offset;
    }),
  );
const send = (by: string, n: number, content = `message ${n}`): Decision =>
  sendMessage(state, { ref: id(1000 + n), content, replyTo: null, attachments: [], mentions: [] }, as(by));
const contents = async (): Promise<string[]> => {
  const page = await store.reader.page({ conversationId: group, visible: 'all', after: 0, limit: 100 });
  return page.map(({ message }) => message.content);
};

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'chatvui-history-'));
  store = await openSqliteHistory({ dir });
  log = new FakeLog();
  running = [];
  failures = [];
  skips = skipsOf([]);
  epoch = 'epoch-1';
  faults = [];
  loads = [];
  state = null;
  await start();
  put(createConversation({ isGroup: true, name: 'Nhóm', memberIds: [binh], id: group }, as(an)));
});

afterEach(async () => {
  for (const projection of running) await projection.close();
  await store.close();
  rmSync(dir, { recursive: true });
});

describe('what is admitted becomes rows, with the position', () => {
  test('in one commit for a batch', async () => {
    for (const n of [1, 2, 3]) put(send(an, n));
    await log.bring(topic, 0);
    expect(await contents()).toEqual(['message 1', 'message 2', 'message 3']);
    expect((await store.reader.applied(topic))[0]).toBe(4);
    expect(running[0]?.status()).toContainEqual(
      expect.objectContaining({ topic, partition: 0, next: 4, lag: 0, state: 'running' }),
    );
  });

  test('people come out of their own topic, without admission', async () => {
    const user = {
      id: an,
      username: 'an',
      profilePicUrl: null,
      kind: 'person',
      createdAt: now,
      rev: 1,
    } as const;
    log.put(
      'chat.users',
      0,
      makeEvent({ type: 'user.registered', id: an, subject: an, actor: null, time: now, data: { user } }),
    );
    expect(await log.bring('chat.users', 0)).toBeNull();
    expect(await store.reader.users([an])).toMatchObject([{ username: 'an' }]);
  });

  test('the state of a conversation is read once and remembered', async () => {
    await log.bring(topic, 0);
    for (const n of [1, 2, 3]) {
      put(send(an, n));
      await log.bring(topic, 0);
    }
    expect(loads).toEqual([[group]]);
  });

  test('a batch that comes again changes nothing', async () => {
    for (const n of [1, 2]) put(send(an, n));
    await log.bring(topic, 0);
    const before = await store.reader.page({ conversationId: group, visible: 'all', limit: 100 });
    log.rewind(topic, 0, 0);
    expect(await log.bring(topic, 0)).toBeNull();
    expect(await store.reader.page({ conversationId: group, visible: 'all', limit: 100 })).toEqual(before);
    expect((await store.reader.deadLetters({ limit: 10 })).items).toEqual([]);
  });
});

describe('what is void', () => {
  test('changes nothing and is kept with its reason', async () => {
    const late = eventsOf(send(binh, 1))[0] as ConversationEvent;
    put(removeMember(state, { userId: binh }, as(an)));
    const offset = log.put(topic, 0, late);
    put(send(an, 2));
    await log.bring(topic, 0);
    expect(await contents()).toEqual(['message 2']);
    expect((await store.reader.deadLetters({ limit: 10 })).items).toEqual([
      {
        topic,
        partition: 0,
        offset,
        eventId: late.id,
        type: 'message.sent',
        at: late.time,
        reason: 'void: not_a_member',
      },
    ]);
  });

  test('does not keep the same message out when it is sent again as a member', async () => {
    const early = eventsOf(send(binh, 1))[0] as ConversationEvent;
    put(removeMember(state, { userId: binh }, as(an)));
    log.put(topic, 0, early);
    put(addMembers(state, { userIds: [binh], isAdmin: false }, as(an)));
    const offset = put(send(binh, 1, 'again'));
    await log.bring(topic, 0);
    expect(await contents()).toEqual(['again']);
    expect((await store.reader.message(early.id))?.message.position).toBe(offset + 1);
  });

  test('a message that stands in the log twice is the first one', async () => {
    const first = put(send(an, 1));
    put(send(an, 1, 'another text'));
    await log.bring(topic, 0);
    put(send(an, 1, 'and another'));
    await log.bring(topic, 0);
    expect(await contents()).toEqual(['message 1']);
    const page = await store.reader.page({ conversationId: group, visible: 'all', limit: 9 });
    expect(page[0]?.message.position).toBe(first + 1);
  });
});

describe('when a commit fails', () => {
  const away = new OutsideError('sql_unavailable', 'later', 'away');

  test('what ran ahead in memory is dropped, so the events are admitted anew', async () => {
    await log.bring(topic, 0);
    put(removeMember(state, { userId: binh }, as(an)));
    faults = [() => Promise.reject(away)];
    expect(await log.bring(topic, 0)).toBe(away);
    // Had the removal stayed in memory, it would be void now.
    expect(await log.bring(topic, 0)).toBeNull();
    expect((await store.reader.deadLetters({ limit: 10 })).items).toEqual([]);
    const { stored } = await store.reader.conversation(group);
    expect(stored?.members.find(({ userId }) => userId === binh)?.active).toBe(false);
  });

  test('one whose answer got lost is not repeated', async () => {
    put(removeMember(state, { userId: binh }, as(an)));
    faults = [
      async (commit) => {
        await commit();
        throw away;
      },
    ];
    expect(await log.bring(topic, 0)).toBe(away);
    put(send(an, 1));
    expect(await log.bring(topic, 0)).toBeNull();
    expect(await contents()).toEqual(['message 1']);
    expect((await store.reader.deadLetters({ limit: 10 })).items).toEqual([]);
  });

  test('a process that died in between is followed by one that goes on there, without gap or duplicate', async () => {
    for (const n of [1, 2, 3, 4]) put(send(an, n));
    await log.bring(topic, 0, 3);
    await running[0]?.close();
    await store.close();
    store = await openSqliteHistory({ dir });
    await start();
    await log.bring(topic, 0);
    expect(await contents()).toEqual([1, 2, 3, 4].map((n) => `message ${n}`));
  });
});

test('an owner that was fenced writes nothing and forgets what it knew', async () => {
  await log.bring(topic, 0);
  // Given: another owner has taken the partition and applied the next two events, the second one here.
  const other = { isGroup: true, name: 'other', memberIds: [], id: id(8) };
  const created = eventsOf(createConversation(other, as(an)))[0] as ConversationEvent;
  log.put(topic, 0, created);
  put(removeMember(state, { userId: binh }, as(an)));
  const { fence } = await store.writer.claim(topic, 0, epoch);
  const removal = eventsOf(removeMember(stateBefore(), { userId: binh }, as(an)))[0] as ConversationEvent;
  const changes = [...apply(created, 2), ...apply(removal, 3)];
  await store.writer.commit({ topic, partition: 0, fence, next: 3, changes, deadLetters: [] });
  // When the old owner works on, in the other conversation only, then it is refused.
  expect(await log.bring(topic, 0, 1)).toMatchObject({
    retry: 'never',
    code: expect.stringMatching(/fenced$/),
  });
  expect((await store.reader.applied(topic))[0]).toBe(3);
  // When it may claim again, then it goes on with what the other one left, in this conversation too.
  put(addMembers(state, { userIds: [binh], isAdmin: false }, as(an)));
  nowMs += 1000;
  expect(await log.bring(topic, 0)).toBeNull();
  expect((await store.reader.deadLetters({ limit: 10 })).items).toEqual([]);
  const { stored } = await store.reader.conversation(group);
  expect(stored?.members.find(({ userId }) => userId === binh)).toMatchObject({
    active: true,
    spans: [[1, 3]],
  });
});

test('an event that was given up is a dead letter and the partition goes on', async () => {
  put(send(an, 1));
  const offset = log.put(topic, 0, '{"id":"broken"}');
  put(send(an, 2));
  expect((await log.bring(topic, 0))?.message).toMatch(/^cannot apply event broken/);
  expect(await contents()).toEqual(['message 1']);
  running[0]?.skip(`${topic}/0/${offset}`);
  expect(await log.bring(topic, 0)).toBeNull();
  expect(await contents()).toEqual(['message 1', 'message 2']);
  expect((await store.reader.deadLetters({ limit: 10 })).items).toMatchObject([
    { offset, eventId: 'broken' },
  ]);
});

test('rows that were made from another log end the process', async () => {
  await log.bring(topic, 0);
  epoch = 'epoch-2';
  await expect(start()).rejects.toMatchObject({ code: 'history_other_log' });
  expect(failures).toMatchObject([{ code: 'history_other_log' }]);
});

/** The group as it was made: the fenced test removes from it. */
const stateBefore = (): ConversationState => {
  const former = structuredClone(state) as ConversationState;
  const member = former.members.get(binh);
  if (member) former.members.set(binh, { ...member, active: true, leftPosition: null, rev: 1 });
  return former;
};
