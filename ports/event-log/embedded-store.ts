// The records in SQLite. Runs in the writer's worker thread only; embedded-read.ts reads the same file.
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { OutsideError } from '../errors.ts';
import { openSqlite, type Sqlite, type SqliteStatement } from '../sqlite.ts';
import type { Group, StoredTopic } from './embedded-protocol.ts';

export const logFile = (dir: string): string => join(dir, 'log.db');

const schema = `
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS topics (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, partitions INTEGER NOT NULL, retention_ms INTEGER NOT NULL);
-- Written when old records are removed: without it an emptied partition would start again at offset 0.
CREATE TABLE IF NOT EXISTS bounds (
  topic INTEGER NOT NULL, partition INTEGER NOT NULL, start INTEGER NOT NULL, end INTEGER NOT NULL,
  PRIMARY KEY (topic, partition)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS records (
  topic INTEGER NOT NULL, partition INTEGER NOT NULL, offset INTEGER NOT NULL,
  time_ms INTEGER NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL,
  PRIMARY KEY (topic, partition, offset)) WITHOUT ROWID;
`;

/** Removed per transaction, so that a commit never waits long behind the broom. */
const pruneStep = 500;

type Topic = StoredTopic & { id: number };
type TopicShape = { name: string; partitions: number; retentionMs: number };

export class EmbeddedStore {
  readonly #db: Sqlite;
  readonly #insert: SqliteStatement;
  readonly #topics = new Map<string, Topic>();
  #lastMs = 0;

  constructor(dir: string) {
    this.#db = openSqlite(logFile(dir), { synchronous: 'FULL' });
    this.#db.exec(schema);
    // Checkpoints are rarer and larger than the default: each makes one commit slow.
    this.#db.exec('PRAGMA wal_autocheckpoint=4000; PRAGMA cache_size=-8000;');
    this.#db.prepare("INSERT OR IGNORE INTO meta VALUES ('epoch', ?)").run(randomUUID());
    this.#insert = this.#db.prepare('INSERT INTO records VALUES (?, ?, ?, ?, ?, ?)');
    this.#load();
  }

  epoch(): string {
    const row = this.#db.prepare("SELECT value FROM meta WHERE name = 'epoch'").get() as { value: string };
    return row.value;
  }

  describe(): StoredTopic[] {
    return [...this.#topics.values()].map(({ id: _, ...topic }) => topic);
  }

  ensure(wanted: TopicShape[]): StoredTopic[] {
    for (const topic of wanted) this.#verify(topic);
    this.#transaction(() => {
      const add = this.#db.prepare(
        'INSERT OR IGNORE INTO topics (name, partitions, retention_ms) VALUES (?, ?, ?)',
      );
      for (const topic of wanted) add.run(topic.name, topic.partitions, topic.retentionMs);
    });
    this.#load();
    return this.describe();
  }

  /** One transaction for all of it: everything is durable and has its offset, or nothing is there. */
  append(groups: Group[], bytes: Uint8Array): { firsts: number[]; timeMs: number } {
    // The log's clock never goes backwards, whatever the machine's does.
    const timeMs = Math.max(Date.now(), this.#lastMs);
    const firsts: number[] = [];
    const ends = new Map<number[], Map<number, number>>();
    this.#transaction(() => {
      let at = 0;
      for (const { topic: name, partition, keys, sizes } of groups) {
        const topic = this.#topic(name, partition);
        const first = topic.ends[partition]!;
        firsts.push(first);
        for (let i = 0; i < sizes.length; i++) {
          const value = bytes.subarray(at, at + sizes[i]!);
          at += sizes[i]!;
          this.#insert.run(topic.id, partition, first + i, timeMs, keys[i]!, value);
        }
        const moved = ends.get(topic.ends) ?? new Map<number, number>();
        ends.set(topic.ends, moved.set(partition, first + sizes.length));
      }
    });
    this.#lastMs = timeMs;
    for (const [list, moved] of ends) for (const [partition, end] of moved) list[partition] = end;
    return { firsts, timeMs };
  }

  /** Removes what is older than its topic keeps; true when there is more to do. */
  prune(nowMs: number): boolean {
    let more = false;
    for (const topic of this.#topics.values()) {
      if (topic.retentionMs < 0) continue;
      for (let partition = 0; partition < topic.partitions; partition++) {
        if (this.#prunePartition(topic, partition, nowMs - topic.retentionMs)) more = true;
      }
    }
    return more;
  }

  close(): void {
    this.#db.close();
  }

  #prunePartition(topic: Topic, partition: number, keepFromMs: number): boolean {
    const old = this.#db
      .prepare(
        `SELECT count(*) AS count, max(offset) AS last FROM (SELECT offset, time_ms FROM records
           WHERE topic = ? AND partition = ? ORDER BY offset LIMIT ?) WHERE time_ms < ?`,
      )
      .get(topic.id, partition, pruneStep, keepFromMs) as { count: number; last: number | null };
    if (old.last === null) return false;
    const start = old.last + 1;
    this.#transaction(() => {
      this.#db
        .prepare('INSERT OR REPLACE INTO bounds VALUES (?, ?, ?, ?)')
        .run(topic.id, partition, start, topic.ends[partition]!);
      this.#db
        .prepare('DELETE FROM records WHERE topic = ? AND partition = ? AND offset < ?')
        .run(topic.id, partition, start);
    });
    topic.starts[partition] = start;
    return old.count === pruneStep;
  }

  #verify(wanted: TopicShape): void {
    const found = this.#topics.get(wanted.name);
    if (found === undefined) return;
    const differs = (what: string, is: number, want: number): never => {
      const text = `Topic ${wanted.name} has ${what} ${is}, ${want} is wanted. That is fixed at birth: copy the log under a new epoch, or set the old value again.`;
      throw new OutsideError('topic_mismatch', 'never', text);
    };
    if (found.partitions !== wanted.partitions) {
      differs('a partition count of', found.partitions, wanted.partitions);
    }
    if (found.retentionMs !== wanted.retentionMs) {
      differs('a retention (ms) of', found.retentionMs, wanted.retentionMs);
    }
  }

  #topic(name: string, partition: number): Topic {
    const topic = this.#topics.get(name);
    if (topic !== undefined && partition >= 0 && partition < topic.partitions) return topic;
    throw new OutsideError('log_unknown_partition', 'never', `No partition ${partition} in a topic ${name}.`);
  }

  #load(): void {
    const rows = this.#db.prepare('SELECT * FROM topics').all() as {
      id: number;
      name: string;
      partitions: number;
      retention_ms: number;
    }[];
    const bounds = this.#db.prepare(
      `SELECT coalesce((SELECT start FROM bounds WHERE topic = ?1 AND partition = ?2), 0) AS start,
         max(coalesce((SELECT max(offset) + 1 FROM records WHERE topic = ?1 AND partition = ?2), 0),
             coalesce((SELECT end FROM bounds WHERE topic = ?1 AND partition = ?2), 0)) AS end`,
    );
    for (const row of rows) {
      if (this.#topics.has(row.name)) continue;
      const spans = Array.from(
        { length: row.partitions },
        (_, p) => bounds.get(row.id, p) as { start: number; end: number },
      );
      this.#topics.set(row.name, {
        id: row.id,
        name: row.name,
        partitions: row.partitions,
        retentionMs: row.retention_ms,
        starts: spans.map((span) => span.start),
        ends: spans.map((span) => span.end),
      });
    }
    const last = this.#db.prepare(
      `SELECT coalesce(max(time_ms), 0) AS ms FROM records WHERE topic = ? AND partition = ? AND offset = ?`,
    );
    for (const topic of this.#topics.values()) {
      topic.ends.forEach((end, p) => {
        this.#lastMs = Math.max(this.#lastMs, (last.get(topic.id, p, end - 1) as { ms: number }).ms);
      });
    }
  }

  #transaction(work: () => void): void {
    this.#db.exec('BEGIN IMMEDIATE');
    try {
      work();
      this.#db.exec('COMMIT');
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      throw error;
    }
  }
}
