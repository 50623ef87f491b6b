// Plays a log into a store, in stretches of any sizes.
import fc from 'fast-check';
import { History } from '../../consumers/history/history.ts';
import type { Commit, HistoryStore } from '../../ports/history/port.ts';
import type { ConversationEvent } from '../../schemas/events.ts';

const topic = 'chat.conversations';

export const anySizes = fc.array(fc.integer({ min: 1, max: 15 }), { minLength: 1, maxLength: 5 });

/** Plays events of one partition into a store; every run has a partition and ids of its own. */
export class Player {
  readonly commits: Commit[] = [];
  readonly #history: History;
  readonly #partition: number;
  #fence = 0;
  #next = 0;

  constructor({ writer }: HistoryStore, partition: number) {
    this.#partition = partition;
    this.#history = new History({
      epoch: 'epoch-1',
      // Few, so that states are dropped and read again all the time.
      membersMax: 5,
      writer: {
        claim: (...args) => writer.claim(...args),
        conversations: (ids) => writer.conversations(ids),
        commit: (batch) => {
          this.commits.push(batch);
          return writer.commit(batch);
        },
      },
    });
  }

  async claim(): Promise<number> {
    const { next, fence } = await this.#history.claim(topic, this.#partition);
    this.#fence = fence;
    this.#next = next;
    return next;
  }

  /** Up to this offset, in stretches of these sizes, over and over. */
  async play(log: ConversationEvent[], until: number, sizes: number[]): Promise<void> {
    if (this.#fence === 0) await this.claim();
    for (let turn = 0; this.#next < until; turn++) {
      const next = Math.min(until, this.#next + (sizes[turn % sizes.length] as number));
      await this.give(log, this.#next, next);
      this.#next = next;
    }
  }

  async give(log: ConversationEvent[], from: number, next: number): Promise<void> {
    const events = log
      .slice(from, next)
      .map((event, index) => ({ event, offset: from + index, position: from + index + 1, loggedMs: 0 }));
    await this.#history.handle({
      topic,
      partition: this.#partition,
      fence: this.#fence,
      next,
      events,
      skipped: [],
    });
  }
}
