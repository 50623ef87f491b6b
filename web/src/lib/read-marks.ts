// How far one has read where the server has not said yet that it knows: kept on disk, so that what was read without a
// network is read everywhere once there is one.
import { comparePositions } from './merge.ts';
import type { ClientFrame } from './protocol.ts';

export type ReadMark = { conversationId: string; messageId: string; position: string };
const marksMax = 200;

export class ReadMarks {
  readonly #storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;
  readonly #key: string;
  readonly #byConversation = new Map<string, ReadMark>();

  constructor(userId: string, storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>) {
    this.#storage = storage;
    this.#key = `chatvui.reads.${userId}`;
    this.#load();
  }

  put(mark: ReadMark): void {
    this.#byConversation.delete(mark.conversationId);
    this.#byConversation.set(mark.conversationId, mark);
    const [oldest] = this.#byConversation.keys();
    if (this.#byConversation.size > marksMax && oldest) this.#byConversation.delete(oldest);
    this.#save();
  }

  /** The server knows that this was read. */
  known(conversationId: string, position: string): void {
    const mark = this.#byConversation.get(conversationId);
    if (!mark || comparePositions(mark.position, position) > 0) return;
    this.#byConversation.delete(conversationId);
    this.#save();
  }

  /** Once more what is unknown there: twice is once. */
  flush(send: (frame: ClientFrame) => boolean): void {
    for (const { conversationId, messageId } of this.#byConversation.values())
      if (!send({ type: 'read', conversationId, messageId })) return;
  }

  #load(): void {
    try {
      const kept = JSON.parse(this.#storage.getItem(this.#key) ?? '[]') as unknown;
      for (const mark of Array.isArray(kept) ? (kept as ReadMark[]) : [])
        if (typeof mark?.position === 'string') this.#byConversation.set(mark.conversationId, mark);
    } catch {
      // Nothing usable was kept.
    }
  }

  #save(): void {
    try {
      if (this.#byConversation.size === 0) this.#storage.removeItem(this.#key);
      else this.#storage.setItem(this.#key, JSON.stringify([...this.#byConversation.values()]));
    } catch {
      // Then it is known as long as the page lives.
    }
  }
}
