// A gateway over the embedded log and history, of which one partition stands still at an event that nobody can read.
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startHistory } from '../consumers/history/start.ts';
import { silent } from '../consumers/log.fake.ts';
import type { RunningProjection } from '../consumers/running.ts';
import type { PersonalItems } from '../ports/accounts/port.ts';
import type { AnalyticsReader } from '../ports/analytics/port.ts';
import { openEmbeddedLog } from '../ports/event-log/embedded.ts';
import { partitionFor } from '../ports/event-log/partition.ts';
import type { EventLog } from '../ports/event-log/port.ts';
import type { HistoryStore } from '../ports/history/port.ts';
import { openSqliteHistory } from '../ports/history/sqlite.ts';
import { openMemoryPresence } from '../ports/presence/memory.ts';
import { makeEvent } from '../schemas/codec.ts';
import { isRefusal, type Refusal } from '../schemas/refusal.ts';
import { topicShapes } from '../schemas/topics.ts';
import type { Conversation } from '../schemas/views.ts';
import { BotGate } from './auth/scopes.ts';
import { fakeChoices } from './choices.fake.ts';
import { type Gateway, openGateway } from './gateway.ts';
import { liveLimits } from './live/limits.ts';

const [topic, users] = ['chat.conversations', 'chat.users'];
const partitions = 12;
const topics = topicShapes(partitions);
const dir = mkdtempSync(join(tmpdir(), 'chatvui-conversations-'));
const patience = liveLimits.freshTimeoutMs - 1_000;

let log: EventLog;
let store: HistoryStore;
let gateway: Gateway;
let history: RunningProjection;
const failures: Error[] = [];
const given = new Set<string>();

const startedHistory = () =>
  startHistory({
    log,
    writer: store.writer,
    skips: given,
    logger: silent,
    onFailure: (error) => void failures.push(error),
    onCommit: (name, partition, next) => gateway.live.freshness.advanced(name, partition, next),
  });

const fine = <T>(value: T | Refusal): T => {
  if (isRefusal(value)) throw new Error(value.code);
  return value;
};

/** Somebody who is in the log; nobody waits for history to know them. */
const registered = async (id: string = randomUUID()): Promise<string> => {
  const now = new Date().toISOString();
  const user = { id, username: id, profilePicUrl: null, kind: 'person' as const, createdAt: now, rev: 1 };
  const event = { id: randomUUID(), subject: id, actor: id, time: now };
  await gateway.publish(makeEvent({ type: 'user.registered', ...event, data: { user } }));
  return id;
};

const idWhere = (holds: (id: string) => boolean): string => {
  for (;;) {
    const id = randomUUID();
    if (holds(id)) return id;
  }
};

/** A group whose place in the log is in that partition, or outside of it. */
const groupIn = async (where: (partition: number) => boolean, creator: string, ...others: string[]) => {
  const id = idWhere((each) => where(partitionFor(each, partitions)));
  const body = { isGroup: true, name: 'Nhóm', memberIds: others };
  const made = await withIds([id], () => gateway.chat.createConversation(creator, body));
  return fine(made).conversation.id;
};

/** The next ids that are made are these. */
const withIds = async <T>(ids: string[], work: () => Promise<T>): Promise<T> => {
  const real = crypto.randomUUID;
  crypto.randomUUID = () => (ids.shift() ?? real.call(crypto)) as ReturnType<typeof real>;
  try {
    return await work();
  } finally {
    crypto.randomUUID = real;
  }
};

const said = (senderId: string, conversationId: string, content: string) =>
  gateway.chat.send(senderId, { ref: randomUUID(), conversationId, content, attachments: [] });

const listOf = async (userId: string): Promise<Conversation[]> =>
  fine(await gateway.chat.conversations(userId, { limit: 50 })).items;

/** What it is within the time in which a reader would still be waiting. */
const atOnce = async <T>(work: Promise<T>): Promise<T> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('it waits for history')), patience);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
};

beforeAll(async () => {
  log = await openEmbeddedLog({ dir });
  await log.ensureTopics(topics);
  store = await openSqliteHistory({ dir });
  gateway = await openGateway({
    choices: fakeChoices(),
    log,
    history: store.reader,
    presence: openMemoryPresence({ leaseMs: 1000 }),
    search: null,
    analytics: {} as AnalyticsReader,
    personal: {} as PersonalItems,
    media: { secret: '' } as Parameters<typeof openGateway>[0]['media'],
    topics,
    verify: () => null,
    botGate: new BotGate(false),
    onSessionRevoked: () => undefined,
    originAllowed: () => true,
    rateLimits: false,
    logger: silent,
    onFailure: (error) => void failures.push(error),
    gauge: () => undefined,
  });
  history = await startedHistory();
});

afterAll(async () => {
  await history.close();
  await gateway.close();
  await log.close();
  await store.close();
  rmSync(dir, { recursive: true });
  expect(failures).toEqual([]);
});

describe('while one partition of chat.conversations stands still', () => {
  const people = { an: '', chi: '', quiet: '', guest: '' };
  const stopped = 5;
  let moved: string;
  let still: string;
  let offset: number;

  beforeAll(async () => {
    for (const name of ['an', 'chi', 'quiet', 'guest'] as const) people[name] = await registered();
    const { an, chi, quiet } = people;
    moved = await groupIn((partition) => partition === stopped, an, chi);
    still = await groupIn((partition) => partition === stopped, quiet);
    for (const person of [an, quiet]) expect(await listOf(person)).toHaveLength(1);
    const value = Buffer.from(JSON.stringify({ id: 'poison', type: 'message.sent', nonsense: true }));
    [offset] = (await log.append(topic, [{ partition: stopped, key: moved, value }])) as [number];
    fine(await said(an, moved, 'sau đó'));
  });

  it('people whose conversations have not moved there go on', async () => {
    const elsewhere = await groupIn((partition) => partition !== stopped, people.guest);
    expect((await atOnce(listOf(people.guest))).map(({ id }) => id)).toEqual([elsewhere]);
    expect((await atOnce(listOf(people.quiet))).map(({ id }) => id)).toEqual([still]);
  });

  it('people whose conversations have moved there, or who were let in there, see it as soon as it goes on', async () => {
    const { an, chi, guest } = people;
    const fresh = await groupIn((partition) => partition === stopped, an, guest);
    const waiting = [an, chi, guest].map(async (person) => {
      const list = await listOf(person);
      return list.map(({ id, lastMessage }) => [id, lastMessage?.content ?? null]);
    });
    let answered = 0;
    for (const each of waiting) void each.then(() => answered++);
    // What others are told meanwhile was asked later, and comes earlier.
    await atOnce(listOf(people.quiet));
    expect(answered).toBe(0);
    given.add(`${topic}/${stopped}/${offset}`);
    await history.close();
    history = await startedHistory();
    const [ofAn, ofChi, ofGuest] = await Promise.all(waiting);
    expect(ofAn).toEqual([
      [fresh, null],
      [moved, 'sau đó'],
    ]);
    expect(ofChi).toEqual([[moved, 'sau đó']]);
    expect(ofGuest?.[0]).toEqual([fresh, null]);
  });
});

describe('while one partition of chat.users stands still', () => {
  it('groups are made with everybody who is known, and with who has come in another partition', async () => {
    const known = await registered();
    const size = topics.find(({ name }) => name === users)?.partitions ?? 0;
    const stopped = partitionFor(known, size);
    const creator = await registered();
    await groupIn(() => true, creator, known);
    const value = Buffer.from(JSON.stringify({ id: 'poison', type: 'user.changed', nonsense: true }));
    const [offset] = (await log.append(users, [{ partition: stopped, key: known, value }])) as [number];
    const newcomer = await registered(idWhere((id) => partitionFor(id, size) !== stopped));
    const body = { isGroup: true, name: 'Nhóm', memberIds: [known, newcomer] };
    const made = fine(await atOnce(gateway.chat.createConversation(creator, body)));
    expect(made.conversation.memberCount).toBe(3);
    await atOnce(gateway.freshUsers([newcomer]));
    given.add(`${users}/${stopped}/${offset}`);
    await history.close();
    history = await startedHistory();
    await atOnce(gateway.freshUsers());
  });
});
