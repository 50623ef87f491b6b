// How many searches may run at once: one is worth hundreds of messages to the index, so a few people, or one with many
// windows, must not keep it from all others.
import { type Refusal, refuse } from '../../schemas/refusal.ts';

const perPersonMax = 8;
const perGatewayMax = 32;
const retryAfterMs = 1_000;

export class SearchTurns {
  readonly #running = new Map<string, number>();
  #count = 0;

  /** What ends the turn, or why there is none. */
  enter(personId: string): (() => void) | (Refusal & { retryAfterMs: number }) {
    const own = this.#running.get(personId) ?? 0;
    if (own >= perPersonMax)
      return { ...refuse('rate_limited', `Only ${perPersonMax} searches at once.`), retryAfterMs };
    if (this.#count >= perGatewayMax)
      return { ...refuse('overloaded', 'Too many people are searching at this moment.'), retryAfterMs };
    this.#count += 1;
    this.#running.set(personId, own + 1);
    return () => this.#leave(personId);
  }

  #leave(personId: string): void {
    this.#count -= 1;
    const left = (this.#running.get(personId) ?? 1) - 1;
    if (left === 0) this.#running.delete(personId);
    else this.#running.set(personId, left);
  }
}
