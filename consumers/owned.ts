// One partition while this process owns it: its place, its fence, and what to do when a batch cannot be done.
import { setTimeout } from 'node:timers/promises';
import { isOutsideError, OutsideError, reasonOf } from '../ports/errors.ts';
import type { LogBatch, LogRecord } from '../ports/event-log/port.ts';
import type { ConsumerMetrics } from './metrics.ts';
import { CannotApply, type Logger, type PartitionStatus, type Projection } from './projection.ts';
import { cannotApply, idIn, type Obstacle, readStretch, type Stretch } from './reading.ts';
import { placeName, type Skips } from './skips.ts';

export type OwnedOptions = {
  name: string;
  topic: string;
  projection: Projection;
  skips: Skips;
  logger: Logger;
  metrics?: ConsumerMetrics;
  onCommit?: (topic: string, partition: number, next: number) => void;
  /** A mistake of our own, or a store that no waiting will mend: the process must end. */
  onFailure: (error: Error) => void;
  /** Once caught up, the shortest time between two commits: many small ones cost more than they are worth. */
  gatherMs: number;
  /** Milliseconds, any origin. */
  now: () => number;
};

/** An owner that was fenced leaves the other one in peace for a while, in case it is itself the one that overslept. */
const fencedPauseMs = 1000;

/** One event is in the way, and which one it is, is known. */
class Stopped extends Error {
  readonly offset: number;

  constructor(offset: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.offset = offset;
  }
}
class Closing extends Error {}

type Trouble = 'stopped' | 'fenced' | 'outside';

export class OwnedPartition {
  readonly partition: number;
  readonly #options: OwnedOptions;
  readonly #closing = new AbortController();
  #next = 0;
  #end = 0;
  /** Null: claim again before anything else. */
  #fence: number | null = null;
  #claimNotBefore = Number.NEGATIVE_INFINITY;
  #state: PartitionStatus['state'] = 'running';
  #reason: string | undefined;
  #stoppedAt: number | undefined;
  #tries = 0;

  constructor(partition: number, options: OwnedOptions) {
    this.partition = partition;
    this.#options = options;
  }

  status(): PartitionStatus {
    const [next, end] = [this.#next, Math.max(this.#end, this.#next)];
    const { topic } = this.#options;
    return {
      topic,
      partition: this.partition,
      next,
      end,
      lag: end - next,
      state: this.#state,
      tries: this.#tries,
      ...(this.#reason !== undefined && { reason: this.#reason }),
      ...(this.#stoppedAt !== undefined && { stoppedAt: this.#stoppedAt }),
    };
  }

  sawEnd(end: number): void {
    this.#end = Math.max(this.#end, end);
  }

  close(): void {
    this.#closing.abort();
  }

  /** The first offset wanted, as the projection's own store knows it. */
  async claim(): Promise<number> {
    try {
      await this.#claim();
      this.#enter('running');
      return this.#next;
    } catch (error) {
      this.#enter('retrying', reasonOf(error));
      throw error;
    }
  }

  /** Resolves when the whole batch is done. A throw means that it must come again, after a pause of the log's. */
  async take({ records, endOffset }: LogBatch): Promise<void> {
    this.sawEnd(endOffset);
    const startedMs = this.#options.now();
    for (let oneByOne = false; ; oneByOne = true) {
      try {
        await this.#pass(records, oneByOne);
        break;
      } catch (error) {
        // Whatever became of the commit, and of what was remembered: the store is asked again.
        this.#fence = null;
        if (!oneByOne && concernsAnEvent(error)) continue;
        this.#failed(error);
        throw error;
      }
    }
    this.#enter('running');
    if (this.#next >= this.#end) await this.#gather(startedMs);
  }

  async #pass(records: LogRecord[], oneByOne: boolean): Promise<void> {
    if (this.#fence === null) await this.#claim();
    const fresh = records.filter(({ offset }) => offset >= this.#next);
    if (fresh.length === 0) return;
    for (const chunk of oneByOne ? fresh.map((record) => [record]) : [fresh]) {
      if (this.#closing.signal.aborted) throw new Closing('closing');
      await this.#takeChunk(chunk, oneByOne);
    }
  }

  async #takeChunk(chunk: LogRecord[], alone: boolean): Promise<void> {
    const [first] = chunk as [LogRecord];
    const stretch = await readStretch(chunk, this.#options.skips);
    try {
      if (stretch.next > first.offset) await this.#commit(stretch);
    } catch (error) {
      if (!alone || !concernsAnEvent(error)) throw error;
      const place = placeName(first.topic, first.partition, first.offset);
      const message = cannotApply(place, idIn(first.value), reasonOf(error));
      throw new Stopped(first.offset, message, { cause: error });
    }
    if (stretch.obstacle) await this.#passBy(chunk, stretch.obstacle, alone);
  }

  /** What history has given up is nothing that others could make sense of. */
  async #passBy(chunk: LogRecord[], { offset, message }: Obstacle, alone: boolean): Promise<void> {
    const { projection, skips, topic } = this.#options;
    if (!(await projection.gaveUp?.(topic, this.partition, offset))) throw new Stopped(offset, message);
    skips.add(placeName(topic, this.partition, offset));
    await this.#takeChunk(
      chunk.filter((record) => record.offset >= offset),
      alone,
    );
  }

  async #commit({ events, skipped, unknown, next }: Stretch): Promise<void> {
    const { name, topic, projection, metrics, onCommit, logger } = this.#options;
    const work = { topic, partition: this.partition, fence: this.#fence as number, next, events, skipped };
    const { voided } = await projection.handle(work);
    this.#next = next;
    for (const { offset, eventId } of skipped) {
      logger.warn(
        { eventId },
        `${name}: gave up ${placeName(topic, this.partition, offset)}, as it was told`,
      );
    }
    const outcomes = { applied: events.length - voided, void: voided, unknown, skipped: skipped.length };
    for (const [outcome, count] of Object.entries(outcomes)) {
      if (count > 0) metrics?.events.inc({ consumer: name, topic, outcome }, count);
    }
    metrics?.batches.inc({ consumer: name, topic });
    onCommit?.(topic, this.partition, next);
  }

  async #claim(): Promise<void> {
    const { topic, projection, now, onFailure } = this.#options;
    if (now() < this.#claimNotBefore)
      throw new OutsideError('claim_waits', 'later', this.#reason ?? 'fenced');
    let claimed: Awaited<ReturnType<Projection['claim']>>;
    try {
      claimed = await projection.claim(topic, this.partition);
    } catch (error) {
      if (!isOutsideError(error) || error.retry === 'never') onFailure(error as Error);
      throw error;
    }
    if (claimed.next < this.#next) {
      // The log will not bring again what was done: only a start from the store's own place can.
      const text = `${topic}/${this.partition} went back from ${this.#next} to ${claimed.next}: the store was replaced. Start again.`;
      const error = new OutsideError('projection_went_back', 'never', text);
      onFailure(error);
      throw error;
    }
    this.#next = claimed.next;
    this.#fence = claimed.fence;
  }

  #failed(error: unknown): void {
    if (error instanceof Closing) return;
    const { name, topic, metrics, onFailure, now } = this.#options;
    const kind = troubleOf(error);
    metrics?.failures.inc({ consumer: name, topic, kind: kind ?? 'own' });
    if (kind === 'fenced') this.#claimNotBefore = now() + fencedPauseMs;
    this.#enter(kind === 'stopped' ? 'stopped' : 'retrying', reasonOf(error));
    if (error instanceof Stopped) this.#stoppedAt = error.offset;
    this.#tries += 1;
    if (kind === null) onFailure(error instanceof Error ? error : new Error(String(error)));
  }

  /** Says it once for each change, not at every try. */
  #enter(state: PartitionStatus['state'], reason?: string): void {
    // Where it stopped is in the way still when the store is away besides.
    if (state === 'running') {
      this.#stoppedAt = undefined;
      this.#tries = 0;
    }
    if (state === this.#state && reason === this.#reason) return;
    const { name, topic, logger } = this.#options;
    const where = { topic, partition: this.partition, next: this.#next };
    this.#state = state;
    this.#reason = reason;
    if (state === 'running') logger.info(where, `${name} goes on`);
    else if (state === 'retrying') logger.warn(where, `${name} tries again: ${reason}`);
    else logger.error(where, `${name} stopped a partition: ${reason}`);
  }

  async #gather(startedMs: number): Promise<void> {
    const { gatherMs, now } = this.#options;
    const restMs = gatherMs - (now() - startedMs);
    const { signal } = this.#closing;
    if (restMs <= 0 || signal.aborted) return;
    await setTimeout(restMs, undefined, { signal }).catch(() => undefined);
  }
}

const isFenced = (error: unknown): boolean => isOutsideError(error) && error.code.endsWith('fenced');

/** Repeating the same batch is useless: one of its events must be why. */
const concernsAnEvent = (error: unknown): boolean =>
  error instanceof CannotApply || (isOutsideError(error) && error.retry === 'never' && !isFenced(error));

/** Null: a mistake of our own. */
const troubleOf = (error: unknown): Trouble | null => {
  if (error instanceof Stopped || concernsAnEvent(error)) return 'stopped';
  if (isFenced(error)) return 'fenced';
  return isOutsideError(error) ? 'outside' : null;
};
