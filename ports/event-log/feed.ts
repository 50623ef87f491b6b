// One partition on its way to one reader: the queue between what was read and what the reader has finished.
// Both adapters use it, so that order, exactly-once, bounds and retries are one piece of code.
import type { LogBatch, LogRecord } from './port.ts';

export type FeedOptions = {
  topic: string;
  partition: number;
  /** First offset wanted. */
  from: number;
  onBatch(batch: LogBatch): Promise<void> | void;
  /** `retry`: a throw brings the same records again after a pause. `fail`: a throw ends the reader. */
  onThrow: 'retry' | 'fail';
  onFailure(error: Error): void;
  /** Called when a full queue has room again, or the last batch is done: time to fetch more. */
  onRoom(): void;
  maxBatchRecords: number;
  maxQueuedBytes: number;
};

const firstPauseMs = 50;
const longestPauseMs = 5000;

export const toError = (thrown: unknown): Error =>
  thrown instanceof Error ? thrown : new Error(String(thrown));

export class Feed {
  readonly topic: string;
  readonly partition: number;
  /** Everything before it has been through `onBatch`. */
  next: number;
  /** The next offset to bring: everything before it is here or done. */
  fetchFrom: number;
  readonly #options: FeedOptions;
  #queue: LogRecord[] = [];
  #queuedBytes = 0;
  #end: number;
  #busy = false;
  #stopped = false;
  #pauseMs = firstPauseMs;
  #retry: NodeJS.Timeout | undefined;
  #whenIdle: (() => void)[] = [];

  constructor(options: FeedOptions) {
    this.#options = options;
    this.topic = options.topic;
    this.partition = options.partition;
    this.next = options.from;
    this.fetchFrom = options.from;
    this.#end = options.from;
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  hasRoom(): boolean {
    return !this.#stopped && this.#queuedBytes < this.#options.maxQueuedBytes;
  }

  /** Takes what comes next. Records that were here before are left out, so that nothing comes twice. */
  offer(records: LogRecord[], endOffset: number): void {
    if (this.#stopped) return;
    const fresh = this.#fresh(records);
    this.#end = Math.max(this.#end, endOffset);
    if (fresh.length === 0) return;
    this.fetchFrom = fresh[fresh.length - 1]!.offset + 1;
    for (const record of fresh) this.#queuedBytes += record.value.length;
    if (this.#queue.length === 0) this.#queue = fresh;
    else this.#queue = this.#queue.concat(fresh);
    this.#drain();
  }

  stop(): void {
    this.#stopped = true;
    this.#queue = [];
    clearTimeout(this.#retry);
  }

  /** Resolves when no `onBatch` runs. After `stop` none will be called again. */
  idle(): Promise<void> {
    if (!this.#busy) return Promise.resolve();
    return new Promise((resolve) => this.#whenIdle.push(resolve));
  }

  #fresh(records: LogRecord[]): LogRecord[] {
    let skip = 0;
    while (skip < records.length && records[skip]!.offset < this.fetchFrom) skip++;
    return skip === 0 ? records : records.slice(skip);
  }

  #drain(): void {
    while (!this.#busy && !this.#stopped && this.#retry === undefined && this.#queue.length > 0) {
      const { maxBatchRecords } = this.#options;
      const all = this.#queue.length <= maxBatchRecords;
      const records = all ? this.#queue : this.#queue.slice(0, maxBatchRecords);
      this.#queue = all ? [] : this.#queue.slice(maxBatchRecords);
      const endOffset = Math.max(this.#end, records[records.length - 1]!.offset + 1);
      let answer: Promise<void> | void;
      try {
        answer = this.#options.onBatch({ topic: this.topic, partition: this.partition, records, endOffset });
      } catch (error) {
        this.#thrown(records, error);
        return;
      }
      if (answer === undefined) {
        this.#done(records);
        continue;
      }
      this.#busy = true;
      answer.then(
        () => this.#after(() => this.#done(records)),
        (error: unknown) => this.#after(() => this.#thrown(records, error)),
      );
    }
  }

  #after(finish: () => void): void {
    this.#busy = false;
    finish();
    for (const resolve of this.#whenIdle.splice(0)) resolve();
    this.#drain();
  }

  #done(records: LogRecord[]): void {
    this.#pauseMs = firstPauseMs;
    for (const record of records) this.#queuedBytes -= record.value.length;
    this.next = records[records.length - 1]!.offset + 1;
    if (!this.#stopped) this.#options.onRoom();
  }

  #thrown(records: LogRecord[], thrown: unknown): void {
    if (this.#stopped) return;
    if (this.#options.onThrow === 'fail') {
      this.stop();
      this.#options.onFailure(toError(thrown));
      return;
    }
    this.#queue = records.concat(this.#queue);
    this.#retry = setTimeout(() => {
      this.#retry = undefined;
      this.#drain();
    }, this.#pauseMs);
    this.#pauseMs = Math.min(this.#pauseMs * 2, longestPauseMs);
  }
}
