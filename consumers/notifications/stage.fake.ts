// For tests: a whole notifications part on real stores, with a log in memory, a clock that stands, and channels that
// write down what they are told.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HistoryStore } from '../../ports/history/port.ts';
import { openSqliteHistory } from '../../ports/history/sqlite.ts';
import type {
  Channel,
  Delivered,
  Due,
  NotificationStore,
  PushSubscription,
} from '../../ports/notifications/port.ts';
import { openSqliteNotifications } from '../../ports/notifications/sqlite.ts';
import { openMemoryPresence } from '../../ports/presence/memory.ts';
import { createConversation } from '../../producers/conversation.ts';
import type { Context, Decision } from '../../producers/decider.ts';
import { markRead, sendMessage } from '../../producers/message.ts';
import { type ConversationState, evolve } from '../../producers/state.ts';
import { decodeEvent } from '../../schemas/codec.ts';
import type { ConversationEvent } from '../../schemas/events.ts';
import type { ConversationSettings } from '../../schemas/personal.ts';
import { isRefusal } from '../../schemas/refusal.ts';
import type { MessageRow } from '../../schemas/rows.ts';
import { apply } from '../history/apply.ts';
import { History } from '../history/history.ts';
import { silent } from '../log.fake.ts';
import type { Placed } from '../projection.ts';
import { Dispatcher } from './dispatcher.ts';
import { LogOutbox } from './log-outbox.ts';
import { Notices } from './projection.ts';

const topic = 'chat.conversations';

export type Stage = Awaited<ReturnType<typeof openStage>>;

export const openStage = async (stores?: { history: HistoryStore; store: NotificationStore }) => {
  const dir = mkdtempSync(join(tmpdir(), 'chatvui-notices-'));
  const history = stores?.history ?? (await openSqliteHistory({ dir }));
  const store = stores?.store ?? (await openSqliteNotifications({ dir }));
  let nowMs = Date.UTC(2026, 5, 1, 12);
  const now = () => nowMs;
  const presence = openMemoryPresence({ leaseMs: 9_000, now });
  const settings = new Map<string, ConversationSettings>();
  const sessions = new Map<string, string[]>();
  const mailed = new Set<string>();
  const told: Due[] = [];
  /** What the channels answer next; `sent` when it says nothing. */
  const answers: (Delivered | Error)[] = [];
  const deliver = async (due: Due): Promise<Delivered> => {
    told.push(due);
    const answer = answers.shift() ?? 'sent';
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const channels: Channel[] = [
    { name: 'push', deliver },
    { name: 'email', deliver, reaches: async (ids) => new Set(ids.filter((id) => mailed.has(id))) },
  ];
  const accounts = {
    conversationSettings: async () => settings,
    sessions: async (userIds: string[]) =>
      userIds.flatMap((userId) =>
        (sessions.get(userId) ?? []).map((id) => ({
          id,
          userId,
          device: 'a device',
          createdAt: '',
          lastUsedAt: '',
          expiresAt: '',
        })),
      ),
  };
  const written: ConversationEvent[] = [];
  const said: { type: string; data: Record<string, unknown> }[] = [];
  const outbox = new LogOutbox({
    queue: store.queue,
    partitionOf: () => 0,
    log: {
      append: async (_, records) => {
        for (const { value } of records) {
          const decoded = decodeEvent(value);
          if (decoded.kind !== 'event') throw new Error('not an event of ours');
          said.push(decoded.event as never);
        }
        return records.map((_, i) => i);
      },
    },
    logger: silent,
    now,
  });
  const known = { presence, channels, partitionOf: () => 0, logger: silent };
  const failures: Error[] = [];
  const open = () =>
    new Dispatcher({
      ...known,
      history: history.reader,
      accounts,
      store,
      outbox,
      now,
      random: () => 0.5,
      onFailure: (error) => failures.push(error),
    });
  const projection = () =>
    new Notices({
      writer: store.writer,
      history: history.reader,
      sources: { ...known, people: store.people, settings: accounts },
      epoch: 'e',
      endOf: async () => written.length,
      onCommitted: () => {},
      now,
    });
  const writer = new History({ writer: history.writer, epoch: 'e' });
  const { fence } = await writer.claim(topic, 0);
  let own = projection();
  let claimed = await own.claim(topic, 0);
  const states = new Map<string, ConversationState>();

  /** Answers how long deciding took. */
  const take = async (events: Placed[], next: number): Promise<number> => {
    const work = { topic, partition: 0, next, events, skipped: [] };
    await writer.handle({ ...work, fence });
    const began = performance.now();
    await own.handle({ ...work, fence: claimed.fence });
    return performance.now() - began;
  };

  return {
    store,
    presence,
    told,
    answers,
    said,
    settings,
    mailed,
    sessions,
    history,
    written,
    dispatcher: open(),
    another: open,
    get now() {
      return nowMs;
    },
    pass: (ms: number) => {
      nowMs += ms;
    },
    /** A person with one device that push can reach. */
    person: async () => {
      const userId = crypto.randomUUID();
      const sessionId = crypto.randomUUID();
      sessions.set(userId, [sessionId]);
      const subscription: PushSubscription = {
        id: crypto.randomUUID(),
        userId,
        sessionId,
        endpoint: `https://push.example.org/${sessionId}`,
        p256dh: 'B'.repeat(87),
        auth: 'a'.repeat(22),
        createdMs: nowMs,
        lastSentMs: null,
      };
      await store.people.subscribe(subscription);
      return { userId, sessionId, subscription };
    },
    context: (actorId: string): Context => ({
      actorId,
      now: new Date(nowMs).toISOString(),
      newId: () => crypto.randomUUID(),
    }),
    state: (id: string): ConversationState => states.get(id) as ConversationState,
    /** Into the log, through history, and to the one that decides. */
    async write(
      decision: Decision | ConversationEvent[],
      loggedMs = nowMs,
      onDecided: (ms: number) => void = () => {},
    ): Promise<number> {
      if (isRefusal(decision)) throw new Error(decision.detail);
      const events: Placed[] = [];
      for (const event of decision as ConversationEvent[]) {
        const offset = written.length;
        written.push(event);
        events.push({ event, offset, position: offset + 1, loggedMs });
        const state = evolve(states.get(event.subject) ?? null, apply(event, offset + 1));
        if (state) states.set(event.subject, state);
      }
      onDecided(await take(events, written.length));
      return written.length;
    },
    async conversation(creator: string, memberIds: string[], isGroup = true): Promise<string> {
      const id = crypto.randomUUID();
      const name = isGroup ? 'Team' : null;
      const command = isGroup ? { isGroup, name, memberIds, id } : { isGroup, name, memberIds };
      const decision = createConversation(command, this.context(creator));
      await this.write(decision);
      return isRefusal(decision) ? '' : (decision[0] as ConversationEvent).subject;
    },
    async say(
      conversationId: string,
      senderId: string,
      more: { mentions?: string[]; content?: string } = {},
    ): Promise<MessageRow> {
      const { mentions = [], content = 'chào' } = more;
      const command = { ref: crypto.randomUUID(), content, replyTo: null, attachments: [], mentions };
      const decision = sendMessage(this.state(conversationId), command, this.context(senderId));
      const position = await this.write(decision);
      const [event] = decision as ConversationEvent[];
      if (event?.type !== 'message.sent') throw new Error('not sent');
      return { ...event.data.message, position };
    },
    async read(conversationId: string, userId: string, position: number): Promise<void> {
      const state = this.state(conversationId);
      await this.write(markRead(state, { position, former: 0 }, this.context(userId)));
    },
    /** As a new owner that finds the position where `at` says, and is given everything from there. */
    async replay(at: 'as it is' | 'from the beginning'): Promise<void> {
      own = projection();
      claimed = await own.claim(topic, 0);
      const from = at === 'as it is' ? claimed.next : 0;
      const events = written
        .map((event, offset) => ({ event, offset, position: offset + 1, loggedMs: Date.parse(event.time) }))
        .slice(from);
      await own.handle({
        topic,
        partition: 0,
        fence: claimed.fence,
        next: written.length,
        events,
        skipped: [],
      });
    },
    /** Rounds until nothing is due. */
    async tell(): Promise<Due[]> {
      const before = told.length;
      while ((await this.dispatcher.look()) > 0);
      if (failures[0]) throw failures[0];
      return told.slice(before);
    },
    /** What the log was told meanwhile. */
    async events() {
      await outbox.flush();
      return said.splice(0);
    },
    async close() {
      await store.close();
      await history.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
};
