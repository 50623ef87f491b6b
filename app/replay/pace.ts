// How fast a replay may go: what people do meanwhile comes first.
import { setTimeout } from 'node:timers/promises';

/** Rests are taken in stretches: shorter ones than this the timer would not keep. */
const shortestRestMs = 5;

export class Pace {
  readonly #perSecond: number;
  #freeAtMs = performance.now();

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
  }

  /** Resolves when so many more may be taken. Time that was not used is not made up for. */
  async take(events: number): Promise<void> {
    if (!Number.isFinite(this.#perSecond)) return;
    const nowMs = performance.now();
    const restMs = this.#freeAtMs - nowMs;
    this.#freeAtMs = Math.max(this.#freeAtMs, nowMs) + (events * 1_000) / this.#perSecond;
    if (restMs > shortestRestMs) await setTimeout(restMs);
  }
}
