// What the person reads: clear at once on this screen and in the other tabs, told to the server, and told once more when it
// could not hear it.
import type { Conversations } from './conversations.svelte.ts';
import { comparePositions } from './merge.ts';
import type { Personal } from './personal.svelte.ts';
import type { ClientFrame, Message } from './protocol.ts';
import { ReadMarks } from './read-marks.ts';
import type { TabWord } from './tabs.ts';

export type ReadingOptions = {
  userId: string;
  storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;
  conversations: Conversations;
  personal: Personal;
  send: (frame: ClientFrame) => boolean;
  /** To the other tabs. */
  tell: (word: TabWord) => void;
  /** What is kept has changed. */
  onRead: () => void;
};

export class Reading {
  readonly #options: ReadingOptions;
  readonly #marks: ReadMarks;

  constructor(options: ReadingOptions) {
    this.#options = options;
    this.#marks = new ReadMarks(options.userId, options.storage);
  }

  /** Says that everything up to this message has been seen; the counts clear at once on this screen. */
  upTo(message: Message): void {
    const { userId, conversations, send, tell, onRead } = this.#options;
    const { conversationId, position } = message;
    const mine = conversations.get(conversationId)?.members.find((member) => member.userId === userId);
    if (!mine || comparePositions(mine.readPosition, position) >= 0) return;
    // Read without a network is read all the same: it is said when there is one.
    this.#marks.put({ conversationId, messageId: message.id, position });
    send({ type: 'read', conversationId, messageId: message.id });
    conversations.putRead(conversationId, userId, position);
    tell({ say: 'read', conversationId, position });
    onRead();
  }

  /** As `upTo` the last message; and what was marked unread again is no longer. */
  all(conversationId: string): void {
    const last = this.#options.conversations.get(conversationId)?.lastMessage;
    if (last) this.upTo(last);
    this.forgetMark(conversationId);
  }

  forgetMark(conversationId: string): void {
    const { personal } = this.#options;
    if (personal.settings(conversationId).unreadFrom !== undefined)
      void personal.changeSettings(conversationId, { unreadFrom: undefined });
  }

  /** The server knows that this was read. */
  known(conversationId: string, position: string): void {
    this.#marks.known(conversationId, position);
  }

  flush(): void {
    this.#marks.flush(this.#options.send);
  }
}
