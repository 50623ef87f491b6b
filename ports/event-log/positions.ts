// Positions: what is said of one that is not in the log, and how a projection is asked for its own.
import { isOutsideError, OutsideError } from '../errors.ts';

const firstPauseMs = 100;
const longestPauseMs = 5000;

export const outsideLog = (
  topic: string,
  partition: number,
  at: number,
  start: number,
  end: number,
): OutsideError => {
  const text = `Offset ${at} of ${topic}/${partition} is not in the log, which has ${start} to ${end}. The log was replaced or cut: rebuild what reads it.`;
  return new OutsideError('log_truncated', 'never', text);
};

export class PositionAsker {
  readonly #ask: (partition: number) => Promise<number>;
  readonly #open = new Set<Promise<number>>();

  constructor(ask: (partition: number) => Promise<number>) {
    this.#ask = ask;
  }

  /**
   * With patience: the projection's database may be on its way up.
   * Undefined when `stopped` before there was an answer. Throws what is not worth another try.
   */
  async of(partition: number, stopped: () => boolean): Promise<number | undefined> {
    for (let pauseMs = firstPauseMs; !stopped(); pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
      try {
        return await this.#once(partition);
      } catch (error) {
        if (!isOutsideError(error) || error.retry === 'never') throw error;
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
      }
    }
    return undefined;
  }

  /** Resolves when the projection is not being asked: once stopped, it will not be asked again. */
  async idle(): Promise<void> {
    await Promise.allSettled(this.#open);
  }

  async #once(partition: number): Promise<number> {
    const answer = this.#ask(partition);
    this.#open.add(answer);
    try {
      return await answer;
    } finally {
      this.#open.delete(answer);
    }
  }
}
