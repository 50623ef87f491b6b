// The commands about messages: send, edit, delete, react, pin, remove a preview, read.
import type { HistoryReader, StoredMessage } from '../ports/history/port.ts';
import type { Decision } from '../producers/decider.ts';
import { deleteMessage, editMessage, markRead, pin, react, sendMessage } from '../producers/message.ts';
import { removePreview } from '../producers/preview.ts';
import { isMember, maySee } from '../producers/state.ts';
import type { SendBody } from '../schemas/http.ts';
import { messageId } from '../schemas/ids.ts';
import { limits } from '../schemas/limits.ts';
import { type Attachment, mediaIdsOf } from '../schemas/media.ts';
import { isRefusal, type Refusal, refuse } from '../schemas/refusal.ts';
import type { Message } from '../schemas/views.ts';
import { conversationsTopic } from './live/live.ts';
import type { Echo } from './live/pending.ts';
import type { Entry } from './live/states.ts';
import type { Mentions } from './mentions.ts';
import type { Submit } from './submit.ts';
import { readByOthers, toMessageFor } from './views.ts';

export type SendCommand = SendBody & { conversationId: string };
/** `json`: the message as it went to the others, when it was made anyway. */
export type Sent = { message: Message; json?: string; first: boolean };

/** More than may be: of several who pin at once each may be the last one. */
const pinsReadMax = 2 * limits.pinsMax;

const unknownMessage = refuse('not_found', 'There is no such message, or you may not see it.');

/** What a message says of these files; refused when one is not theirs to send. */
export type Attach = (userId: string, mediaIds: string[]) => Promise<Attachment[] | Refusal>;

export class Messages {
  readonly #submit: Submit;
  readonly #attach: Attach;
  readonly #mentions: Mentions;
  readonly #history: Pick<HistoryReader, 'pinned'>;

  constructor(options: {
    submit: Submit;
    mentions: Mentions;
    history: Pick<HistoryReader, 'pinned'>;
    attach: Attach;
  }) {
    this.#attach = options.attach;
    this.#submit = options.submit;
    this.#mentions = options.mentions;
    this.#history = options.history;
  }

  /**
   * Sends; `settle` is called in the very turn in which the message passes by on the tail. The returned promise, if
   * any, ends when the append has begun, so that a caller can keep the order of what it sends.
   */
  send(actorId: string, command: SendCommand, settle: (sent: Sent | Refusal) => void): void | Promise<void> {
    const { live } = this.#submit;
    const closed = live.closedFor();
    if (closed) return settle(closed);
    const id = messageId(actorId, command.ref);
    const entry = live.states.ready(command.conversationId);
    const simple = !command.replyTo && !command.attachments?.length && !command.content.includes('@');
    if (entry && simple && !live.knownIds.mayBeStored(id)) {
      this.#append(entry, actorId, command, { mentions: [], attachments: [] }, settle);
      return;
    }
    return this.#prepared(id, actorId, command, settle).catch((error) => settle(unavailable(error)));
  }

  async one(actorId: string, id: string): Promise<Message | Refusal> {
    const first = await this.find(id);
    if (!first) return unknownMessage;
    const entry = await this.#submit.entry(first.message.conversationId);
    if (!isShown(entry, actorId, first.message.position)) return unknownMessage;
    // As the newest event of this conversation left it.
    const stored = await this.#submit.live.hydration.message(id, entry.partition, entry.last);
    return stored ? this.#view(actorId, stored) : unknownMessage;
  }

  async edit(actorId: string, id: string, content: string): Promise<Message | Refusal> {
    const mentions = await this.#mentions.in(content);
    return this.#change(actorId, id, (entry, stored) =>
      editMessage(entry.state, stored.message, { content, mentions }, this.#submit.context(actorId)),
    );
  }

  delete(actorId: string, id: string): Promise<Message | Refusal> {
    return this.#change(actorId, id, (entry, stored) =>
      deleteMessage(entry.state, stored.message, this.#submit.context(actorId)),
    );
  }

  async react(actorId: string, id: string, emoji: string, active: boolean): Promise<Message | Refusal> {
    return this.#change(actorId, id, (entry, stored) => {
      const former =
        stored.reactions.find((row) => row.userId === actorId && row.emoji === emoji.normalize('NFC')) ??
        null;
      const command = { emoji: emoji.normalize('NFC'), active, former };
      return react(entry.state, stored.message, command, this.#submit.context(actorId));
    });
  }

  async pin(actorId: string, id: string, active: boolean): Promise<Message | Refusal> {
    const done = await this.#change(actorId, id, async (entry, stored) => {
      const former = stored.pin;
      const pinned = active && !former?.active ? await this.#countPinned(entry.id) : 0;
      return pin(entry.state, stored.message, { active, former, pinned }, this.#submit.context(actorId));
    });
    // Two at the same moment: of equal revs the first counts.
    if (!isRefusal(done) && (done.pinnedAt !== null) !== active && done.deletedAt === null)
      return refuse('conflict', 'Somebody else pinned or unpinned it at the same moment. Look again.');
    return done;
  }

  /** By the preview's id. */
  removePreview(actorId: string, id: string, previewId: string): Promise<Message | Refusal> {
    return this.#change(actorId, id, (entry, stored) => {
      const preview = stored.previews.find((row) => row.id === previewId);
      if (!preview) return refuse('not_found', 'This message has no such preview.');
      return removePreview(entry.state, stored.message, preview, this.#submit.context(actorId));
    });
  }

  /** Those that the reader may see; newest pin first; all of them, since there are few. */
  async pinned(readerId: string, entry: Entry): Promise<Message[]> {
    const stored = await this.#history.pinned(entry.id, pinsReadMax);
    const shown = stored.filter(({ message }) => isShown(entry, readerId, message.position));
    return Promise.all(shown.map((one) => this.#view(readerId, one)));
  }

  async #countPinned(conversationId: string): Promise<number> {
    return (await this.#history.pinned(conversationId, limits.pinsMax)).length;
  }

  async markRead(actorId: string, id: string, conversationId?: string): Promise<Refusal | null> {
    const seen = this.#submit.live.knownIds.seen(id);
    let position = seen?.verdict === 'admitted' ? seen.place : 0;
    let inConversation = seen?.conversationId;
    if (!position || !inConversation) {
      const stored = await this.find(id);
      if (!stored) return unknownMessage;
      position = stored.message.position;
      inConversation = stored.message.conversationId;
    }
    if (conversationId && conversationId !== inConversation) return unknownMessage;
    const done = await this.#submit.run(inConversation, (entry) => {
      if (!isShown(entry, actorId, position)) return unknownMessage;
      const former = entry.marks.get(actorId) ?? 0;
      return markRead(entry.state, { position, former }, this.#submit.context(actorId));
    });
    return isRefusal(done) ? done : null;
  }

  #append(
    entry: Entry,
    actorId: string,
    command: SendCommand,
    found: { mentions: string[]; attachments: Attachment[] },
    settle: (sent: Sent | Refusal) => void,
  ): void {
    const decision = sendMessage(
      entry.state,
      {
        ref: command.ref,
        content: command.content,
        replyTo: command.replyTo ?? null,
        ...found,
      },
      this.#submit.context(actorId),
    );
    if (isRefusal(decision)) return settle(decision);
    const id = messageId(actorId, command.ref);
    this.#submit.start(entry, decision, (echo) => this.#settleSent(actorId, id, echo, settle));
  }

  #settleSent(actorId: string, id: string, echo: Echo, settle: (sent: Sent | Refusal) => void): void {
    if (echo.kind === 'refusal') return settle(echo);
    if (echo.kind === 'admitted' && echo.sent) return settle({ ...echo.sent, first: true });
    const at = echo.kind === 'admitted' ? echo.recent : echo.first;
    void this.#repeated(actorId, id, at).then(settle, (error) => settle(unavailable(error)));
  }

  async #prepared(
    id: string,
    actorId: string,
    command: SendCommand,
    settle: (sent: Sent | Refusal) => void,
  ): Promise<void> {
    const { live } = this.#submit;
    const entry = await this.#submit.entry(command.conversationId);
    if (!entry.state || !isMember(entry.state, actorId))
      return settle(
        refuse('not_a_member', 'You are not a member of this conversation, or it does not exist.'),
      );
    const seen = live.knownIds.seen(id);
    if (seen?.verdict === 'admitted' || (!live.pending.has(id) && live.knownIds.mayBeStored(id))) {
      const stored = await this.find(id);
      if (stored) return settle({ message: await this.#view(actorId, stored), first: false });
    }
    if (command.replyTo && !(await this.#mayReply(entry, actorId, command.replyTo)))
      return settle(refuse('unknown_message', 'The message that this answers is not in this conversation.'));
    const attachments = await this.#attach(actorId, mediaIdsOf(command.attachments));
    if (isRefusal(attachments)) return settle(attachments);
    const mentions = await this.#mentions.in(command.content);
    this.#append(entry, actorId, command, { mentions, attachments }, settle);
  }

  async #mayReply(entry: Entry, actorId: string, id: string): Promise<boolean> {
    const seen = this.#submit.live.knownIds.seen(id);
    if (seen?.verdict === 'admitted' && entry.state)
      return seen.conversationId === entry.id && maySee(entry.state, actorId, seen.place);
    const stored = await this.find(id);
    if (!stored || !entry.state || stored.message.conversationId !== entry.id) return false;
    return maySee(entry.state, actorId, stored.message.position);
  }

  /** The first message, when the same one came again while its first was on its way. */
  async #repeated(
    actorId: string,
    id: string,
    at: { partition: number; place: number },
  ): Promise<Sent | Refusal> {
    const { live } = this.#submit;
    await live.freshness.place(conversationsTopic, at.partition, at.place);
    const stored = await live.hydration.stored(id);
    if (!stored) return refuse('conflict', 'This ref was used before. Look at the conversation again.');
    return { message: await this.#view(actorId, stored), first: false };
  }

  async #change(
    actorId: string,
    id: string,
    decide: (entry: Entry, stored: StoredMessage) => Decision | Promise<Decision>,
  ): Promise<Message | Refusal> {
    const { live } = this.#submit;
    const first = await this.find(id);
    if (!first) return unknownMessage;
    const done = await this.#submit.run(first.message.conversationId, async (entry) => {
      if (!isShown(entry, actorId, first.message.position)) return unknownMessage;
      // Decided on the row as the newest event of this conversation left it.
      const stored = await live.hydration.message(id, entry.partition, entry.last);
      return stored ? decide(entry, stored) : unknownMessage;
    });
    if (isRefusal(done)) return done;
    const { entry, echo } = done;
    const place = echo?.kind === 'admitted' ? echo.recent.place : entry.last;
    const stored = await live.hydration.message(id, entry.partition, place);
    return stored ? this.#view(actorId, stored) : unknownMessage;
  }

  /** A message wherever it is, waiting for history when the tail has just shown it. */
  async find(id: string): Promise<StoredMessage | null> {
    const { live } = this.#submit;
    const seen = live.knownIds.seen(id);
    if (seen) await live.freshness.place(conversationsTopic, seen.partition, seen.place);
    return live.hydration.stored(id);
  }

  async #view(actorId: string, stored: StoredMessage): Promise<Message> {
    const entry = await this.#submit.entry(stored.message.conversationId);
    const own = entry.marks.get(actorId) ?? 0;
    const others = entry.state
      ? readByOthers(entry.state, entry.marks, actorId, this.#submit.live.seesReads)
      : 0;
    return toMessageFor(stored, { readerId: actorId, own, others });
  }
}

/** To a member, what stands where they may look. */
const isShown = ({ state }: Entry, actorId: string, position: number): boolean =>
  state !== null && isMember(state, actorId) && maySee(state, actorId, position);

const unavailable = (error: unknown): Refusal =>
  refuse(
    'unavailable',
    `${error instanceof Error ? error.message : String(error)} Send it again with the same ref.`,
  );
