// What became of notices, written together: while one transaction is under way the next gathers.
import type { NotificationQueue, Settlement } from '../../ports/notifications/port.ts';

type Waiting = { settlement: Settlement; done(had: Set<string>): void; failed(error: unknown): void };

export class Settling {
  readonly #queue: Pick<NotificationQueue, 'settle'>;
  readonly #now: () => number;
  #waiting: Waiting[] = [];
  #isWriting = false;

  constructor(queue: Pick<NotificationQueue, 'settle'>, now: () => number) {
    this.#queue = queue;
    this.#now = now;
  }

  /** Resolves when it is kept, with those of its notices that were still its own. */
  settle(settlement: Settlement): Promise<Set<string>> {
    return new Promise((done, failed) => {
      this.#waiting.push({ settlement, done, failed });
      if (!this.#isWriting) void this.#write();
    });
  }

  async #write(): Promise<void> {
    this.#isWriting = true;
    while (this.#waiting.length > 0) {
      const some = this.#waiting;
      this.#waiting = [];
      try {
        const had = new Set(
          await this.#queue.settle(
            some.map(({ settlement }) => settlement),
            this.#now(),
          ),
        );
        for (const { done } of some) done(had);
      } catch (error) {
        for (const { failed } of some) failed(error);
      }
    }
    this.#isWriting = false;
  }
}
