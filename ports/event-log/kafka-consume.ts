// A reader that shares partitions with its group. Ownership comes from the group, the position from the projection's
// own store, the records straight from the leaders.
import type { Kafka } from 'kafkajs';
import { Feed, toError } from './feed.ts';
import { createCluster } from './kafka-client.ts';
import { KafkaFetcher } from './kafka-fetch.ts';
import { joinGroup } from './kafka-member.ts';
import { endOffsets, startOffsets } from './kafka-offsets.ts';
import type { ConsumeOptions, Consumer } from './port.ts';
import { outsideLog, PositionAsker } from './positions.ts';

const defaultBatch = 500;
const maxQueuedBytes = 4_000_000;

export const kafkaConsume = async (kafka: Kafka, options: ConsumeOptions): Promise<Consumer> => {
  const { topic, onBatch, maxBatchRecords = defaultBatch, restMs = 0 } = options;
  const cluster = createCluster(kafka);
  const positions = new PositionAsker(options.position);
  let owned: number[] = [];
  let feeds: Feed[] = [];
  // Rises with every assignment: what was begun for an older one finds out and stops.
  let generation = 0;
  let draining: Promise<void> = Promise.resolve();
  let closing: Promise<void> | undefined;

  const fail = (error: Error): void => {
    if (closing !== undefined) return;
    void close();
    options.onFailure(error);
  };
  const fetcher = new KafkaFetcher(cluster, fail, restMs);

  const lose = (): void => {
    generation++;
    if (owned.length === 0) return;
    const [partitions, old] = [owned, feeds];
    owned = [];
    feeds = [];
    const before = draining;
    draining = before.then(() => fetcher.remove(old));
    for (const feed of old) feed.stop();
    options.onRevoked?.(partitions);
  };

  const start = async (partition: number, mine: number): Promise<void> => {
    const stale = (): boolean => generation !== mine || closing !== undefined;
    const at = await positions.of(partition, stale);
    if (at === undefined || stale()) return;
    const first = (await startOffsets(cluster, topic))[partition]!;
    const end = (await endOffsets(cluster, topic))[partition]!;
    if (stale()) return;
    if (at < first || at > end) throw outsideLog(topic, partition, at, first, end);
    const shared = { topic, partition, from: at, maxBatchRecords, maxQueuedBytes };
    const onRoom = (): void => fetcher.wake();
    const feed = new Feed({ ...shared, onBatch, onThrow: 'retry', onFailure: fail, onRoom });
    feeds.push(feed);
    await fetcher.add([feed]);
  };

  const assigned = (partitions: number[]): void => {
    lose();
    const mine = generation;
    owned = partitions;
    options.onAssigned?.(partitions);
    // A batch of the former ownership may still run: its partition must not run twice in one process.
    const begin = draining.then(() => Promise.all(partitions.map((partition) => start(partition, mine))));
    begin.catch((error: unknown) => {
      if (generation === mine) fail(toError(error));
    });
  };

  const leave = joinGroup(kafka, {
    group: options.group,
    topic,
    onAssigned: assigned,
    onLost: lose,
    onFailure: fail,
  });

  const close = (): Promise<void> => {
    closing ??= (async () => {
      lose();
      await draining;
      await Promise.all([leave(), fetcher.close(), positions.idle()]);
    })();
    return closing;
  };

  return {
    lag: async () => {
      const ends = await endOffsets(cluster, topic);
      return feeds.map(({ partition, next }) => ({ partition, position: next, end: ends[partition]! }));
    },
    close,
  };
};
