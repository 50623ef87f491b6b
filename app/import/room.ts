// One conversation of a foreign history while it is played: through the deciders, as if its people had done it here.
import { v5 } from 'uuid';
import { apply } from '../../consumers/history/apply.ts';
import { partitionFor } from '../../ports/event-log/partition.ts';
import { addMembers, createConversation, removeMember } from '../../producers/conversation.ts';
import type { Context, Decision } from '../../producers/decider.ts';
import { deleteMessage, editMessage, react, sendMessage } from '../../producers/message.ts';
import { type ConversationState, evolve, isAdmin, isMember } from '../../producers/state.ts';
import { encodeEvent } from '../../schemas/codec.ts';
import type { ChatEvent, ConversationEvent } from '../../schemas/events.ts';
import { messageId } from '../../schemas/ids.ts';
import { limits } from '../../schemas/limits.ts';
import { isRefusal } from '../../schemas/refusal.ts';
import type { MessageRow } from '../../schemas/rows.ts';
import type { Adapters } from '../adapters.ts';
import type { SourceItem, SourcePost } from './formats/source.ts';
import { type Known, partitionsOf } from './known.ts';
import type { Room } from './survey.ts';

const topic = 'chat.conversations';
const batchSize = 500;

/** Gathers events of all rooms and writes them in order; what the log has is passed over. */
export class RoomWriter {
  readonly #log: Adapters['log'];
  readonly #partitions: number;
  readonly known: Known;
  #queue: ConversationEvent[] = [];
  /** Changes of messages that are in the queue: their place must be known first. */
  #after: (() => ConversationEvent[])[] = [];
  messages = 0;

  constructor(adapters: Pick<Adapters, 'log' | 'topics'>, known: Known) {
    this.#log = adapters.log;
    this.#partitions = partitionsOf(adapters);
    this.known = known;
  }

  async add(event: ConversationEvent, after: (() => ConversationEvent[]) | null): Promise<void> {
    if (this.known.placeOf(event.id) === null) {
      this.#queue.push(event);
      if (event.type === 'message.sent') this.messages += 1;
    }
    if (after) this.#after.push(after);
    if (this.#queue.length + this.#after.length >= batchSize) await this.flush();
  }

  async flush(): Promise<void> {
    await this.write(this.#queue);
    this.#queue = [];
    const after = this.#after;
    this.#after = [];
    await this.write(after.flatMap((make) => make()).filter(({ id }) => this.known.placeOf(id) === null));
  }

  /** At once; gives the places. */
  async write(events: ConversationEvent[]): Promise<number[]> {
    if (events.length === 0) return [];
    const records = events.map((event) => ({
      partition: partitionFor(event.subject, this.#partitions),
      key: event.subject,
      value: encodeEvent(event),
    }));
    const offsets = await this.#log.append(topic, records);
    for (const [i, { id }] of events.entries()) this.known.add(id, (offsets[i] as number) + 1);
    return offsets.map((offset) => offset + 1);
  }
}

export type PlayedRoomOptions = {
  id: string;
  room: Room;
  /** Undefined: the source never told of them. */
  userIdOf: (person: string) => string | undefined;
  actorId: string | null;
  /** The format's name: events say that they came by an import. */
  source: string;
  writer: RoomWriter;
  leaveOut: (reason: string) => void;
};

export class PlayedRoom {
  readonly #options: PlayedRoomOptions;
  /** Whom this import has let in: not people who were added here since. */
  readonly #ours = new Set<string>();
  #state: ConversationState | null;
  #at: string;
  #isOpen = false;

  constructor(options: PlayedRoomOptions) {
    this.#options = options;
    this.#state = options.writer.known.states.get(options.id) ?? null;
    this.#at = options.room.began || new Date(0).toISOString();
  }

  /** Of those who did something the source has told. */
  #person(theirs: string): string {
    const userId = this.#options.userIdOf(theirs);
    if (!userId) throw new Error(`nobody was told of as "${theirs}"`);
    return userId;
  }

  async move({ kind, person, at }: Extract<SourceItem, { kind: 'join' | 'leave' }>): Promise<void> {
    const userId = this.#person(person);
    await this.#open(userId);
    this.#at = at;
    if (kind === 'join') await this.#let(userId, at, `join:${at}`);
    else await this.#go(userId, at, `leave:${at}`);
  }

  async say(post: SourcePost): Promise<void> {
    const { writer, leaveOut, userIdOf } = this.#options;
    const senderId = this.#person(post.from);
    await this.#open(senderId);
    this.#at = post.at;
    if (post.text === '' && !post.isDeleted) return leaveOut('messages without words');
    const ref = v5(post.id, this.#options.id);
    this.#ours.add(senderId);
    if (
      writer.known.placeOf(messageId(senderId, ref)) === null &&
      !(await this.#let(senderId, post.at, `here:${post.id}`))
    )
      return leaveOut('messages of people who could not be members');
    const words = [...post.text];
    if (words.length > limits.contentLengthMax)
      leaveOut(`ends of messages longer than ${limits.contentLengthMax} characters`);
    const content =
      words.length > limits.contentLengthMax ? words.slice(0, limits.contentLengthMax).join('') : post.text;
    const answered = post.answers;
    const command = {
      ref,
      content,
      isWordless: content === '',
      replyTo: answered
        ? messageId(userIdOf(answered.from) ?? answered.from, v5(answered.id, this.#options.id))
        : null,
      attachments: [],
      mentions: post.mentions.flatMap((person) => userIdOf(person) ?? []).slice(0, limits.mentionsMax),
    };
    const [sent] = this.#said(sendMessage(this.#state, command, this.#context(senderId, post.at, post.id)));
    if (sent?.type !== 'message.sent') return leaveOut('messages that were refused');
    const { message } = sent.data;
    const changes = post.isDeleted || post.editedAt !== null;
    await writer.add(sent, changes ? () => this.#changes(message, post) : null);
    for (const { emoji, from } of post.reactions)
      for (const person of from) await this.#react(message, emoji, userIdOf(person), post.at);
  }

  /** Who belongs to it at the end, and nobody else. */
  async end(): Promise<void> {
    await this.#open(undefined);
    const { room, actorId } = this.#options;
    const wanted = new Set(room.memberIds.map((person) => this.#person(person)));
    for (const userId of wanted) await this.#let(userId, this.#at, `end:${this.#at}`);
    // People of two stay; a source that names no members tells nothing about who went.
    if (!this.#state?.conversation.isGroup || wanted.size === 0) return;
    for (const { userId, active } of [...this.#state.members.values()])
      if (active && this.#ours.has(userId) && !wanted.has(userId) && !(room.isPublic && userId === actorId))
        await this.#go(userId, this.#at, `end:${this.#at}`);
  }

  /** `first`: who does the first thing there, and made it when the source names nobody else. */
  async #open(first: string | undefined): Promise<void> {
    if (this.#isOpen) return;
    this.#isOpen = true;
    const { id, room, actorId } = this.#options;
    const here = room.memberIds
      .filter((person) => !room.joinsLater.has(person))
      .map((person) => this.#person(person));
    for (const userId of here) this.#ours.add(userId);
    if (this.#state) return;
    const owner = room.isPublic && actorId ? actorId : (here[0] ?? first ?? actorId);
    if (owner && owner === first) this.#ours.add(owner);
    if (!owner) return;
    const members = [...new Set(here)].filter((userId) => userId !== owner);
    const isGroup = room.isGroup || members.length !== 1;
    const name = [...room.name].slice(0, limits.nameLengthMax).join('').trim() || 'Imported';
    const command = {
      isGroup,
      name: isGroup ? name : null,
      memberIds: members.slice(0, limits.membersPerChangeMax),
    };
    const context = this.#context(owner, this.#at, 'created');
    await this.#structure(createConversation(isGroup ? { ...command, id } : command, context));
    for (const userId of members.slice(limits.membersPerChangeMax)) await this.#let(userId, this.#at, 'open');
  }

  /** True: a member now. */
  async #let(userId: string | undefined, at: string, why: string): Promise<boolean> {
    if (!userId || !this.#state) return false;
    this.#ours.add(userId);
    if (isMember(this.#state, userId)) return true;
    const seed = `${why}:${userId}`;
    if (this.#isKnown(seed)) return isMember(this.#state, userId);
    const admin = [...this.#state.members.values()].find((member) =>
      isAdmin(this.#state as ConversationState, member.userId),
    );
    if (!admin) return false;
    await this.#structure(
      addMembers(this.#state, { userIds: [userId], isAdmin: false }, this.#context(admin.userId, at, seed)),
    );
    return isMember(this.#state, userId);
  }

  async #go(userId: string, at: string, why: string): Promise<void> {
    const seed = `${why}:${userId}`;
    if (!this.#state || this.#isKnown(seed) || !isMember(this.#state, userId)) return;
    await this.#structure(removeMember(this.#state, { userId }, this.#context(userId, at, seed)));
  }

  #isKnown(seed: string): boolean {
    return this.#options.writer.known.placeOf(v5(`${seed}:0`, this.#options.id)) !== null;
  }

  /** Members change only after everything that was said before is written. */
  async #structure(decision: Decision): Promise<void> {
    const events = this.#said(decision);
    const { writer } = this.#options;
    await writer.flush();
    const places = await writer.write(events);
    for (const [i, event] of events.entries())
      this.#state = evolve(this.#state, apply(event, places[i] as number));
  }

  #changes(message: MessageRow, post: SourcePost): ConversationEvent[] {
    const position = this.#options.writer.known.placeOf(message.id) ?? 0;
    const placed = { ...message, position };
    const at = post.editedAt ?? post.at;
    const context = this.#context(
      message.senderId,
      at,
      `${post.isDeleted ? 'deleted' : 'edited'}:${message.id}`,
    );
    if (post.isDeleted) return this.#said(deleteMessage(this.#state, placed, context));
    const { content, mentions } = message;
    return this.#said(editMessage(this.#state, placed, { content, mentions }, context));
  }

  async #react(message: MessageRow, emoji: string, userId: string | undefined, at: string): Promise<void> {
    const { writer, leaveOut } = this.#options;
    if (!userId || !this.#state || !isMember(this.#state, userId))
      return leaveOut('reactions of people who were no members');
    const context = this.#context(userId, at, `reaction:${message.id}:${userId}:${emoji}`);
    for (const event of this.#said(
      react(this.#state, message, { emoji, active: true, former: null }, context),
    ))
      await writer.add(event, null);
  }

  /** Ids of the events of one decision follow from its seed. */
  #context(actorId: string, now: string, seed: string): Context {
    let count = 0;
    return { actorId, now, newId: () => v5(`${seed}:${count++}`, this.#options.id) };
  }

  #said(decision: Decision): ConversationEvent[] {
    if (isRefusal(decision)) {
      this.#options.leaveOut(`what a rule refuses (${decision.code})`);
      return [];
    }
    return decision.map(
      (event: ChatEvent) =>
        ({ ...event, source: `chatvui/import/${this.#options.source}` }) as ConversationEvent,
    );
  }
}
