// Who is typing where, for a few seconds; and how often we say it ourselves.
import { SvelteMap } from 'svelte/reactivity';

const shownMs = 5_000;
const sayEveryMs = 3_000;

export class Typing {
  readonly #until = new SvelteMap<string, readonly string[]>();
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();
  #said = { conversationId: '', atMs: 0 };

  in(conversationId: string): readonly string[] {
    return this.#until.get(conversationId) ?? [];
  }

  heard(conversationId: string, userId: string): void {
    const key = `${conversationId} ${userId}`;
    clearTimeout(this.#timers.get(key));
    this.#timers.set(
      key,
      setTimeout(() => this.stopped(conversationId, userId), shownMs),
    );
    const now = this.in(conversationId);
    if (!now.includes(userId)) this.#until.set(conversationId, [...now, userId]);
  }

  stopped(conversationId: string, userId: string): void {
    const key = `${conversationId} ${userId}`;
    clearTimeout(this.#timers.get(key));
    this.#timers.delete(key);
    const now = this.in(conversationId);
    if (now.includes(userId))
      this.#until.set(
        conversationId,
        now.filter((id) => id !== userId),
      );
  }

  /** True at most every three seconds for one conversation. */
  maySay(conversationId: string, nowMs: number): boolean {
    if (this.#said.conversationId === conversationId && nowMs - this.#said.atMs < sayEveryMs) return false;
    this.#said = { conversationId, atMs: nowMs };
    return true;
  }

  /** What we wrote has been sent: the next key stroke says it again at once. */
  reset(): void {
    this.#said = { conversationId: '', atMs: 0 };
  }
}
