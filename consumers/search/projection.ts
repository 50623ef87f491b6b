// The search projection: what people said, by its words. Whether an event counted at its place, history has decided: this
// one waits until history has passed a stretch, and leaves out what was void there.
import { setTimeout } from 'node:timers/promises';
import { OutsideError } from '../../ports/errors.ts';
import type { Claim, HistoryReader } from '../../ports/history/port.ts';
import type { SearchWriter } from '../../ports/search/port.ts';
import type { ConversationEvent } from '../../schemas/events.ts';
import type { Projection, Work } from '../projection.ts';
import { applySearch } from './apply.ts';

export type SearchProjectionOptions = {
  writer: SearchWriter;
  history: Pick<HistoryReader, 'applied' | 'voided'>;
  /** Of the log that is read. */
  epoch: string;
  /** How long a stretch waits for history before it is tried anew. */
  waitMs?: number;
};

const firstPauseMs = 5;
const longestPauseMs = 100;

export class SearchProjection implements Projection {
  readonly #options: Required<SearchProjectionOptions>;
  readonly #passed = new Map<string, number>();

  constructor(options: SearchProjectionOptions) {
    this.#options = { waitMs: 5_000, ...options };
  }

  claim(topic: string, partition: number): Promise<Claim> {
    return this.#options.writer.claim(topic, partition, this.#options.epoch);
  }

  /** Nothing is remembered between batches but how far history is, which only grows. */
  release(): void {}

  async handle({ topic, partition, fence, next, events }: Work): Promise<{ voided: number }> {
    const { writer, history } = this.#options;
    const [first] = events;
    let voided = new Set<number>();
    if (first) {
      await this.#historyPasses(topic, partition, next);
      voided = new Set(await history.voided(topic, partition, { from: first.offset, to: next }));
    }
    const changes = events.flatMap(({ event, offset, position }) => {
      if (voided.has(offset)) return [];
      return applySearch(event as ConversationEvent, position) ?? [];
    });
    await writer.commit({ topic, partition, fence, next, changes });
    return { voided: voided.size };
  }

  async #historyPasses(topic: string, partition: number, next: number): Promise<void> {
    const key = `${topic}/${partition}`;
    const deadline = performance.now() + this.#options.waitMs;
    let pauseMs = firstPauseMs;
    while ((this.#passed.get(key) ?? 0) < next) {
      const applied = await this.#options.history.applied(topic);
      for (const [at, place] of applied.entries()) this.#passed.set(`${topic}/${at}`, place);
      if ((applied[partition] ?? 0) >= next) return;
      if (performance.now() > deadline)
        throw new OutsideError(
          'history_behind',
          'later',
          'History has not come so far yet; search follows it.',
        );
      await setTimeout(pauseMs);
      pauseMs = Math.min(pauseMs * 2, longestPauseMs);
    }
  }
}
