// The event log on Kafka.
import type { Admin } from 'kafkajs';
import { OutsideError } from '../errors.ts';
import { Gatherer } from './gather.ts';
import { atMost, createCluster, createKafka, type KafkaOptions, kafkaError } from './kafka-client.ts';
import { kafkaConsume } from './kafka-consume.ts';
import { kafkaEpoch } from './kafka-epoch.ts';
import { endOffsets, startOffsets } from './kafka-offsets.ts';
import { KafkaProducer } from './kafka-producer.ts';
import { kafkaTail } from './kafka-tail.ts';
import { describeTopics, ensureTopics } from './kafka-topics.ts';
import type { EventLog } from './port.ts';

export type { KafkaOptions } from './kafka-client.ts';

const megabyte = 1_000_000;
/** Kafka's own limit is 1 MiB for a batch of a partition, framing included. */
const largestBatch = 900_000;
const closeMs = 20_000;

/** Connects at first use, so that it opens while Kafka is still on its way up. */
export const openKafkaLog = async (options: KafkaOptions): Promise<EventLog> => {
  const kafka = createKafka(options);
  const cluster = createCluster(kafka);
  const producer = new KafkaProducer(kafka);
  const limits = {
    maxQueuedBytes: options.maxQueuedBytes ?? 32 * megabyte,
    maxWriteBytes: largestBatch,
    maxWriteRecords: 5000,
    maxRecordBytes: largestBatch - 1000,
  };
  const gatherer = new Gatherer(limits, (pieces) => producer.write(pieces));
  const readers = new Set<{ close(): Promise<void> }>();
  let identity: string | undefined;
  let closing: Promise<void> | undefined;

  const refuseClosed = (): void => {
    if (closing !== undefined) throw new OutsideError('log_closed', 'never', 'The log is closed.');
  };
  const kept = <T extends { close(): Promise<void> }>(reader: T): T => {
    readers.add(reader);
    const { close } = reader;
    return {
      ...reader,
      close: () => {
        readers.delete(reader);
        return close();
      },
    };
  };
  const withAdmin = async <T>(what: string, work: (admin: Admin) => Promise<T>): Promise<T> => {
    const admin = kafka.admin();
    try {
      await admin.connect();
      return await work(admin);
    } catch (error) {
      throw kafkaError(what, error);
    } finally {
      await admin.disconnect().catch(() => {});
    }
  };
  const offsets = async (topic: string): Promise<{ starts: number[]; ends: number[] }> => {
    const starts = await startOffsets(cluster, topic);
    return { starts, ends: await endOffsets(cluster, topic) };
  };

  const close = async (): Promise<void> => {
    await atMost(closeMs, gatherer.idle());
    gatherer.rejectQueued(new OutsideError('log_closed', 'later', 'The log closed before this was written.'));
    await Promise.all([...readers].map((reader) => reader.close()));
    await producer.close();
    await cluster.disconnect().catch(() => {});
  };

  return {
    epoch: () => {
      if (identity === undefined) throw new Error('epoch() before ensureTopics()');
      return kafkaEpoch(cluster, identity);
    },
    ensureTopics: async (topics) => {
      await withAdmin('topics', (admin) => ensureTopics(admin, topics, offsets));
      // The first topic is the one whose order is the truth: its incarnation is the log's.
      identity ??= topics[0]?.name;
    },
    describeTopics: (names) => withAdmin('topics', (admin) => describeTopics(admin, names, offsets)),
    endOffsets: (topic) => endOffsets(cluster, topic),
    append: async (topic, records) => {
      refuseClosed();
      return gatherer.add(topic, records);
    },
    tail: async (wanted) => {
      refuseClosed();
      return kept(await kafkaTail(kafka, wanted));
    },
    consume: async (wanted) => {
      refuseClosed();
      return kept(await kafkaConsume(kafka, wanted));
    },
    close: () => {
      closing ??= close();
      return closing;
    },
  };
};
