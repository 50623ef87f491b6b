// The one loop that all projections share: decode, hand over, remember nothing that the store does not know better.
//
// An unknown type is passed over and counted. A newer version or an event that cannot be applied stops its partition,
// and no other, until the code is newer or a person gives that event up. What fails outside is tried again with pauses
// (the log makes them, up to 5 s) and never skipped. A mistake of our own ends the process.
import { OutsideError } from '../ports/errors.ts';
import type { Consumer, EventLog, LogBatch } from '../ports/event-log/port.ts';
import { type OwnedOptions, OwnedPartition } from './owned.ts';
import type { PartitionStatus } from './projection.ts';

export type ConsumerOptions = Omit<OwnedOptions, 'gatherMs' | 'now'> & {
  log: Pick<EventLog, 'consume'>;
  /** 0: commit whatever is there, at once. */
  gatherMs?: number;
  /** In one transaction at most; a backlog comes in batches of this many. */
  maxBatchEvents?: number;
  now?: () => number;
};

export type RunningConsumer = {
  status(): PartitionStatus[];
  /** Asks the log where it ends, at longest for a second. */
  refresh(): Promise<void>;
  /** Finishes the transaction in hand. */
  close(): Promise<void>;
};

const refreshMaxMs = 1000;

export const startConsumer = async (options: ConsumerOptions): Promise<RunningConsumer> => {
  const { name, topic, log, projection, metrics } = options;
  const { gatherMs = 0, now = () => performance.now(), maxBatchEvents = 2000 } = options;
  let failed = false;
  const onFailure = (error: Error): void => {
    if (failed) return;
    failed = true;
    options.onFailure(error);
  };
  const shared: OwnedOptions = { ...options, onFailure, gatherMs, now };
  const owned = new Map<number, OwnedPartition>();
  let closing: Promise<void> | undefined;

  const own = (partition: number): OwnedPartition => {
    const found = owned.get(partition) ?? new OwnedPartition(partition, shared);
    owned.set(partition, found);
    return found;
  };
  const revoked = (partitions: number[]): void => {
    for (const partition of partitions) {
      owned.get(partition)?.close();
      owned.delete(partition);
      projection.release(topic, partition);
    }
  };
  const take = async (batch: LogBatch): Promise<void> => {
    const partition = owned.get(batch.partition);
    if (!partition) throw new OutsideError('not_owned', 'later', `${topic}/${batch.partition} is not owned.`);
    await partition.take(batch);
  };

  const consumer: Consumer = await log.consume({
    // One for each topic: kafkajs lets a group's leader divide only the topics that it reads itself.
    group: `chatvui-${name}-${topic}`,
    topic,
    position: (partition) => own(partition).claim(),
    onBatch: take,
    onAssigned: (partitions) => partitions.forEach(own),
    onRevoked: revoked,
    onFailure,
    maxBatchRecords: maxBatchEvents,
    restMs: gatherMs,
  });
  const status = (): PartitionStatus[] =>
    [...owned.values()].map((partition) => partition.status()).sort((a, b) => a.partition - b.partition);
  const refresh = async (): Promise<void> => {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<[]>((resolve) => {
      timer = setTimeout(() => resolve([]), refreshMaxMs);
    });
    // A log that does not answer leaves the ends as they were last heard.
    const ends = await Promise.race([consumer.lag().catch(() => []), late]);
    clearTimeout(timer);
    for (const { partition, end } of ends) owned.get(partition)?.sawEnd(end);
  };
  const unobserve = metrics?.observe({ name, refresh, status });
  return {
    status,
    refresh,
    close() {
      closing ??= (async () => {
        unobserve?.();
        for (const partition of owned.values()) partition.close();
        await consumer.close();
      })();
      return closing;
    },
  };
};
