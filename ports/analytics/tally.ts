// What a batch of changes does to the facts that are kept, one after the other, and so to the daily sums. Pure: it is
// given what is kept of everything that the batch names, and says what has become different.
import { responseStepOf } from '../../schemas/response-times.ts';
import { type AnalyticsChange, quarterMs } from './port.ts';

type Of<K extends AnalyticsChange['kind']> = Extract<AnalyticsChange, { kind: K }>;

export type MessageFact = Pick<
  Of<'message'>,
  'conversationId' | 'id' | 'senderId' | 'at' | 'position' | 'rev' | 'isDeleted'
> & { responseMs: number | null };
export type ReactionFact = Omit<Of<'reaction'>, 'kind'>;
export type MemberFact = Omit<Of<'joined'>, 'kind'>;
export type PersonFact = Omit<Of<'person'>, 'kind'>;
export type ConversationFact = {
  id: string;
  isGroup: boolean;
  /** Who wrote last, and since when they have waited for the other to write. Null in groups. */
  waiting: { userId: string; since: string } | null;
  position: number;
};

export const quarterOf = (at: string): number => Math.floor(Date.parse(at) / quarterMs);
export const dayOf = (at: string): string => at.slice(0, 10);
const ageMs = (from: string, to: string): number | null => {
  const ms = Date.parse(to) - Date.parse(from);
  // Clocks disagree, and imported histories are not always in order.
  return ms >= 0 ? ms : null;
};

export type DaySums = {
  conversationId: string;
  day: string;
  messages: number;
  reactions: number;
  newPeople: number;
  responses: number;
  responseMs: number;
};
export type PersonSums = Pick<DaySums, 'conversationId' | 'day' | 'messages' | 'reactions'> & {
  userId: string;
};

/** By key, and which of them became different. */
class Facts<F> {
  readonly #kept: Map<string, F>;
  readonly #changed = new Map<string, F>();

  constructor(kept: Map<string, F>) {
    this.#kept = kept;
  }

  get(key: string): F | undefined {
    return this.#changed.get(key) ?? this.#kept.get(key);
  }

  set(key: string, fact: F): void {
    this.#changed.set(key, fact);
  }

  get changed(): F[] {
    return [...this.#changed.values()];
  }
}

export const keys = {
  message: (conversationId: string, id: string) => `${conversationId}/${id}`,
  reaction: ({ conversationId, messageId, userId, emoji }: ReactionKey) =>
    `${conversationId}/${messageId}/${userId}/${emoji}`,
  member: (conversationId: string, userId: string) => `${conversationId}/${userId}`,
};
type ReactionKey = Pick<ReactionFact, 'conversationId' | 'messageId' | 'userId' | 'emoji'>;

export type Kept = {
  messages: Map<string, MessageFact>;
  reactions: Map<string, ReactionFact>;
  members: Map<string, MemberFact>;
  people: Map<string, PersonFact>;
  conversations: Map<string, ConversationFact>;
};

export class Tally {
  readonly messages: Facts<MessageFact>;
  readonly reactions: Facts<ReactionFact>;
  readonly members: Facts<MemberFact>;
  readonly people: Facts<PersonFact>;
  readonly conversations: Facts<ConversationFact>;
  /** Differences to the sums that are kept. */
  readonly days = new Map<string, DaySums>();
  readonly dayPeople = new Map<string, PersonSums>();

  constructor(kept: Kept, changes: AnalyticsChange[]) {
    this.messages = new Facts(kept.messages);
    this.reactions = new Facts(kept.reactions);
    this.members = new Facts(kept.members);
    this.people = new Facts(kept.people);
    this.conversations = new Facts(kept.conversations);
    for (const change of changes) this.#take(change);
  }

  #take(change: AnalyticsChange): void {
    switch (change.kind) {
      case 'message':
        return this.#message(change);
      case 'reaction':
        return this.#reaction(change);
      case 'joined': {
        const key = keys.member(change.conversationId, change.userId);
        if (this.members.get(key)) return;
        this.members.set(key, change);
        this.#day(change).newPeople += 1;
        return;
      }
      case 'person': {
        const kept = this.people.get(change.id);
        // When they came stays as it was first said.
        if (!kept || change.rev > kept.rev)
          this.people.set(change.id, { ...change, at: kept?.at ?? change.at });
        return;
      }
      case 'conversation': {
        const { id, isGroup, position } = change;
        if (!this.conversations.get(id)) this.conversations.set(id, { id, isGroup, waiting: null, position });
        return;
      }
    }
  }

  #message(change: Of<'message'>): void {
    const key = keys.message(change.conversationId, change.id);
    const kept = this.messages.get(key);
    if (kept && change.rev <= kept.rev) return;
    const { rev, isDeleted } = change;
    const fact: MessageFact = kept
      ? { ...kept, rev, isDeleted }
      : { ...change, responseMs: this.#responseMs(change) };
    this.messages.set(key, fact);
    if (kept && !kept.isDeleted) this.#countMessage(kept, -1);
    if (!fact.isDeleted) this.#countMessage(fact, 1);
    if (!kept) this.#wait(change);
  }

  /** See port.ts. */
  #responseMs({ conversationId, senderId, replyTo, at }: Of<'message'>): number | null {
    const answered = replyTo === null ? undefined : this.messages.get(keys.message(conversationId, replyTo));
    if (answered && answered.senderId !== senderId) return ageMs(answered.at, at);
    const waiting = this.conversations.get(conversationId)?.waiting;
    return waiting && waiting.userId !== senderId ? ageMs(waiting.since, at) : null;
  }

  #wait({ conversationId, senderId, at, position }: Of<'message'>): void {
    const conversation = this.conversations.get(conversationId);
    if (!conversation || conversation.isGroup || conversation.waiting?.userId === senderId) return;
    const waiting = { userId: senderId, since: at };
    this.conversations.set(conversationId, { ...conversation, waiting, position });
  }

  #countMessage(fact: MessageFact, sign: 1 | -1): void {
    const day = this.#day(fact);
    day.messages += sign;
    this.#dayPerson(fact, fact.senderId).messages += sign;
    if (fact.responseMs === null) return;
    day.responses += sign;
    day.responseMs += sign * fact.responseMs;
  }

  #reaction(change: Of<'reaction'>): void {
    const key = keys.reaction(change);
    const kept = this.reactions.get(key);
    if (kept && change.rev <= kept.rev) return;
    this.reactions.set(key, change);
    for (const [fact, sign] of [
      [kept, -1],
      [change, 1],
    ] as const) {
      if (!fact?.isActive) continue;
      this.#day(fact).reactions += sign;
      this.#dayPerson(fact, fact.userId).reactions += sign;
    }
  }

  #day({ conversationId, at }: { conversationId: string; at: string }): DaySums {
    const day = dayOf(at);
    const key = `${conversationId}/${day}`;
    let sums = this.days.get(key);
    if (!sums) {
      const nothing = { messages: 0, reactions: 0, newPeople: 0, responses: 0, responseMs: 0 };
      sums = { conversationId, day, ...nothing };
      this.days.set(key, sums);
    }
    return sums;
  }

  #dayPerson({ conversationId, at }: { conversationId: string; at: string }, userId: string): PersonSums {
    const day = dayOf(at);
    const key = `${conversationId}/${day}/${userId}`;
    let sums = this.dayPeople.get(key);
    if (!sums) {
      sums = { conversationId, day, userId, messages: 0, reactions: 0 };
      this.dayPeople.set(key, sums);
    }
    return sums;
  }
}

export const stepOf = ({ responseMs }: MessageFact): number | null =>
  responseMs === null ? null : responseStepOf(responseMs);
