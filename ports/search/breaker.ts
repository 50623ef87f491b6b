// Who is known to be away is not asked by everybody who comes along: a failure answers them at once, and now and then one
// question finds out whether it is back.
import { isOutsideError } from '../errors.ts';

/** So long nobody asks after a failure. */
const restMs = 1_000;

export class Breaker {
  readonly #now: () => number;
  #failure: Error | null = null;
  #notBefore = 0;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Throws the last failure without asking while it is away. */
  async ask<T>(question: () => Promise<T>): Promise<T> {
    if (this.#failure && this.#now() < this.#notBefore) throw this.#failure;
    // While this one finds out, the others go on being answered at once.
    if (this.#failure) this.#notBefore = Number.POSITIVE_INFINITY;
    try {
      const answer = await question();
      this.#failure = null;
      return answer;
    } catch (error) {
      if (isOutsideError(error) && error.retry === 'later') {
        this.#failure = error;
        this.#notBefore = this.#now() + restMs;
      } else this.#failure = null;
      throw error;
    }
  }
}
