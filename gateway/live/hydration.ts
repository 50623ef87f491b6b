// What an event alone does not tell (a message's reactions, one's unread count) is read from history once history has
// passed that event. Until then the cursor stays behind it.
import { OutsideError } from '../../ports/errors.ts';
import type { HistoryReader, ListedConversation, StoredMessage } from '../../ports/history/port.ts';
import type { Freshness } from './freshness.ts';
import { Gather } from './gather.ts';

const retryMs = 250;

export class Hydration {
  readonly #history: Pick<HistoryReader, 'messages' | 'views'>;
  readonly #freshness: Freshness;
  readonly #topic: string;
  readonly #messages: Gather<StoredMessage>;
  readonly #open = new Set<{ partition: number; place: number }>();
  #closed = false;

  constructor(options: {
    history: Pick<HistoryReader, 'messages' | 'views'>;
    freshness: Freshness;
    topic: string;
  }) {
    this.#history = options.history;
    this.#freshness = options.freshness;
    this.#topic = options.topic;
    this.#messages = new Gather(
      (ids) => this.#history.messages(ids),
      (stored) => stored.message.id,
    );
  }

  /** A message as history has it now, without waiting for a place. */
  stored(id: string): Promise<StoredMessage | null> {
    return this.#messages.one(id);
  }

  /** A message as it is after the event at this place. OutsideError when history does not get there in time. */
  async message(id: string, partition: number, place: number): Promise<StoredMessage | null> {
    await this.#freshness.place(this.#topic, partition, place);
    return this.#messages.one(id);
  }

  async view(
    conversationId: string,
    userId: string,
    partition: number,
    place: number,
  ): Promise<ListedConversation | null> {
    await this.#freshness.place(this.#topic, partition, place);
    return (await this.#history.views(conversationId, [userId])).get(userId) ?? null;
  }

  /** For the fan-out: tries until it succeeds; meanwhile `openPlaces` keeps the cursor behind the event. */
  async persist(partition: number, place: number, work: () => Promise<void>): Promise<void> {
    const open = { partition, place };
    this.#open.add(open);
    while (!this.#closed) {
      try {
        await this.#freshness.place(this.#topic, partition, place);
        await work();
        break;
      } catch (error) {
        if (!(error instanceof OutsideError)) throw error;
        await new Promise((resolve) => setTimeout(resolve, retryMs));
      }
    }
    this.#open.delete(open);
  }

  openPlaces(): Iterable<{ partition: number; place: number }> {
    return this.#open;
  }

  close(): void {
    this.#closed = true;
  }
}
