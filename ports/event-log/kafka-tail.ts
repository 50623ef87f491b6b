// A reader that belongs to nobody: every partition, from where it was told, straight from the leaders.
import type { Kafka } from 'kafkajs';
import { Feed } from './feed.ts';
import { createCluster } from './kafka-client.ts';
import { KafkaFetcher } from './kafka-fetch.ts';
import { endOffsets, startOffsets } from './kafka-offsets.ts';
import type { StartAt, Tail, TailOptions } from './port.ts';
import { outsideLog } from './positions.ts';

const maxBatchRecords = 1000;
const maxQueuedBytes = 4_000_000;

export const kafkaTail = async (kafka: Kafka, { topics, onBatch, onFailure }: TailOptions): Promise<Tail> => {
  const cluster = createCluster(kafka);
  const feeds: Feed[] = [];
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closing ??= fetcher.close();
    return closing;
  };
  const fail = (error: Error): void => {
    if (closing !== undefined) return;
    void close();
    onFailure(error);
  };
  const fetcher = new KafkaFetcher(cluster, fail);

  const startsOf = async (name: string, from: StartAt): Promise<number[]> => {
    if (from === 'end') return endOffsets(cluster, name);
    const starts = await startOffsets(cluster, name);
    if (from === 'beginning') return starts;
    const ends = await endOffsets(cluster, name);
    return ends.map((end, p) => {
      const at = from[p] ?? -1;
      if (at < starts[p]! || at > end) throw outsideLog(name, p, at, starts[p]!, end);
      return at;
    });
  };

  try {
    for (const { name, from } of topics) {
      (await startsOf(name, from)).forEach((start, partition) => {
        const shared = { topic: name, partition, from: start, maxBatchRecords, maxQueuedBytes };
        const onRoom = (): void => fetcher.wake();
        feeds.push(new Feed({ ...shared, onBatch, onThrow: 'fail', onFailure: fail, onRoom }));
      });
    }
    await fetcher.add(feeds);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    lastHeardMs: () => fetcher.heardMs,
    positions: (topic) => feeds.filter((feed) => feed.topic === topic).map((feed) => feed.next),
    close,
  };
};
