// How far others have got what was sent, as their devices say; and saying it ourselves, for a small conversation now and
// then. Nobody keeps it: who has not heard it knows that a message was sent, which is true as well.
import { SvelteMap } from 'svelte/reactivity';
import { limits } from '../../../schemas/limits.ts';
import { comparePositions } from './merge.ts';
import type { ClientFrame, Conversation, Message } from './protocol.ts';

/** Longer than the server lets pass. */
const sayAfterMs = 1_200;
const nobody: ReadonlyMap<string, string> = new Map();

export class Deliveries {
  readonly #me: string;
  readonly #send: (frame: ClientFrame) => boolean;
  readonly #heard = new SvelteMap<string, ReadonlyMap<string, string>>();
  readonly #said = new Map<string, string>();
  readonly #owed = new Map<string, string>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(me: string, send: (frame: ClientFrame) => boolean) {
    this.#me = me;
    this.#send = send;
  }

  /** The position up to which each person's devices are known to have it. */
  in(conversationId: string): ReadonlyMap<string, string> {
    return this.#heard.get(conversationId) ?? nobody;
  }

  heard(conversationId: string, userId: string, position: string): void {
    const known = this.in(conversationId);
    if (comparePositions(position, known.get(userId) ?? '0') <= 0) return;
    this.#heard.set(conversationId, new Map(known).set(userId, position));
  }

  /** This device has a message of somebody else. */
  got(conversation: Pick<Conversation, 'id' | 'memberCount'> | undefined, message: Message): void {
    if (!conversation || message.senderId === this.#me) return;
    if (conversation.memberCount > limits.deliveredMembersMax) return;
    const { id } = conversation;
    const known = this.#owed.get(id) ?? this.#said.get(id) ?? '0';
    if (comparePositions(message.position, known) <= 0) return;
    this.#owed.set(id, message.position);
    this.#timer ??= setTimeout(() => this.flush(), sayAfterMs);
  }

  /** Says what is owed, as far as the connection takes it; the rest when it is there again. */
  flush(): void {
    this.#timer = undefined;
    for (const [conversationId, position] of this.#owed) {
      if (!this.#send({ type: 'delivered', conversationId, position })) return;
      this.#owed.delete(conversationId);
      this.#said.set(conversationId, position);
    }
  }

  close(): void {
    clearTimeout(this.#timer);
  }
}
