// The previews projection: from new messages and edits to jobs for the reader of pages. What is not new is no job, so an
// import, a rebuild or a long pause makes none.
import type { Claim, HistoryReader } from '../../ports/history/port.ts';
import type { PreviewJob, PreviewStore } from '../../ports/previews/port.ts';
import { previewId } from '../../schemas/ids.ts';
import { linksOf } from '../../schemas/links.ts';
import type { Placed, Projection, Work } from '../projection.ts';
import { Verdicts } from '../verdicts.ts';

/** So old a message or an edit may be, by its own time and by the log's. */
export const freshMs = 10 * 60_000;

/** Pure. Nothing of what an import brings in for others. */
export const jobsOf = ({ event, loggedMs }: Placed, nowMs: number): PreviewJob[] => {
  if (event.type !== 'message.sent' && event.type !== 'message.edited') return [];
  const { id: messageId, senderId, content, createdAt, editedAt } = event.data.message;
  if (event.actor !== senderId) return [];
  const age = nowMs - Math.min(Date.parse(editedAt ?? createdAt), loggedMs);
  // A clock that is ahead is no reason to miss it.
  if (!(age < freshMs)) return [];
  return linksOf(content).map((url) => ({
    id: previewId(messageId, url),
    messageId,
    url,
    madeMs: nowMs,
    tries: 0,
  }));
};

export type PreviewsOptions = {
  store: Pick<PreviewStore, 'claim' | 'commit'>;
  history: Pick<HistoryReader, 'applied' | 'voided'>;
  /** Of the log that is read. */
  epoch: string;
  /** There is work. */
  wake: () => void;
  nowMs: () => number;
};

export class Previews implements Projection {
  readonly #options: PreviewsOptions;
  readonly #verdicts: Verdicts;

  constructor(options: PreviewsOptions) {
    this.#options = options;
    this.#verdicts = new Verdicts(options.history);
  }

  claim(topic: string, partition: number): Promise<Claim> {
    return this.#options.store.claim(topic, partition, this.#options.epoch);
  }

  gaveUp(topic: string, partition: number, offset: number): Promise<boolean> {
    return this.#verdicts.gaveUp(topic, partition, offset);
  }

  /** Nothing is remembered between batches. */
  release(): void {}

  async handle(work: Work): Promise<{ voided: number }> {
    const { store, nowMs, wake } = this.#options;
    const { topic, partition, fence, next, events } = work;
    const counted = await this.#verdicts.counted(work);
    const jobs = counted.flatMap((placed) => jobsOf(placed, nowMs()));
    await store.commit({ topic, partition, fence, next, jobs });
    if (jobs.length > 0) wake();
    return { voided: events.length - counted.length };
  }
}
