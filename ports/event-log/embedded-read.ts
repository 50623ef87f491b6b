// Pages of old records, for readers that are behind. A thread of its own: a rebuild must not slow the writer.
import { openSqlite, type Sqlite, type SqliteStatement } from '../sqlite.ts';
import { type Page, packBytes, type Requests } from './embedded-protocol.ts';
import { logFile } from './embedded-store.ts';

type Row = { offset: number; time_ms: number; key: string; value: Uint8Array };

export class EmbeddedReader {
  readonly #db: Sqlite;
  readonly #topic: SqliteStatement;
  readonly #start: SqliteStatement;
  readonly #rows: SqliteStatement;

  constructor(dir: string) {
    this.#db = openSqlite(logFile(dir), { synchronous: 'FULL', readOnly: true });
    this.#topic = this.#db.prepare('SELECT id FROM topics WHERE name = ?');
    this.#start = this.#db.prepare('SELECT start FROM bounds WHERE topic = ? AND partition = ?');
    this.#rows = this.#db.prepare(
      `SELECT offset, time_ms, key, value FROM records
         WHERE topic = ? AND partition = ? AND offset >= ? ORDER BY offset LIMIT ?`,
    );
  }

  read({ topic, partition, from, maxRecords, maxBytes }: Requests['read']['ask']): Page {
    const { id } = this.#topic.get(topic) as { id: number };
    const rows: Row[] = [];
    let bytes = 0;
    for (const row of this.#rows.iterate(id, partition, from, maxRecords) as Iterable<Row>) {
      rows.push(row);
      bytes += row.value.length;
      if (bytes >= maxBytes) break;
    }
    // After the rows: what was removed in between then shows as a start beyond `from`.
    const bound = this.#start.get(id, partition) as { start: number } | undefined;
    return {
      start: bound?.start ?? 0,
      offsets: rows.map((row) => row.offset),
      times: rows.map((row) => row.time_ms),
      keys: rows.map((row) => row.key),
      sizes: rows.map((row) => row.value.length),
      bytes: packBytes(rows.map((row) => row.value)),
    };
  }

  close(): void {
    this.#db.close();
  }
}
