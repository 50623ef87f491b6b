// Goes through a stretch of the log once, record by record, in bounded memory: each partition is a tail's batch that waits
// until it has been taken.
import type { EventLog, LogBatch, LogRecord, TailOptions } from '../ports/event-log/port.ts';

type Looking = Pick<EventLog, 'describeTopics' | 'tail'>;

/** What to read of one partition: offsets [from, to). */
export type Stretch = { topic: string; partition: number; from: number; to: number };

/** All that the topics hold at this moment. */
export const stretchesOf = async (log: Looking, topics: string[]): Promise<Stretch[]> =>
  (await log.describeTopics(topics)).flatMap(({ name, startOffsets, endOffsets }) =>
    endOffsets.map((to, partition) => ({
      topic: name,
      partition,
      from: Math.min(startOffsets[partition] ?? 0, to),
      to,
    })),
  );

/** One partition's way from the tail to whoever reads. */
class Lane {
  readonly stretch: Stretch;
  #batch: LogBatch | null = null;
  #at = 0;
  #taken: (() => void) | null = null;
  #came: (() => void) | null = null;
  #error: Error | null = null;
  isDone: boolean;

  constructor(stretch: Stretch) {
    this.stretch = stretch;
    this.isDone = stretch.from >= stretch.to;
  }

  /** What the tail calls; resolves when every record of the batch has been taken. */
  offer(batch: LogBatch): Promise<void> | void {
    if (this.isDone) return;
    this.#batch = batch;
    this.#at = 0;
    this.#came?.();
    return new Promise((resolve) => {
      this.#taken = resolve;
    });
  }

  fail(error: Error): void {
    this.#error = error;
    this.#came?.();
  }

  /** What is here without waiting. */
  get ready(): LogRecord | undefined {
    const record = this.#batch?.records[this.#at];
    return record && record.offset < this.stretch.to ? record : undefined;
  }

  /** The next record without taking it; null at the end of the stretch. */
  async head(): Promise<LogRecord | null> {
    for (;;) {
      if (this.isDone) return null;
      if (this.#error) throw this.#error;
      const record = this.#batch?.records[this.#at];
      if (record && record.offset < this.stretch.to) return record;
      if (record) {
        this.finish();
        return null;
      }
      await new Promise<void>((resolve) => {
        this.#came = resolve;
      });
      this.#came = null;
    }
  }

  take(): void {
    const record = this.#batch?.records[this.#at] as LogRecord;
    this.#at += 1;
    if (record.offset + 1 >= this.stretch.to) this.finish();
    else if (this.#at === this.#batch?.records.length) this.#release();
  }

  finish(): void {
    this.isDone = true;
    this.#release();
  }

  #release(): void {
    this.#batch = null;
    this.#taken?.();
    this.#taken = null;
  }
}

export type Order =
  /** By the log's time, oldest first, over all partitions: how people read. */
  | 'time'
  /** One partition after the other. */
  | 'partition';

/** Every record of the stretches, in this order. */
export async function* scan(log: Looking, stretches: Stretch[], order: Order): AsyncGenerator<LogRecord> {
  const wanted = stretches.filter(({ from, to }) => from < to);
  if (wanted.length === 0) return;
  if (order === 'time') return yield* together(log, wanted);
  for (const stretch of wanted) yield* together(log, [stretch]);
}

async function* together(log: Looking, stretches: Stretch[]): AsyncGenerator<LogRecord> {
  const lanes = new Map(
    stretches.map((stretch) => [`${stretch.topic}/${stretch.partition}`, new Lane(stretch)]),
  );
  const tail = await log.tail({
    topics: await startsOf(log, stretches),
    onBatch: (batch) => lanes.get(`${batch.topic}/${batch.partition}`)?.offer(batch),
    onFailure: (error) => {
      for (const lane of lanes.values()) lane.fail(error);
    },
  });
  try {
    let open = [...lanes.values()];
    while (open.length > 0) {
      let first: { lane: Lane; record: LogRecord } | null = null;
      for (const lane of open) {
        const record = lane.ready ?? (await lane.head());
        if (record && (!first || record.timeMs < first.record.timeMs)) first = { lane, record };
      }
      open = open.filter((lane) => !lane.isDone);
      if (!first) continue;
      yield first.record;
      first.lane.take();
    }
  } finally {
    for (const lane of lanes.values()) lane.finish();
    await tail.close();
  }
}

/** Partitions that are not wanted are started at their end. */
const startsOf = async (log: Looking, stretches: Stretch[]): Promise<TailOptions['topics']> => {
  const names = [...new Set(stretches.map(({ topic }) => topic))];
  const described = await log.describeTopics(names);
  return described.map(({ name, endOffsets }) => {
    const from: { [partition: number]: number } = { ...endOffsets };
    for (const stretch of stretches) if (stretch.topic === name) from[stretch.partition] = stretch.from;
    return { name, from };
  });
};
