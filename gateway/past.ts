// Looking back in time: a conversation as it was, what its messages were, and stretches to play back. Whoever looks sees
// what they may see now, as it was then.
import type { HistoryReader, StoredMessage } from '../ports/history/port.ts';
import { isMember, maySee, visibleBefore, visibleTo } from '../producers/state.ts';
import type { HistoryAsked } from '../schemas/http.ts';
import { limits } from '../schemas/limits.ts';
import { messageAt } from '../schemas/past.ts';
import { isRefusal, type Refusal, refuse } from '../schemas/refusal.ts';
import type {
  ConversationThen,
  HistoryPage,
  MessageRead,
  MessageVersions,
  PastMessage,
  PlaybackPage,
} from '../schemas/views.ts';
import { type Page, type PageRequest, pageFor } from './chat.ts';
import type { Conversations } from './conversations.ts';
import type { Entry } from './live/states.ts';
import type { Messages } from './messages.ts';
import type { Submit } from './submit.ts';
import { type ReadBy, readByOthers, toPastMessage, versionsOf } from './views.ts';

const notFound = refuse('not_found', 'There is no such conversation, or you are not a member of it.');
const unknownMessage = refuse('not_found', 'There is no such message, or you may not see it.');
const noSuchMoment = refuse('invalid_input', 'There is no such moment.');
const oneDirection = refuse('invalid_input', 'Ask for what lies before or after a position, not both.');

export type PastOptions = {
  submit: Submit;
  history: Pick<HistoryReader, 'page' | 'pasts' | 'conversationAt' | 'changesBetween' | 'readsOf'>;
  conversations: Pick<Conversations, 'readable'>;
  messages: Pick<Messages, 'find'>;
};

/** Who looks, with what they may see now. */
type Looking = { readerId: string; id: string; visible: [number, number][]; seesAll: boolean; read: ReadBy };

export class Past {
  readonly #options: PastOptions;

  constructor(options: PastOptions) {
    this.#options = options;
  }

  /** The messages that had been sent by then, as they were then, and the conversation's name and members. */
  async historyAt(
    readerId: string,
    id: string,
    asked: HistoryAsked & { at: string },
  ): Promise<HistoryPage | Refusal> {
    const at = momentOf(asked.at);
    if (!at) return noSuchMoment;
    if ([asked.before, asked.after, asked.since].filter((each) => each !== undefined).length > 1)
      return oneDirection;
    if (asked.since !== undefined) return refuse('invalid_input', 'Ask for `since` or for `at`, not both.');
    const looking = await this.#looking(readerId, id);
    if (!looking) return notFound;
    const { rows, nextCursor } = await this.#page(looking, asked, at);
    const items = (await this.#pasts(looking, rows)).flatMap((past) => messageAt(past, at) ?? []);
    return { items, nextCursor, conversation: await this.#conversationAt(looking, at) };
  }

  async playback(readerId: string, id: string, asked: HistoryAsked): Promise<PlaybackPage | Refusal> {
    const { before, after } = asked;
    const at = asked.at === undefined ? undefined : momentOf(asked.at);
    if (at === null) return noSuchMoment;
    if ([before, after, at].filter((each) => each !== undefined).length > 1)
      return refuse('invalid_input', 'Give one of `before`, `after` and `at`.');
    const looking = await this.#looking(readerId, id);
    if (!looking) return notFound;
    const query = at === undefined ? asked : await this.#endingAt(looking, asked, at);
    const { rows, nextCursor } = await this.#page(looking, query);
    // Pages follow each other without a gap, so what happened between two messages is in one of them.
    const [first, last] = [rows[0]?.message.position, rows.at(-1)?.message.position];
    const from = after === undefined || after === '0' ? (first ?? 0) : Number(after) + 1;
    const isOpen = after === undefined ? query.before === undefined : nextCursor === null;
    const to = after === undefined && query.before !== undefined ? Number(query.before) : (last ?? 0) + 1;
    const places = [from, isOpen ? Number.MAX_SAFE_INTEGER : to] as const;
    const changes = await this.#options.history.changesBetween(id, places);
    const seen = changes.filter(({ position }) => covers(looking.visible, position));
    return {
      items: await this.#pasts(looking, rows),
      nextCursor,
      conversation: await this.#conversation(looking, { place: from - 1 }),
      changes: seen.map((change) => ({ ...change, position: String(change.position) })),
    };
  }

  async versions(readerId: string, messageId: string): Promise<MessageVersions | Refusal> {
    const { submit, history, messages } = this.#options;
    const found = await messages.find(messageId);
    if (!found) return unknownMessage;
    const { state } = await submit.entry(found.message.conversationId);
    if (!state || !isMember(state, readerId) || !maySee(state, readerId, found.message.position))
      return unknownMessage;
    const past = (await history.pasts([messageId])).get(messageId);
    return { items: versionsOf(found.message, past), deletedAt: found.message.deletedAt };
  }

  async reads(
    readerId: string,
    messageId: string,
    request: PageRequest,
  ): Promise<Page<MessageRead> | Refusal> {
    const { submit, history, conversations, messages } = this.#options;
    const { seesReads } = submit.live;
    const found = await messages.find(messageId);
    if (!found) return unknownMessage;
    const { conversationId, position, senderId } = found.message;
    const entry = await conversations.readable(readerId, conversationId);
    const state = entry?.state;
    if (!state || !maySee(state, readerId, position)) return unknownMessage;
    const page = await pageFor(history.readsOf({ conversationId, position }, request));
    if (isRefusal(page)) return page;
    // Who came later has read on past it, without having seen it.
    const isShown = ({ userId }: MessageRead) =>
      userId !== senderId && seesReads(readerId, userId) && maySee(state, userId, position);
    return { items: page.items.filter(isShown), nextCursor: page.nextCursor };
  }

  async #looking(readerId: string, id: string): Promise<Looking | null> {
    const entry: Entry | null = await this.#options.conversations.readable(readerId, id);
    const member = entry?.state?.members.get(readerId);
    if (!entry?.state || !member) return null;
    const { conversation } = entry.state;
    const end = Math.max(entry.base, entry.last) + 1;
    const others = readByOthers(entry.state, entry.marks, readerId, this.#options.submit.live.seesReads);
    return {
      readerId,
      id,
      visible: visibleBefore(end, conversation, member),
      seesAll: visibleTo(conversation, member) === 'all',
      read: { readerId, own: entry.marks.get(readerId) ?? 0, others },
    };
  }

  async #page(
    { id, visible }: Looking,
    { before, after, limit }: HistoryAsked,
    sentBy?: string,
  ): Promise<{ rows: StoredMessage[]; nextCursor: string | null }> {
    const rows = await this.#options.history.page({
      conversationId: id,
      visible,
      ...(before === undefined ? {} : { before: Number(before) }),
      ...(after === undefined ? {} : { after: Number(after) }),
      ...(sentBy === undefined ? {} : { sentBy }),
      limit: limit + 1,
    });
    const more = rows.length > limit;
    if (more && after !== undefined) rows.pop();
    else if (more) rows.shift();
    const edge = after !== undefined ? rows.at(-1) : rows[0];
    return { rows, nextCursor: more && edge ? String(edge.message.position) : null };
  }

  /** The page that ends with the newest message sent by then, whatever the times of those before it. */
  async #endingAt(looking: Looking, { limit }: HistoryAsked, at: string): Promise<HistoryAsked> {
    const last = (await this.#page(looking, { limit: 1 }, at)).rows.at(-1);
    return { limit, before: String((last?.message.position ?? 0) + 1) };
  }

  async #pasts({ read }: Looking, rows: StoredMessage[]): Promise<PastMessage[]> {
    const pasts = await this.#options.history.pasts(rows.map(({ message }) => message.id));
    return rows.map((stored) => toPastMessage(stored, pasts.get(stored.message.id), read));
  }

  /** From before the conversation was here there are only imported messages: then it is as at the newest one's place. */
  async #conversationAt(looking: Looking, at: string): Promise<ConversationThen | null> {
    const then = await this.#conversation(looking, { time: at });
    if (then) return then;
    const began = await this.#options.history.conversationAt(looking.id, { time: at }, anybody);
    if (began) return null;
    const last = (await this.#page(looking, { limit: 1 }, at)).rows.at(-1);
    return last ? this.#conversation(looking, { place: last.message.position }) : null;
  }

  #conversation({ id, readerId, seesAll }: Looking, cut: { time: string } | { place: number }) {
    const memberId = seesAll ? null : readerId;
    return this.#options.history.conversationAt(id, cut, { limit: limits.membersShownMax, memberId });
  }
}

const anybody = { limit: 1, memberId: null };

const covers = (visible: [number, number][], place: number): boolean =>
  visible.some(([from, to]) => from <= place && place < to);

/** In the one form in which times are kept. Null: the calendar has no such moment. */
const momentOf = (typed: string): string | null => {
  const at = new Date(typed);
  return Number.isNaN(at.getTime()) || at.getUTCFullYear() > 9999 || at.getUTCFullYear() < 1000
    ? null
    : at.toISOString();
};
