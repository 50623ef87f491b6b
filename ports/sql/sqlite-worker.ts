// The thread that owns one SQLite connection: the driver is synchronous, and the gateway's thread must never wait for it.
import { parentPort, workerData } from 'node:worker_threads';
import { openSqlite, type Sqlite, type SqliteStatement } from '../sqlite.ts';
import { sqliteFault } from './errors.ts';
import type {
  SqliteAnswer,
  SqliteOpened,
  SqliteOpening,
  SqliteRequest,
  SqliteResult,
  SqliteStep,
  SqlValue,
} from './sqlite-protocol.ts';
import { escapeNul, hasEscapes, unescapeNul } from './sqlite-text.ts';

const port = parentPort;
if (port === null) throw new Error('sqlite-worker.ts runs as a worker thread');
const opening = workerData as SqliteOpening;

/** Preparing costs several times as much as running; lists of varying length must not fill the memory, though. */
const statementsKept = 300;
const cacheKib = 16_384;

class Connection {
  readonly #db: Sqlite;
  readonly #statements = new Map<string, SqliteStatement>();

  constructor(db: Sqlite) {
    this.#db = db;
    db.exec(`PRAGMA cache_size=-${cacheKib}; PRAGMA temp_store=MEMORY; PRAGMA foreign_keys=OFF;`);
  }

  run(steps: SqliteStep[]): SqliteResult {
    let result: SqliteResult = { rows: [], changes: 0, lastId: 0 };
    for (const step of steps) result = this.#step(step);
    return result;
  }

  #step(step: SqliteStep): SqliteResult {
    const statement = this.#prepared(step.sql);
    if ('rows' in step) {
      let changes = 0;
      for (const row of step.rows) changes += Number(statement.run(...row.map(toKept)).changes);
      return { rows: [], changes, lastId: 0 };
    }
    if (returnsRows(step.sql)) {
      const rows = statement.all(...step.values.map(toKept)) as SqliteResult['rows'];
      return { rows: rows.map(fromKept), changes: 0, lastId: 0 };
    }
    const { changes, lastInsertRowid } = statement.run(...step.values.map(toKept));
    return { rows: [], changes: Number(changes), lastId: Number(lastInsertRowid) };
  }

  close(): void {
    this.#statements.clear();
    this.#db.close();
  }

  #prepared(sql: string): SqliteStatement {
    const kept = this.#statements.get(sql);
    this.#statements.delete(sql);
    const statement = kept ?? this.#db.prepare(sql);
    this.#statements.set(sql, statement);
    if (this.#statements.size > statementsKept) {
      for (const oldest of this.#statements.keys()) {
        this.#statements.delete(oldest);
        break;
      }
    }
    return statement;
  }
}

const returnsRows = (sql: string): boolean => /^\s*(select|with|pragma|values)\b/i.test(sql);

const toKept = (value: SqlValue): SqlValue => (typeof value === 'string' ? escapeNul(value) : value);

const fromKept = (row: Record<string, unknown>): Record<string, unknown> => {
  for (const name in row) {
    const value = row[name];
    if (typeof value === 'string' && hasEscapes(value)) row[name] = unescapeNul(value);
  }
  return row;
};

const serve = (connection: Connection): void => {
  port.on('message', (request: SqliteRequest) => {
    try {
      if ('close' in request) {
        connection.close();
        port.postMessage({
          id: request.id,
          result: { rows: [], changes: 0, lastId: 0 },
        } satisfies SqliteAnswer);
        port.close();
        return;
      }
      port.postMessage({ id: request.id, result: connection.run(request.steps) } satisfies SqliteAnswer);
    } catch (error) {
      port.postMessage({ id: request.id, fault: sqliteFault(error, opening.file) } satisfies SqliteAnswer);
    }
  });
};

try {
  const { file, synchronous, readOnly } = opening;
  serve(new Connection(openSqlite(file, { synchronous, readOnly, busyTimeoutMs: 5_000 })));
  port.postMessage({ opened: true } satisfies SqliteOpened);
} catch (error) {
  port.postMessage({ opened: false, fault: sqliteFault(error, opening.file) } satisfies SqliteOpened);
  port.close();
}
