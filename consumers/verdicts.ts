// For projections that stand beside history: whether an event counted at its place, history has decided. They wait until it
// has passed a stretch, and leave out what was void there.
import { setTimeout } from 'node:timers/promises';
import { OutsideError } from '../ports/errors.ts';
import type { HistoryReader } from '../ports/history/port.ts';
import type { Placed, Work } from './projection.ts';

/** How long a stretch waits for history before it is tried anew. */
const waitMs = 5_000;
const firstPauseMs = 5;
const longestPauseMs = 100;

export class Verdicts {
  readonly #history: Pick<HistoryReader, 'applied' | 'voided'>;
  /** How far history is known to be, per topic and partition. */
  readonly #passed = new Map<string, number>();

  constructor(history: Pick<HistoryReader, 'applied' | 'voided'>) {
    this.#history = history;
  }

  /** The events of this stretch that counted. OutsideError `history_behind` when history does not get there in time. */
  async counted({ topic, partition, next, events }: Work): Promise<Placed[]> {
    const [first] = events;
    if (!first) return [];
    await this.#historyPasses(topic, partition, next);
    const voided = new Set(await this.#history.voided(topic, partition, { from: first.offset, to: next }));
    return voided.size === 0 ? events : events.filter(({ offset }) => !voided.has(offset));
  }

  /** Whether history was told to pass by this event, which nobody could read. */
  async gaveUp(topic: string, partition: number, offset: number): Promise<boolean> {
    return (await this.#history.voided(topic, partition, { from: offset, to: offset + 1 })).length > 0;
  }

  async #historyPasses(topic: string, partition: number, next: number): Promise<void> {
    const key = `${topic}/${partition}`;
    const deadline = performance.now() + waitMs;
    let pauseMs = firstPauseMs;
    while ((this.#passed.get(key) ?? 0) < next) {
      const applied = await this.#history.applied(topic);
      for (const [at, place] of applied.entries()) this.#passed.set(`${topic}/${at}`, place);
      if ((applied[partition] ?? 0) >= next) return;
      if (performance.now() > deadline)
        throw new OutsideError('history_behind', 'later', 'History has not come so far yet.');
      await setTimeout(pauseMs);
      pauseMs = Math.min(pauseMs * 2, longestPauseMs);
    }
  }
}
