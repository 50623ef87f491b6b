// Messages that are shown outside of their conversation, asked for one by one when they come on screen.
import { SvelteMap } from 'svelte/reactivity';
import { type Api, ApiProblem } from './api.ts';
import type { Message } from './protocol.ts';

const requestsMax = 4;
const keptMax = 500;

export class MessageCache {
  readonly #api: Pick<Api, 'message'>;
  /** Null: it is not there any more, or not for this person to see. */
  readonly #byId = new SvelteMap<string, Message | null>();
  readonly #wanted = new Set<string>();
  readonly #inFlight = new Set<string>();

  constructor(api: Pick<Api, 'message'>) {
    this.#api = api;
  }

  /** Undefined: asked for; whoever reads it is told when it comes. */
  get(id: string): Message | null | undefined {
    const known = this.#byId.get(id);
    if (known === undefined && !this.#wanted.has(id)) {
      this.#wanted.add(id);
      queueMicrotask(() => this.#work());
    }
    return known;
  }

  #work(): void {
    // Who was scrolled past can wait.
    for (const id of [...this.#wanted].reverse()) {
      if (this.#inFlight.size >= requestsMax) return;
      if (this.#inFlight.has(id)) continue;
      this.#inFlight.add(id);
      void this.#ask(id);
    }
  }

  async #ask(id: string): Promise<void> {
    try {
      this.#put(id, await this.#api.message(id));
    } catch (problem) {
      // What could not be asked is asked again when it is next on screen.
      if (problem instanceof ApiProblem && problem.status === 404) this.#put(id, null);
    } finally {
      this.#wanted.delete(id);
      this.#inFlight.delete(id);
      this.#work();
    }
  }

  #put(id: string, message: Message | null): void {
    const oldest = this.#byId.keys().next().value;
    if (this.#byId.size >= keptMax && oldest !== undefined) this.#byId.delete(oldest);
    this.#byId.set(id, message);
  }
}
