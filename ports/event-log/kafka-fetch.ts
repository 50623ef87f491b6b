// Reads partitions straight from their leaders, without a group: nothing to join, no offset that Kafka could reset, and
// when a broker dies only its own partitions wait, and only for the election. One loop per leader; a fetch asks for all
// that has room and comes back as soon as there is a byte.
import { isOutsideError, type OutsideError } from '../errors.ts';
import type { Feed } from './feed.ts';
import {
  type Cluster,
  type FetchedPartition,
  forgetBroken,
  kafkaError,
  kafkaErrorType,
  offsetNumber,
  pause,
} from './kafka-client.ts';
import { endOffsets, startOffsets } from './kafka-offsets.ts';
import type { LogRecord } from './port.ts';
import { outsideLog } from './positions.ts';

const longPollMs = 250;
/** While a full partition is left out, the others must not hold the next look at it for long. */
const shortPollMs = 10;
const fetchBytes = 8_000_000;
const partitionBytes = 1_100_000;
const longestPauseMs = 500;
/** A look that brings so many records is worth its while: the next one follows at once. */
const worthwhile = 500;

const noBytes = new Uint8Array(0);

const toRecords = (topic: string, { partition, messages }: FetchedPartition): LogRecord[] =>
  messages.map(({ offset, key, value, timestamp }) => ({
    topic,
    partition,
    offset: offsetNumber(offset),
    key: key?.toString() ?? '',
    value: value ?? noBytes,
    timeMs: Number(timestamp),
  }));

const nameOf = (topic: string, partition: number): string => `${topic}/${partition}`;

export class KafkaFetcher {
  readonly #cluster: Cluster;
  readonly #fail: (error: Error) => void;
  readonly #restMs: number;
  readonly #feeds = new Map<string, Feed>();
  readonly #leaders = new Map<string, string>();
  readonly #loops = new Map<string, Promise<void>>();
  #wake: () => void = () => {};
  #woken: Promise<void> = Promise.resolve();
  #closed = false;
  #reassigning: Promise<void> | undefined;
  /** `performance.now()` of the last answer to a fetch. */
  heardMs = performance.now();

  /** `restMs`: how long it rests after a look that brought little. */
  constructor(cluster: Cluster, fail: (error: Error) => void, restMs = 0) {
    this.#cluster = cluster;
    this.#fail = fail;
    this.#restMs = restMs;
    this.#sleepUntilWoken();
  }

  async add(feeds: Feed[]): Promise<void> {
    await this.#cluster.addMultipleTargetTopics([...new Set(feeds.map(({ topic }) => topic))]);
    for (const feed of feeds) this.#feeds.set(nameOf(feed.topic, feed.partition), feed);
    this.#assign();
  }

  async remove(feeds: Feed[]): Promise<void> {
    for (const feed of feeds) {
      feed.stop();
      const name = nameOf(feed.topic, feed.partition);
      if (this.#feeds.get(name) === feed) this.#feeds.delete(name);
    }
    await Promise.all(feeds.map((feed) => feed.idle()));
  }

  /** A feed has room again. */
  wake(): void {
    this.#wake();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.wake();
    await this.remove([...this.#feeds.values()]);
    await this.#cluster.disconnect().catch(() => {});
    await Promise.allSettled(this.#loops.values());
  }

  #sleepUntilWoken(): void {
    this.#woken = new Promise((resolve) => {
      this.#wake = () => {
        this.#sleepUntilWoken();
        resolve();
      };
    });
  }

  #assign(): void {
    if (this.#closed) return;
    this.#leaders.clear();
    for (const topic of new Set([...this.#feeds.values()].map((feed) => feed.topic))) {
      for (const { partitionId, leader } of this.#cluster.findTopicPartitionMetadata(topic)) {
        if (leader >= 0) this.#leaders.set(nameOf(topic, partitionId), String(leader));
      }
    }
    for (const [name] of this.#feeds) {
      const leader = this.#leaders.get(name);
      if (leader === undefined || this.#loops.has(leader)) continue;
      const loop = this.#loop(leader).finally(() => this.#loops.delete(leader));
      this.#loops.set(leader, loop);
    }
    this.wake();
  }

  async #loop(leader: string): Promise<void> {
    let pauseMs = 50;
    while (!this.#closed) {
      const woken = this.#woken;
      const mine = [...this.#feeds]
        .filter(([name]) => this.#leaders.get(name) === leader)
        .map(([, feed]) => feed);
      const ready = mine.filter((feed) => feed.hasRoom());
      if (ready.length === 0) {
        await woken;
        continue;
      }
      try {
        const came = await this.#fetch(
          leader,
          ready,
          mine.length === ready.length ? longPollMs : shortPollMs,
        );
        pauseMs = 50;
        if (this.#restMs > 0 && came > 0 && came < worthwhile) await pause(this.#restMs);
      } catch (error) {
        if (this.#closed) return;
        await this.#trouble(error, ready, pauseMs);
        pauseMs = Math.min(pauseMs * 2, longestPauseMs);
      }
    }
  }

  async #fetch(leader: string, feeds: Feed[], maxWaitTime: number): Promise<number> {
    const byTopic = new Map<string, { partition: number; fetchOffset: string; maxBytes: number }[]>();
    for (const { topic, partition, fetchFrom } of feeds) {
      const list = byTopic.get(topic) ?? [];
      list.push({ partition, fetchOffset: String(fetchFrom), maxBytes: partitionBytes });
      byTopic.set(topic, list);
    }
    const broker = await this.#cluster.findBroker({ nodeId: leader });
    const topics = [...byTopic].map(([topic, partitions]) => ({ topic, partitions }));
    const sizes = { minBytes: 1, maxBytes: fetchBytes };
    const answer = await broker.fetch({ replicaId: -1, isolationLevel: 0, maxWaitTime, ...sizes, topics });
    this.heardMs = performance.now();
    let came = 0;
    for (const { topicName, partitions } of answer.responses) {
      for (const fetched of partitions) {
        if (fetched.messages.length === 0) continue;
        came += fetched.messages.length;
        // Looked up again: the feed may have been replaced, by another start, while the answer was on its way.
        const feed = this.#feeds.get(nameOf(topicName, fetched.partition));
        if (feed === undefined || !feeds.includes(feed)) continue;
        feed.offer(toRecords(topicName, fetched), offsetNumber(fetched.highWatermark));
      }
    }
    return came;
  }

  async #trouble(error: unknown, feeds: Feed[], pauseMs: number): Promise<void> {
    const typed = isOutsideError(error) ? error : kafkaError('reading', error);
    if (typed.retry === 'never') {
      this.#fail(typed);
      this.#closed = true;
      return;
    }
    await pause(pauseMs);
    const outside =
      kafkaErrorType(error) === 'OFFSET_OUT_OF_RANGE' || /OffsetOutOfRange/.test(kafkaErrorType(error));
    const lost = outside ? await this.#outside(feeds) : undefined;
    if (lost !== undefined) {
      this.#fail(lost);
      this.#closed = true;
      return;
    }
    forgetBroken(this.#cluster, error);
    this.#reassigning ??= this.#cluster
      .refreshMetadata()
      .then(() => this.#assign())
      .catch(() => {})
      .finally(() => {
        this.#reassigning = undefined;
      });
    await this.#reassigning;
  }

  /** Which feed stands outside the log. None: a new leader was catching up. */
  async #outside(feeds: Feed[]): Promise<OutsideError | undefined> {
    for (const topic of new Set(feeds.map((feed) => feed.topic))) {
      const starts = await startOffsets(this.#cluster, topic).catch(() => undefined);
      const ends = await endOffsets(this.#cluster, topic).catch(() => undefined);
      if (starts === undefined || ends === undefined) continue;
      for (const { topic: name, partition, fetchFrom } of feeds) {
        if (name !== topic) continue;
        const [start, end] = [starts[partition]!, ends[partition]!];
        if (fetchFrom < start || fetchFrom > end) return outsideLog(topic, partition, fetchFrom, start, end);
      }
    }
    return undefined;
  }
}
