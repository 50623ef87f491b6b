// A projection that stands beside history and follows its verdict: what history found void at its place, or gave up, is
// nothing here either.
import type { Claim, HistoryReader } from '../ports/history/port.ts';
import type { ChatEvent } from '../schemas/events.ts';
import type { Projection, Work } from './projection.ts';
import { Verdicts } from './verdicts.ts';

/** What such a projection is written by; its commit moves the changes and the position together. */
export type WriterBeside<C> = {
  claim(topic: string, partition: number, epoch: string): Promise<Claim>;
  commit(batch: {
    topic: string;
    partition: number;
    fence: number;
    next: number;
    changes: C[];
  }): Promise<unknown>;
};

export type BesideHistoryOptions<C> = {
  writer: WriterBeside<C>;
  history: Pick<HistoryReader, 'applied' | 'voided'>;
  /** Of the log that is read. */
  epoch: string;
};

export class BesideHistory<C> implements Projection {
  readonly #options: BesideHistoryOptions<C>;
  readonly #apply: (event: ChatEvent, position: number) => C[];
  readonly #verdicts: Verdicts;

  constructor(options: BesideHistoryOptions<C>, apply: (event: ChatEvent, position: number) => C[]) {
    this.#options = options;
    this.#apply = apply;
    this.#verdicts = new Verdicts(options.history);
  }

  claim(topic: string, partition: number): Promise<Claim> {
    return this.#options.writer.claim(topic, partition, this.#options.epoch);
  }

  gaveUp(topic: string, partition: number, offset: number): Promise<boolean> {
    return this.#verdicts.gaveUp(topic, partition, offset);
  }

  /** Nothing is remembered between batches but how far history is, which only grows. */
  release(): void {}

  async handle(work: Work): Promise<{ voided: number }> {
    const { topic, partition, fence, next, events } = work;
    const counted = await this.#verdicts.counted(work);
    const changes = counted.flatMap(({ event, position }) => this.#apply(event, position));
    await this.#options.writer.commit({ topic, partition, fence, next, changes });
    return { voided: events.length - counted.length };
  }
}
