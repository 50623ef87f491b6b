// The notifications projection: decides about each event that counted, and commits decisions, notices and position
// together. It begins at the end of the log as it first found it, so no past is ever told.
import type { HistoryReader } from '../../ports/history/port.ts';
import type {
  Decided,
  Ended,
  Notice,
  NotificationCommit,
  NotificationWriter,
} from '../../ports/notifications/port.ts';
import type { ConversationEvent } from '../../schemas/events.ts';
import type { MessageRow } from '../../schemas/rows.ts';
import type { Placed, Projection, Work } from '../projection.ts';
import { Verdicts } from '../verdicts.ts';
import { type CandidateSources, candidatesFor } from './candidates.ts';
import { type Decision, decide, untold } from './decide.ts';
import { type Asked, isImported, messageAsked, reactionAsked } from './happenings.ts';
import { decidedEvents, recordOf, settledEvents } from './records.ts';
import { Rooms } from './rooms.ts';

export type NoticesOptions = {
  writer: Pick<NotificationWriter, 'claim' | 'commit'>;
  history: Pick<HistoryReader, 'applied' | 'voided' | 'conversation' | 'messages' | 'pasts'>;
  sources: CandidateSources;
  /** Of the log that is read. */
  epoch: string;
  endOf(topic: string, partition: number): Promise<number>;
  /** Something waits now, or events for the log do. */
  onCommitted(): void;
  now?: () => number;
};

type Told = Extract<ConversationEvent, { type: 'message.sent' | 'message.edited' | 'reaction.changed' }>;

export class Notices implements Projection {
  readonly #options: NoticesOptions;
  readonly #rooms: Rooms;
  readonly #verdicts: Verdicts;
  readonly #now: () => number;

  constructor(options: NoticesOptions) {
    this.#options = options;
    this.#rooms = new Rooms(options.history);
    this.#verdicts = new Verdicts(options.history);
    this.#now = options.now ?? Date.now;
  }

  async claim(topic: string, partition: number): Promise<{ next: number; fence: number }> {
    const { writer, epoch, endOf } = this.#options;
    this.#rooms.drop(partition);
    return writer.claim(topic, partition, epoch, await endOf(topic, partition));
  }

  release(_topic: string, partition: number): void {
    this.#rooms.drop(partition);
  }

  gaveUp(topic: string, partition: number, offset: number): Promise<boolean> {
    return this.#verdicts.gaveUp(topic, partition, offset);
  }

  async handle(work: Work): Promise<{ voided: number }> {
    const { topic, partition, fence, next, events } = work;
    const counted = await this.#verdicts.counted(work);
    const asked = await this.#asked(counted, partition);
    const nowMs = this.#now();
    const { decided, notices } = await this.#decided(asked, nowMs);
    const byEvent = new Map(decided.map((one, i) => [one, notices[i] as Notice[]]));
    const commit: NotificationCommit = {
      topic,
      partition,
      fence,
      next,
      decided,
      notices: notices.flat(),
      ended: counted.flatMap(endedBy),
      deleted: counted.flatMap(({ event }) =>
        event.type === 'message.deleted'
          ? [{ messageId: event.data.message.id, conversationId: event.subject }]
          : [],
      ),
      nowMs,
      outbox: [...byEvent].flatMap(([one, made]) => decidedEvents(one, made)),
      settled: (ended) => settledEvents(ended, nowMs),
    };
    await this.#options.writer.commit(commit);
    this.#rooms.trim();
    this.#options.onCommitted();
    return { voided: events.length - counted.length };
  }

  /** What somebody might be told of, each with who was there. */
  async #asked(counted: Placed[], partition: number): Promise<Asked[]> {
    const fresh = counted.filter(({ event, loggedMs }) => isTold(event) && !isImported(event, loggedMs));
    await this.#rooms.load(
      fresh.map(({ event }) => event.subject),
      partition,
    );
    const [messages, former] = await this.#looked(fresh);
    const tellable = new Set(fresh);
    const asked: Asked[] = [];
    for (const placed of counted) {
      const event = placed.event as ConversationEvent;
      this.#rooms.take(event, placed.position);
      if (!tellable.has(placed)) continue;
      const one = this.#askedBy(event as Told, placed.position, messages, former);
      if (one) asked.push(one);
    }
    return asked;
  }

  #askedBy(
    event: Told,
    position: number,
    messages: ReadonlyMap<string, MessageRow>,
    former: ReadonlyMap<string, ReadonlySet<string>>,
  ): Asked | null {
    const room = this.#rooms.get(event.subject);
    if (!room) return null;
    const atMs = Date.parse(event.time);
    if (event.type === 'reaction.changed') {
      const message = messages.get(event.data.reaction.messageId);
      const actorId = event.data.reaction.userId;
      return message && !message.deletedAt
        ? reactionAsked(event.id, message, room, { actorId, position, atMs })
        : null;
    }
    const { message } = event.data;
    if (event.type === 'message.sent')
      return messageAsked(event.id, message, room, { position, atMs, type: 'message' });
    const before = former.get(event.id) ?? new Set();
    const named = message.mentions.filter((userId) => !before.has(userId));
    if (named.length === 0) return null;
    return messageAsked(event.id, message, room, { position, atMs, type: 'edit' }, named);
  }

  /** Messages that were reacted to, and whom the texts before each edit had named. */
  async #looked(fresh: Placed[]): Promise<[Map<string, MessageRow>, Map<string, Set<string>>]> {
    const { history } = this.#options;
    const reacted: string[] = [];
    const edits: Extract<ConversationEvent, { type: 'message.edited' }>[] = [];
    for (const { event } of fresh) {
      if (event.type === 'reaction.changed') reacted.push(event.data.reaction.messageId);
      if (event.type === 'message.edited') edits.push(event);
    }
    const messages = new Map<string, MessageRow>();
    if (reacted.length > 0)
      for (const { message } of await history.messages([...new Set(reacted)]))
        messages.set(message.id, message);
    const former = new Map<string, Set<string>>();
    if (edits.length === 0) return [messages, former];
    const pasts = await history.pasts([...new Set(edits.map(({ data }) => data.message.id))]);
    for (const { id, data } of edits) {
      const since = data.message.editedAt ?? '';
      const before = (pasts.get(data.message.id)?.versions ?? []).filter((version) => version.since < since);
      former.set(id, new Set(before.flatMap(({ mentions }) => mentions)));
    }
    return [messages, former];
  }

  async #decided(asked: Asked[], nowMs: number): Promise<{ decided: Decided[]; notices: Notice[][] }> {
    if (asked.length === 0) return { decided: [], notices: [] };
    const { reachable, of } = await candidatesFor(this.#options.sources, asked);
    const records = asked.map((one) => {
      const { happening, people } = one;
      const marks = this.#rooms.get(happening.conversationId)?.marks;
      const decisions = people.flatMap((userId): Decision[] =>
        reachable.has(userId)
          ? decide(happening, of(userId, one, marks?.get(userId) ?? 0), nowMs)
          : [untold(happening, userId, nowMs)],
      );
      return recordOf(one, decisions, nowMs);
    });
    return {
      decided: records.map(({ decided }) => decided),
      notices: records.map(({ notices }) => notices),
    };
  }
}

const isTold = (event: Placed['event']): event is Told =>
  event.type === 'message.sent' ||
  event.type === 'message.edited' ||
  (event.type === 'reaction.changed' && event.data.reaction.active);

/** Whose notices of a conversation are over. */
const endedBy = ({ event, position }: Placed): Ended[] => {
  const conversationId = event.subject;
  if (event.type === 'read.marked') {
    const { userId, position: read } = event.data.read;
    return [{ userId, conversationId, position: read, reason: 'already_read' }];
  }
  if (event.type === 'member.removed')
    return [{ userId: event.data.member.userId, conversationId, position, reason: 'left' }];
  return [];
};
