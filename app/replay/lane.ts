// One partition's way from the log into a copy: read ahead a little, applied in large transactions, exactly as far as asked.
import { setTimeout } from 'node:timers/promises';
import type { Projection } from '../../consumers/projection.ts';
import { readStretch, type Stretch } from '../../consumers/reading.ts';
import type { Skips } from '../../consumers/skips.ts';
import { isOutsideError, OutsideError } from '../../ports/errors.ts';
import type { LogBatch, LogRecord } from '../../ports/event-log/port.ts';
import type { Claim } from '../../ports/history/port.ts';
import type { Pace } from './pace.ts';

/** In one transaction: more would keep the live one's writer waiting. */
const batchEvents = 2_000;
const queueEvents = 2 * batchEvents;
/** What is away for longer than this ends the command; it is begun again where it was. */
const patienceMs = 60_000;
const pauseMs = 250;

export type LaneOptions = {
  topic: string;
  partition: number;
  projection: Projection;
  skips: Skips;
  pace: Pace;
};

export class Lane {
  readonly topic: string;
  readonly partition: number;
  readonly #options: LaneOptions;
  #queue: LogRecord[] = [];
  #claim: Claim | null = null;
  /** First offset not yet taken out of the queue. */
  #readTo = 0;
  #next = 0;
  #error: Error | null = null;
  #wake: (() => void) | null = null;
  #room: (() => void) | null = null;

  constructor(options: LaneOptions) {
    this.#options = options;
    this.topic = options.topic;
    this.partition = options.partition;
  }

  /** The first offset not yet applied. */
  get next(): number {
    return this.#next;
  }

  /** Where to begin: what went before is in the copy, or no longer in the log. */
  async begin(start: number): Promise<number> {
    this.#claim = await this.#options.projection.claim(this.topic, this.partition);
    this.#next = Math.max(start, this.#claim.next);
    this.#readTo = this.#next;
    return this.#next;
  }

  /** What the tail calls. */
  offer(batch: LogBatch): Promise<void> | void {
    for (const record of batch.records) this.#queue.push(record);
    this.#wake?.();
    if (this.#queue.length < queueEvents || this.#error) return;
    return new Promise((resolve) => {
      this.#room = resolve;
    });
  }

  fail(error: Error): void {
    this.#error ??= error;
    this.#queue = [];
    this.#wake?.();
    this.#room?.();
  }

  /** Applies up to this offset and not one further. */
  async through(to: number, onApplied: () => void): Promise<void> {
    let coming = this.#read(to);
    for (;;) {
      const stretch = await coming;
      if (!stretch) return;
      // The next one is decoded while this one is written.
      coming = stretch.obstacle ? Promise.resolve(null) : this.#read(to);
      coming.catch(() => undefined);
      await this.#commit(stretch);
      onApplied();
      if (stretch.obstacle) throw new OutsideError('replay_stopped', 'never', stretch.obstacle.message);
    }
  }

  async #read(to: number): Promise<Stretch | null> {
    while (this.#readTo < to) {
      if (this.#error) throw this.#error;
      const count = this.#upTo(to);
      if (count === 0) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        this.#wake = null;
        continue;
      }
      const records = this.#queue.splice(0, count);
      this.#readTo = (records.at(-1) as LogRecord).offset + 1;
      if (this.#queue.length < queueEvents / 2) this.#room?.();
      await this.#options.pace.take(records.length);
      return readStretch(records, this.#options.skips);
    }
    return null;
  }

  #upTo(to: number): number {
    const most = Math.min(batchEvents, this.#queue.length);
    let count = 0;
    while (count < most && (this.#queue[count] as LogRecord).offset < to) count += 1;
    return count;
  }

  async #commit(stretch: Stretch): Promise<void> {
    const { projection } = this.#options;
    const { topic, partition } = this;
    const { next, events, skipped } = stretch;
    const until = performance.now() + patienceMs;
    while (this.#next < next) {
      try {
        this.#claim ??= await projection.claim(topic, partition);
        if (this.#claim.next < next)
          await projection.handle({ topic, partition, fence: this.#claim.fence, next, events, skipped });
        this.#next = next;
      } catch (error) {
        if (isOutsideError(error) && error.code.endsWith('fenced')) throw twice(error);
        if (!isOutsideError(error) || error.retry === 'never' || performance.now() > until) throw error;
        // Whether it was written, the store is asked.
        this.#claim = null;
        await setTimeout(pauseMs);
      }
    }
  }
}

const twice = (cause: unknown): OutsideError =>
  new OutsideError('replay_twice', 'never', 'Another chatvui replay works on the same copy.', cause);
