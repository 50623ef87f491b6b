// Messages that the person has deleted and may still have back: shown as deleted at once, deleted on the server when the time
// for second thoughts is over, or when the page goes. What a page that goes sends may get lost on the way, so it is kept until
// it is known to have been done, and done again by whichever page comes next: twice is once.
import { SvelteSet } from 'svelte/reactivity';
import { ApiProblem } from './api.ts';

export const secondThoughtsMs = 6_000;
export const retryMs = 5_000;
/** The tab in which it was begun does it itself, if it is still there. */
const othersFirstMs = 3_000;

export type DeletionsOptions = {
  userId: string;
  storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;
  /** Goes on when the page goes. */
  remove: (messageId: string) => Promise<unknown>;
  onFailed: (problem: unknown) => void;
};

export class Deletions {
  readonly #options: DeletionsOptions;
  readonly #key: string;
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();
  /** Begun by another page, which may be there yet and do it or have it back itself. */
  readonly #inherited = new Set<string>();
  readonly #dueMs = new Map<string, number>();
  /** Also for a moment after it was sent, until the row itself says so. */
  readonly #shown = new SvelteSet<string>();

  constructor(options: DeletionsOptions) {
    this.#options = options;
    this.#key = `chatvui.deletions.${options.userId}`;
    this.#inherit(0);
  }

  /** Another tab has begun one, had it back, or done it: it is so here too, and done here if that tab is gone by then. */
  look(): void {
    this.#inherit(othersFirstMs);
    const kept = this.#kept();
    for (const messageId of this.#inherited)
      if (!(messageId in kept) && (this.#dueMs.get(messageId) ?? 0) > Date.now()) this.#undone(messageId);
  }

  has(messageId: string): boolean {
    return this.#shown.has(messageId);
  }

  begin(messageId: string): void {
    if (this.#shown.has(messageId)) return;
    this.#shown.add(messageId);
    this.#keep({ ...this.#kept(), [messageId]: Date.now() + secondThoughtsMs });
    this.#later(messageId, secondThoughtsMs);
  }

  undo(messageId: string): void {
    if (!this.#timers.has(messageId)) return;
    this.#undone(messageId);
    this.#forget(messageId);
  }

  /** The page goes: what was said is done now. */
  flush(): void {
    for (const [messageId, timer] of this.#timers) {
      clearTimeout(timer);
      void this.#send(messageId);
    }
  }

  #inherit(afterDueMs: number): void {
    for (const [messageId, dueMs] of Object.entries(this.#kept())) {
      if (this.#shown.has(messageId)) continue;
      this.#shown.add(messageId);
      this.#inherited.add(messageId);
      this.#dueMs.set(messageId, dueMs);
      this.#later(messageId, Math.max(0, dueMs - Date.now()) + afterDueMs);
    }
  }

  #undone(messageId: string): void {
    clearTimeout(this.#timers.get(messageId));
    this.#timers.delete(messageId);
    this.#inherited.delete(messageId);
    this.#shown.delete(messageId);
  }

  #later(messageId: string, afterMs: number): void {
    this.#timers.set(
      messageId,
      setTimeout(() => void this.#send(messageId), afterMs),
    );
  }

  async #send(messageId: string): Promise<void> {
    this.#timers.delete(messageId);
    if (this.#inherited.has(messageId) && !(messageId in this.#kept())) {
      this.#shown.delete(messageId);
      return;
    }
    try {
      await this.#options.remove(messageId);
    } catch (problem) {
      // Without a network, or with a server that is busy, it is still to be done: by the next page at the latest.
      if (isTemporary(problem)) return this.#later(messageId, retryMs);
      this.#shown.delete(messageId);
      this.#options.onFailed(problem);
    }
    this.#forget(messageId);
  }

  #forget(messageId: string): void {
    const { [messageId]: _, ...others } = this.#kept();
    this.#keep(others);
  }

  #kept(): Record<string, number> {
    try {
      return JSON.parse(this.#options.storage.getItem(this.#key) ?? '{}') as Record<string, number>;
    } catch {
      return {};
    }
  }

  #keep(due: Record<string, number>): void {
    try {
      if (Object.keys(due).length === 0) this.#options.storage.removeItem(this.#key);
      else this.#options.storage.setItem(this.#key, JSON.stringify(due));
    } catch {
      // Then what the page sends when it goes has to do.
    }
  }
}

const isTemporary = (problem: unknown): boolean =>
  problem instanceof ApiProblem &&
  (problem.code === 'network' || problem.status === 429 || problem.status >= 502);
