// The event log in one SQLite file: a product for a team on one machine. Durable (every commit is synced), crash-safe,
// and fast because all that waits shares one transaction, made in a worker thread.
import { mkdirSync } from 'node:fs';
import { OutsideError } from '../errors.ts';
import { appendPieces } from './embedded-append.ts';
import type { StoredTopic } from './embedded-protocol.ts';
import { EmbeddedReaders } from './embedded-readers.ts';
import { EmbeddedThread } from './embedded-thread.ts';
import { type Feed, toError } from './feed.ts';
import { Gatherer } from './gather.ts';
import type {
  ConsumeOptions,
  Consumer,
  EventLog,
  StartAt,
  Tail,
  TailOptions,
  TopicDescription,
} from './port.ts';
import { outsideLog, PositionAsker } from './positions.ts';

export type EmbeddedOptions = {
  dir: string;
  maxQueuedBytes?: number;
  /** How often records that are past their topic's retention are looked for. */
  pruneEveryMs?: number;
};

const megabyte = 1_000_000;
const defaultBatch = 500;
/** A tail in a quiet log is heard of by this question. */
const pulseMs = 1000;

export const openEmbeddedLog = async (options: EmbeddedOptions): Promise<EventLog> => {
  const { dir, maxQueuedBytes = 32 * megabyte, pruneEveryMs = 60_000 } = options;
  mkdirSync(dir, { recursive: true });
  const stops = new Set<(error?: Error) => Promise<void>>();
  const died = (error: Error): void => {
    for (const stop of stops) void stop(error);
  };
  const writer = await EmbeddedThread.open({ dir, role: 'write', pruneEveryMs }, died);
  let reader: Promise<EmbeddedThread> | undefined;
  const openReader = (): Promise<EmbeddedThread> => {
    reader ??= EmbeddedThread.open({ dir, role: 'read', pruneEveryMs }, died);
    return reader;
  };
  const readers = new EmbeddedReaders(openReader, 4 * megabyte);
  const learn = (topics: StoredTopic[]): void => {
    for (const topic of topics) readers.know(topic.name, topic.ends);
  };
  learn(await writer.ask('describe', {}));

  const limits = {
    maxQueuedBytes,
    maxWriteBytes: 4 * megabyte,
    maxWriteRecords: 5000,
    maxRecordBytes: megabyte,
  };
  const gatherer = new Gatherer(limits, (pieces) =>
    appendPieces(writer, pieces, (records) => readers.committed(records)),
  );
  let closing: Promise<void> | undefined;
  const refuseClosed = (): void => {
    if (closing !== undefined) throw new OutsideError('log_closed', 'never', 'The log is closed.');
  };

  const stored = async (name: string): Promise<StoredTopic> => {
    const topic = (await writer.ask('describe', {})).find((found) => found.name === name);
    if (topic === undefined) throw new OutsideError('log_unknown_topic', 'never', `No topic ${name}.`);
    return topic;
  };

  /** Refused if `at` is not in the log. */
  const startOf = async (name: string, partition: number, at: number): Promise<number> => {
    const start = (await stored(name)).starts[partition]!;
    const end = readers.ends(name)[partition]!;
    if (at < start || at > end) throw outsideLog(name, partition, at, start, end);
    return at;
  };

  const startsOf = async (name: string, from: StartAt): Promise<number[]> => {
    if (from === 'beginning') return (await stored(name)).starts;
    const ends = readers.ends(name);
    return from === 'end' ? ends : Promise.all(ends.map((_, p) => startOf(name, p, from[p] ?? -1)));
  };

  /** Something that reads: its feeds, its one failure, its end. */
  const reading = (onFailure: (error: Error) => void) => {
    const feeds: Feed[] = [];
    let ended: Promise<void> | undefined;
    const stop = (error?: Error): Promise<void> => {
      if (ended === undefined) {
        stops.delete(stop);
        ended = readers.remove(feeds);
        if (error !== undefined) onFailure(error);
      }
      return ended;
    };
    stops.add(stop);
    return { feeds, stop, fail: (error: Error) => void stop(error), stopped: () => ended !== undefined };
  };

  const tail = async ({ topics, onBatch, onFailure }: TailOptions): Promise<Tail> => {
    refuseClosed();
    const starts = await Promise.all(topics.map(({ name, from }) => startsOf(name, from)));
    const { feeds, stop, fail } = reading(onFailure);
    topics.forEach(({ name, from }, t) => {
      starts[t]!.forEach((start, partition) => {
        // `end` is where the log ends now, in the turn in which the feed joins.
        const at = from === 'end' ? readers.ends(name)[partition]! : start;
        const shared = { topic: name, partition, onBatch, onFailure: fail, maxBatchRecords: defaultBatch };
        feeds.push(readers.add({ ...shared, from: at, onThrow: 'fail' }));
      });
    });
    const pulse = setInterval(() => void writer.ask('epoch', {}).catch(() => {}), pulseMs).unref();
    return {
      lastHeardMs: () => writer.heardMs,
      positions: (topic) => feeds.filter((feed) => feed.topic === topic).map((feed) => feed.next),
      close: () => {
        clearInterval(pulse);
        return stop();
      },
    };
  };

  const consume = async (wanted: ConsumeOptions): Promise<Consumer> => {
    refuseClosed();
    const { topic, onBatch, maxBatchRecords = defaultBatch } = wanted;
    const partitions = readers.ends(topic).map((_, p) => p);
    const { feeds, stop, fail, stopped } = reading(wanted.onFailure);
    const positions = new PositionAsker(wanted.position);
    const start = async (partition: number): Promise<void> => {
      const at = await positions.of(partition, stopped);
      if (at === undefined) return;
      const from = await startOf(topic, partition, at);
      if (stopped()) return;
      const shared = { topic, partition, onBatch, onFailure: fail, maxBatchRecords };
      feeds.push(readers.add({ ...shared, from, onThrow: 'retry' }));
    };
    wanted.onAssigned?.(partitions);
    for (const partition of partitions) start(partition).catch((error: unknown) => fail(toError(error)));
    let closed: Promise<void> | undefined;
    return {
      lag: async () =>
        feeds.map((feed) => ({
          partition: feed.partition,
          position: feed.next,
          end: readers.ends(topic)[feed.partition]!,
        })),
      close: () => {
        closed ??= stop()
          .then(() => positions.idle())
          .then(() => wanted.onRevoked?.(partitions));
        return closed;
      },
    };
  };

  const close = async (): Promise<void> => {
    await gatherer.idle();
    await Promise.all([...stops].map((stop) => stop()));
    const opened = await reader?.catch(() => undefined);
    await opened?.close();
    await writer.close();
  };

  return {
    epoch: () => writer.ask('epoch', {}),
    ensureTopics: async (topics) => {
      const shapes = topics.map(({ name, partitions, retentionMs }) => ({ name, partitions, retentionMs }));
      learn(await writer.ask('ensure', { topics: shapes }));
    },
    describeTopics: (names) =>
      Promise.all(
        names.map(async (name): Promise<TopicDescription> => {
          const { partitions, starts, ends, retentionMs } = await stored(name);
          const config = { 'retention.ms': String(retentionMs), 'flush.messages': '1' };
          const one = { replicationFactor: 1, minInsyncReplicas: 1 };
          return { name, partitions, ...one, startOffsets: starts, endOffsets: ends, config };
        }),
      ),
    endOffsets: async (topic) => [...readers.ends(topic)],
    append: async (topic, records) => {
      refuseClosed();
      return gatherer.add(topic, records);
    },
    tail,
    consume,
    close: () => {
      closing ??= close();
      return closing;
    },
  };
};
