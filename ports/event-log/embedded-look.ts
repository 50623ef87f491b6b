// The embedded log as somebody sees it who only looks: no lock, so it works beside a running server and after it. SQLite's
// WAL lets such readers be; they can neither hold up the writer nor change anything.
import { existsSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { OutsideError } from '../errors.ts';
import { openSqlite, type Sqlite } from '../sqlite.ts';
import type { StoredTopic } from './embedded-protocol.ts';
import { EmbeddedReader } from './embedded-read.ts';
import { logFile } from './embedded-store.ts';
import { toError } from './feed.ts';
import type { EventLog, LogBatch, StartAt, Tail, TailOptions } from './port.ts';
import { outsideLog } from './positions.ts';

/** What there is to see of a log. */
export type LogLook = Pick<EventLog, 'epoch' | 'describeTopics' | 'endOffsets' | 'tail' | 'close'>;

const restMs = 200;
const pageRecords = 500;
const pageBytes = 4_000_000;

export const lookAtEmbeddedLog = async ({ dir }: { dir: string }): Promise<LogLook> => {
  const file = logFile(dir);
  if (!existsSync(file)) {
    const text = `There is no log in ${dir} (no ${file}). Is DATA_DIR the one that the server uses?`;
    throw new OutsideError('log_missing', 'never', text);
  }
  const db = openSqlite(file, { synchronous: 'FULL', readOnly: true });
  const reader = new EmbeddedReader(dir);
  const tails = new Set<Tail>();

  const tail = async (options: TailOptions): Promise<Tail> => {
    const found = new LookTail(db, reader, options);
    tails.add(found);
    return found;
  };
  return {
    epoch: async () =>
      (db.prepare("SELECT value FROM meta WHERE name = 'epoch'").get() as { value: string }).value,
    describeTopics: async (names) =>
      names.map((name) => {
        const { partitions, retentionMs, starts, ends } = topicOf(db, name);
        const config = { 'retention.ms': String(retentionMs) };
        const one = { replicationFactor: 1, minInsyncReplicas: 1 };
        return { name, partitions, ...one, startOffsets: starts, endOffsets: ends, config };
      }),
    endOffsets: async (name) => topicOf(db, name).ends,
    tail,
    close: async () => {
      for (const one of tails) await one.close();
      reader.close();
      db.close();
    },
  };
};

const topicOf = (db: Sqlite, name: string): StoredTopic => {
  const row = db.prepare('SELECT id, partitions, retention_ms FROM topics WHERE name = ?').get(name) as
    | { id: number; partitions: number; retention_ms: number }
    | undefined;
  if (!row) throw new OutsideError('log_unknown_topic', 'never', `No topic ${name}.`);
  const bounds = db.prepare(
    `SELECT coalesce((SELECT start FROM bounds WHERE topic = ?1 AND partition = ?2), 0) AS start,
       max(coalesce((SELECT max(offset) + 1 FROM records WHERE topic = ?1 AND partition = ?2), 0),
           coalesce((SELECT end FROM bounds WHERE topic = ?1 AND partition = ?2), 0)) AS end`,
  );
  const spans = Array.from(
    { length: row.partitions },
    (_, partition) => bounds.get(row.id, partition) as { start: number; end: number },
  );
  return {
    name,
    partitions: row.partitions,
    retentionMs: row.retention_ms,
    starts: spans.map(({ start }) => start),
    ends: spans.map(({ end }) => end),
  };
};

/** Asks again and again what is new. */
class LookTail implements Tail {
  readonly #reader: EmbeddedReader;
  readonly #options: TailOptions;
  readonly #places = new Map<string, number[]>();
  readonly #running: Promise<void>;
  #closed = false;
  #heardMs = performance.now();

  constructor(db: Sqlite, reader: EmbeddedReader, options: TailOptions) {
    this.#reader = reader;
    this.#options = options;
    for (const { name, from } of options.topics) this.#places.set(name, startsOf(topicOf(db, name), from));
    const loops = [...this.#places].flatMap(([name, places]) =>
      places.map((_, partition) => this.#follow(name, partition, places)),
    );
    this.#running = Promise.all(loops).then(
      () => undefined,
      (error: unknown) => {
        const wasClosed = this.#closed;
        this.#closed = true;
        if (!wasClosed) options.onFailure(toError(error));
      },
    );
  }

  lastHeardMs(): number {
    return this.#heardMs;
  }

  positions(topic: string): number[] {
    return [...(this.#places.get(topic) ?? [])];
  }

  close(): Promise<void> {
    this.#closed = true;
    return this.#running;
  }

  async #follow(topic: string, partition: number, places: number[]): Promise<void> {
    // In a turn of its own: who called must have the tail in hand first.
    await setTimeout(0);
    while (!this.#closed) {
      const from = places[partition] as number;
      const batch = this.#page(topic, partition, from);
      if (batch) {
        await this.#options.onBatch(batch);
        places[partition] = (batch.records.at(-1)?.offset ?? from) + 1;
      } else await setTimeout(restMs);
    }
  }

  #page(topic: string, partition: number, from: number): LogBatch | null {
    const page = this.#reader.read({
      topic,
      partition,
      from,
      maxRecords: pageRecords,
      maxBytes: pageBytes,
    });
    this.#heardMs = performance.now();
    if (page.start > from) throw outsideLog(topic, partition, from, page.start, page.start);
    if (page.offsets.length === 0) return null;
    let at = 0;
    const records = page.offsets.map((offset, i) => {
      const value = page.bytes.subarray(at, at + (page.sizes[i] as number));
      at += value.length;
      return {
        topic,
        partition,
        offset,
        key: page.keys[i] as string,
        value,
        timeMs: page.times[i] as number,
      };
    });
    return { topic, partition, records, endOffset: (page.offsets.at(-1) as number) + 1 };
  }
}

const startsOf = ({ name, starts, ends }: StoredTopic, from: StartAt): number[] => {
  if (from === 'beginning') return [...starts];
  if (from === 'end') return [...ends];
  return ends.map((end, partition) => {
    const at = from[partition] ?? -1;
    const start = starts[partition] as number;
    if (at < start || at > end) throw outsideLog(name, partition, at, start, end);
    return at;
  });
};
