// Conversations as hits have shown them. Who searches does so several times in a row, and counting what somebody has not read
// of a large conversation takes longer than finding something in it.
import type { Conversation } from '../../schemas/views.ts';

type Known = { place: number; view: Conversation };

export class KnownViews {
  readonly #max: number;
  /** Oldest use first. */
  readonly #known = new Map<string, Known>();

  constructor(max: number) {
    this.#max = max;
  }

  /** `place`: of the newest event in the conversation. A view is what the events up to there made, so it is right or too old. */
  get(readerId: string, conversationId: string, place: number): Conversation | undefined {
    const key = `${readerId}/${conversationId}`;
    const known = this.#known.get(key);
    if (!known) return undefined;
    this.#known.delete(key);
    if (known.place !== place) return undefined;
    this.#known.set(key, known);
    return known.view;
  }

  put(readerId: string, place: number, view: Conversation): void {
    const key = `${readerId}/${view.id}`;
    this.#known.delete(key);
    this.#known.set(key, { place, view });
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= this.#max) return;
      this.#known.delete(oldest);
    }
  }
}
