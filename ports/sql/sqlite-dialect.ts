// Kysely over a SQLite thread. There is one connection, so a transaction has it alone: whatever is asked while one runs
// waits for its end, in the order of asking.
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import { stepsOf } from './database.ts';
import type { SqliteResult, SqliteStep, SqlValue } from './sqlite-protocol.ts';
import type { SqliteThread } from './sqlite-thread.ts';

export const sqliteDialect = (thread: SqliteThread, begin: 'immediate' | 'deferred'): Dialect => ({
  createDriver: () => new ThreadDriver(thread, begin),
  createQueryCompiler: () => new SqliteQueryCompiler(),
  createAdapter: () => new SqliteAdapter(),
  createIntrospector: (db) => new SqliteIntrospector(db),
});

/** Parameters that are one list of rows are the bulk form: see `bulk` in dialect.ts. */
const stepOf = ({ sql, parameters }: CompiledQuery): SqliteStep => {
  const [first] = parameters;
  return Array.isArray(first) ? { sql, rows: first as SqlValue[][] } : { sql, values: parameters.map(plain) };
};

const plain = (value: unknown): SqlValue =>
  typeof value === 'boolean' ? Number(value) : (value as SqlValue);

class ThreadConnection implements DatabaseConnection {
  readonly #driver: ThreadDriver;
  /** Ends this connection's transaction for the others; undefined outside one. */
  leave: (() => void) | undefined;

  constructor(driver: ThreadDriver) {
    this.#driver = driver;
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    if (!this.leave) await this.#driver.gate;
    const result = await this.#driver.thread.ask({ steps: stepsOf(query).map(stepOf) });
    return toQueryResult(result);
  }

  // biome-ignore lint/correctness/useYield: asked for by the interface, used by nobody.
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error('SQLite answers are not streamed');
  }
}

const toQueryResult = <R>({ rows, changes, lastId }: SqliteResult): QueryResult<R> => ({
  rows: rows as R[],
  numAffectedRows: BigInt(changes),
  insertId: BigInt(lastId),
});

class ThreadDriver implements Driver {
  readonly thread: SqliteThread;
  readonly #begin: string;
  /** Settles when the transactions asked for so far have ended. */
  gate: Promise<void> = Promise.resolve();

  constructor(thread: SqliteThread, begin: string) {
    this.thread = thread;
    this.#begin = `begin ${begin}`;
  }

  async init(): Promise<void> {}

  run(sql: string): Promise<SqliteResult> {
    return this.thread.ask({ steps: [{ sql, values: [] }] });
  }

  async acquireConnection(): Promise<ThreadConnection> {
    return new ThreadConnection(this);
  }

  async beginTransaction(connection: ThreadConnection): Promise<void> {
    const before = this.gate;
    let leave = (): void => {};
    this.gate = new Promise((resolve) => {
      leave = resolve;
    });
    await before;
    try {
      await this.run(this.#begin);
      connection.leave = leave;
    } catch (error) {
      leave();
      throw error;
    }
  }

  async commitTransaction(): Promise<void> {
    await this.run('commit');
  }

  async rollbackTransaction(): Promise<void> {
    // SQLite may have rolled back by itself (a full disk); the first error is the one to tell.
    await this.run('rollback').catch(() => {});
  }

  async releaseConnection(connection: ThreadConnection): Promise<void> {
    connection.leave?.();
    connection.leave = undefined;
  }

  async destroy(): Promise<void> {
    await this.thread.close();
  }
}
