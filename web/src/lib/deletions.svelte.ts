// Messages that the person has deleted and may still have back: shown as deleted at once, deleted on the server when the time
// for second thoughts is over, or when the page goes.
import { SvelteSet } from 'svelte/reactivity';

export const secondThoughtsMs = 6_000;

export type DeletionsOptions = {
  /** Goes on when the page goes. */
  remove: (messageId: string) => Promise<unknown>;
  onFailed: (problem: unknown) => void;
};

export class Deletions {
  readonly #options: DeletionsOptions;
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();
  /** Also for a moment after it was sent, until the row itself says so. */
  readonly #shown = new SvelteSet<string>();

  constructor(options: DeletionsOptions) {
    this.#options = options;
  }

  has(messageId: string): boolean {
    return this.#shown.has(messageId);
  }

  begin(messageId: string): void {
    if (this.#shown.has(messageId)) return;
    this.#shown.add(messageId);
    this.#timers.set(
      messageId,
      setTimeout(() => void this.#send(messageId), secondThoughtsMs),
    );
  }

  undo(messageId: string): void {
    if (!this.#timers.has(messageId)) return;
    clearTimeout(this.#timers.get(messageId));
    this.#timers.delete(messageId);
    this.#shown.delete(messageId);
  }

  /** The page goes: what was said is done now. */
  flush(): void {
    for (const [messageId, timer] of this.#timers) {
      clearTimeout(timer);
      void this.#send(messageId);
    }
  }

  async #send(messageId: string): Promise<void> {
    this.#timers.delete(messageId);
    try {
      await this.#options.remove(messageId);
    } catch (problem) {
      this.#shown.delete(messageId);
      this.#options.onFailed(problem);
    }
  }
}
