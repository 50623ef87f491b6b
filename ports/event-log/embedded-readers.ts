// Who reads the embedded log: live records come straight from the commit, old ones in pages from the reader's thread.
import { OutsideError } from '../errors.ts';
import type { EmbeddedThread } from './embedded-thread.ts';
import { Feed, type FeedOptions, toError } from './feed.ts';
import type { LogRecord } from './port.ts';
import { outsideLog } from './positions.ts';

const pageRecords = 500;
const pageBytes = 1_000_000;

export type FeedRequest = Omit<FeedOptions, 'onRoom' | 'maxQueuedBytes'>;

export class EmbeddedReaders {
  readonly #feeds = new Map<string, Set<Feed>>();
  readonly #ends = new Map<string, number[]>();
  readonly #reading = new WeakSet<Feed>();
  readonly #failures = new WeakMap<Feed, (error: Error) => void>();
  readonly #reader: () => Promise<EmbeddedThread>;
  readonly #maxQueuedBytes: number;

  constructor(reader: () => Promise<EmbeddedThread>, maxQueuedBytes: number) {
    this.#reader = reader;
    this.#maxQueuedBytes = maxQueuedBytes;
  }

  know(topic: string, ends: number[]): void {
    if (!this.#ends.has(topic)) this.#ends.set(topic, [...ends]);
  }

  ends(topic: string): number[] {
    const ends = this.#ends.get(topic);
    if (ends === undefined) throw new OutsideError('log_unknown_topic', 'never', `No topic ${topic}.`);
    return ends;
  }

  add(request: FeedRequest): Feed {
    const feed: Feed = new Feed({
      ...request,
      maxQueuedBytes: this.#maxQueuedBytes,
      onRoom: () => this.#catchUp(feed),
    });
    const name = `${request.topic}/${request.partition}`;
    const feeds = this.#feeds.get(name) ?? new Set();
    this.#feeds.set(name, feeds.add(feed));
    this.#failures.set(feed, request.onFailure);
    this.#catchUp(feed);
    return feed;
  }

  async remove(feeds: Feed[]): Promise<void> {
    for (const feed of feeds) {
      feed.stop();
      this.#feeds.get(`${feed.topic}/${feed.partition}`)?.delete(feed);
    }
    await Promise.all(feeds.map((feed) => feed.idle()));
  }

  /** Records of one partition, just made durable. */
  committed(records: LogRecord[]): void {
    const { topic, partition, offset } = records[0]!;
    const end = offset + records.length;
    this.ends(topic)[partition] = end;
    for (const feed of this.#feeds.get(`${topic}/${partition}`) ?? []) {
      // A feed that is behind, or full, finds these records on disk when it gets there.
      if (feed.fetchFrom === offset && feed.hasRoom()) feed.offer(records, end);
    }
  }

  #end(feed: Feed): number {
    return this.ends(feed.topic)[feed.partition]!;
  }

  #catchUp(feed: Feed): void {
    const wanted = feed.hasRoom() && feed.fetchFrom < this.#end(feed);
    if (!wanted || this.#reading.has(feed)) return;
    this.#reading.add(feed);
    this.#readOn(feed)
      .catch((error: unknown) => {
        if (feed.stopped) return;
        feed.stop();
        this.#failures.get(feed)?.(toError(error));
      })
      .finally(() => {
        this.#reading.delete(feed);
        // Room may have come between the last look and now.
        this.#catchUp(feed);
      });
  }

  async #readOn(feed: Feed): Promise<void> {
    const reader = await this.#reader();
    while (feed.hasRoom() && feed.fetchFrom < this.#end(feed)) {
      const { topic, partition, fetchFrom: from } = feed;
      const page = await reader.ask('read', {
        topic,
        partition,
        from,
        maxRecords: pageRecords,
        maxBytes: pageBytes,
      });
      if (page.start > from) throw outsideLog(topic, partition, from, page.start, this.#end(feed));
      if (page.offsets.length === 0) throw outsideLog(topic, partition, from, page.start, from);
      let at = 0;
      const records = page.offsets.map((offset, i): LogRecord => {
        const value = page.bytes.subarray(at, at + page.sizes[i]!);
        at += value.length;
        return { topic, partition, offset, key: page.keys[i]!, value, timeMs: page.times[i]! };
      });
      feed.offer(records, this.#end(feed));
    }
  }
}
