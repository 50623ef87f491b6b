// The analytics projection: how much is said, by how many, and how fast people answer. Follows history's verdict.
import type { AnalyticsWriter } from '../../ports/analytics/port.ts';
import type { Claim, HistoryReader } from '../../ports/history/port.ts';
import type { ConversationEvent, UserEvent } from '../../schemas/events.ts';
import type { Projection, Work } from '../projection.ts';
import { Verdicts } from '../verdicts.ts';
import { applyAnalytics } from './apply.ts';

export type AnalyticsProjectionOptions = {
  writer: AnalyticsWriter;
  history: Pick<HistoryReader, 'applied' | 'voided'>;
  /** Of the log that is read. */
  epoch: string;
};

export class AnalyticsProjection implements Projection {
  readonly #writer: AnalyticsWriter;
  readonly #verdicts: Verdicts;
  readonly #epoch: string;

  constructor({ writer, history, epoch }: AnalyticsProjectionOptions) {
    this.#writer = writer;
    this.#verdicts = new Verdicts(history);
    this.#epoch = epoch;
  }

  claim(topic: string, partition: number): Promise<Claim> {
    return this.#writer.claim(topic, partition, this.#epoch);
  }

  gaveUp(topic: string, partition: number, offset: number): Promise<boolean> {
    return this.#verdicts.gaveUp(topic, partition, offset);
  }

  /** Nothing is remembered between batches but how far history is, which only grows. */
  release(): void {}

  async handle(work: Work): Promise<{ voided: number }> {
    const { topic, partition, fence, next, events } = work;
    const counted = await this.#verdicts.counted(work);
    const changes = counted.flatMap(({ event, position }) =>
      applyAnalytics(event as ConversationEvent | UserEvent, position),
    );
    await this.#writer.commit({ topic, partition, fence, next, changes });
    return { voided: events.length - counted.length };
  }
}
