// The stretches of history that this page holds: those that were opened last, each as it was left.
import type { Api } from './api.ts';
import { type Shelf, Timeline } from './timeline.svelte.ts';

const timelinesMax = 12;

export class Timelines {
  readonly #api: Api;
  readonly #shelf: Shelf;
  readonly #byConversation = new Map<string, Timeline>();

  constructor(api: Api, shelf: Shelf) {
    this.#api = api;
    this.#shelf = shelf;
  }

  /** Made when there is none; the one that nobody has opened for longest is let go. */
  open(conversationId: string): Timeline {
    const timeline =
      this.#byConversation.get(conversationId) ?? new Timeline(this.#api, conversationId, this.#shelf);
    // Most recently used last.
    this.#byConversation.delete(conversationId);
    this.#byConversation.set(conversationId, timeline);
    const oldest = this.#byConversation.keys().next().value;
    if (this.#byConversation.size > timelinesMax && oldest) this.#byConversation.delete(oldest);
    return timeline;
  }

  get(conversationId: string): Timeline | undefined {
    return this.#byConversation.get(conversationId);
  }

  delete(conversationId: string): void {
    this.#byConversation.delete(conversationId);
  }

  get all(): Iterable<[string, Timeline]> {
    return this.#byConversation;
  }
}
