// What one client has been shown, over any number of sockets: keeps the newest row of each message and notes every break
// of the promises about order and repetition.
import type { ServerFrame } from '../../schemas/frames.ts';
import type { Message } from '../../schemas/views.ts';

export class Timeline {
  readonly #messages = new Map<string, Map<string, Message>>();
  readonly #newest = new Map<string, number>();
  /** Texts of what came on the present socket, to notice what comes twice on one. */
  #onThisSocket = new Map<string, string>();
  #resumedOnce = false;
  /** Human words; empty when every promise was kept. */
  readonly broken: string[] = [];
  repeatedAfterReconnect = 0;

  /** A new socket starts: only now may something come again. */
  reconnected(): void {
    this.#onThisSocket = new Map();
    this.#resumedOnce = true;
  }

  take(frame: ServerFrame): void {
    if (frame.type === 'message') this.#message(frame.message);
  }

  #message(message: Message): void {
    const { id, conversationId } = message;
    const text = JSON.stringify(message);
    // An edit or a reaction brings the same id again, shown as it is by then: two of them may look alike.
    const isChanged =
      message.editedAt ||
      message.deletedAt ||
      message.pinnedAt ||
      message.previews.length > 0 ||
      message.reactions.length > 0;
    if (!isChanged && this.#onThisSocket.get(id) === text) this.broken.push(`${id} came twice on one socket`);
    this.#onThisSocket.set(id, text);
    const known = this.#messages.get(conversationId) ?? new Map<string, Message>();
    this.#messages.set(conversationId, known);
    const former = known.get(id);
    if (former) {
      if (this.#resumedOnce && JSON.stringify(former) === text) this.repeatedAfterReconnect++;
      if (former.position !== message.position) this.broken.push(`${id} changed its position`);
    } else {
      const position = Number(message.position);
      const newest = this.#newest.get(conversationId) ?? 0;
      if (position <= newest)
        this.broken.push(`${id} at ${position} came after ${newest} in ${conversationId}`);
      this.#newest.set(conversationId, position);
    }
    known.set(id, message);
  }

  has(conversationId: string, id: string): boolean {
    return this.#messages.get(conversationId)?.has(id) ?? false;
  }

  count(conversationId: string): number {
    return this.#messages.get(conversationId)?.size ?? 0;
  }

  /** In the order of positions. */
  of(conversationId: string): Message[] {
    const known = [...(this.#messages.get(conversationId)?.values() ?? [])];
    return known.sort((a, b) => Number(a.position) - Number(b.position));
  }
}

/** What a message says, without what is worked out for each reader. */
export const essence = ({
  id,
  position,
  content,
  senderId,
  editedAt,
  deletedAt,
  pinnedAt,
  previews,
  reactions,
}: Message) => ({
  id,
  position,
  content,
  senderId,
  editedAt,
  deletedAt,
  pinnedAt,
  previews,
  reactions: [...reactions]
    .map(({ emoji, userIds }) => ({ emoji, userIds: [...userIds].sort() }))
    .sort((a, b) => (a.emoji < b.emoji ? -1 : 1)),
});
