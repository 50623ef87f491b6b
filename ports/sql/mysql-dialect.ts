// Kysely over a mysql2 pool: every wait is bounded, every error is ours, and a connection that may be in an unknown
// state is thrown away instead of being given to the next one.
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  MysqlAdapter,
  MysqlIntrospector,
  MysqlQueryCompiler,
  type QueryResult,
  type TransactionSettings,
} from 'kysely';
import type { Pool, PoolConnection } from 'mysql2/promise';
import { OutsideError } from '../errors.ts';
import { stepsOf } from './database.ts';
import { leavesConnectionUsable, mysqlError } from './errors.ts';

export type MysqlLimits = { queryTimeoutMs: number; acquireTimeoutMs: number };

export const mysqlDialect = (pool: Pool, limits: MysqlLimits): Dialect => ({
  createDriver: () => new PoolDriver(pool, limits),
  createQueryCompiler: () => new MysqlQueryCompiler(),
  createAdapter: () => new MysqlAdapter(),
  createIntrospector: (db) => new MysqlIntrospector(db),
});

/** Like the statements of other connections, ours are not to see uncommitted rows, nor to lock gaps for nothing. */
const sessionStatements = [
  `SET SESSION sql_mode='STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION',
    time_zone='+00:00', innodb_lock_wait_timeout=5, group_concat_max_len=1048576`,
  'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED',
];

type Answer = { insertId?: number; affectedRows?: number };

class PooledConnection implements DatabaseConnection {
  readonly raw: PoolConnection;
  readonly #timeoutMs: number;
  broken = false;

  constructor(raw: PoolConnection, timeoutMs: number) {
    this.raw = raw;
    this.#timeoutMs = timeoutMs;
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    let result: QueryResult<R> = { rows: [] };
    for (const step of stepsOf(query)) result = await this.run(step);
    return result;
  }

  async run<R>(query: Pick<CompiledQuery, 'sql' | 'parameters'>): Promise<QueryResult<R>> {
    try {
      const [answer] = await this.raw.query({
        sql: query.sql,
        values: [...query.parameters],
        timeout: this.#timeoutMs,
      });
      if (Array.isArray(answer)) return { rows: answer as R[] };
      const { insertId = 0, affectedRows = 0 } = answer as Answer;
      return { rows: [], insertId: BigInt(insertId), numAffectedRows: BigInt(affectedRows) };
    } catch (error) {
      const mapped = mysqlError(error);
      // After a timeout the statement may still run there; after a lost connection nothing is known.
      if (!leavesConnectionUsable(mapped)) this.broken = true;
      throw mapped;
    }
  }

  // biome-ignore lint/correctness/useYield: asked for by the interface, used by nobody.
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error('Answers are not streamed');
  }
}

class PoolDriver implements Driver {
  readonly #pool: Pool;
  readonly #limits: MysqlLimits;
  readonly #prepared = new WeakSet<object>();

  constructor(pool: Pool, limits: MysqlLimits) {
    this.#pool = pool;
    this.#limits = limits;
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<PooledConnection> {
    const raw = await this.#acquire();
    const connection = new PooledConnection(raw, this.#limits.queryTimeoutMs);
    if (this.#prepared.has(raw.connection)) return connection;
    try {
      for (const sql of sessionStatements) await connection.run({ sql, parameters: [] });
    } catch (error) {
      raw.destroy();
      throw error;
    }
    this.#prepared.add(raw.connection);
    return connection;
  }

  async beginTransaction(connection: PooledConnection, settings: TransactionSettings): Promise<void> {
    if (settings.isolationLevel) {
      const sql = `SET TRANSACTION ISOLATION LEVEL ${settings.isolationLevel}`;
      await connection.run({ sql, parameters: [] });
    }
    const consistent = settings.isolationLevel === 'repeatable read';
    const sql = consistent ? 'START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY' : 'START TRANSACTION';
    await connection.run({ sql, parameters: [] });
  }

  async commitTransaction(connection: PooledConnection): Promise<void> {
    await connection.run({ sql: 'COMMIT', parameters: [] });
  }

  async rollbackTransaction(connection: PooledConnection): Promise<void> {
    if (connection.broken) return;
    // The first error is the one to tell.
    await connection.run({ sql: 'ROLLBACK', parameters: [] }).catch(() => {
      connection.broken = true;
    });
  }

  async releaseConnection({ raw, broken }: PooledConnection): Promise<void> {
    if (broken) raw.destroy();
    else raw.release();
  }

  async destroy(): Promise<void> {
    await this.#pool.end();
  }

  #acquire(): Promise<PoolConnection> {
    return new Promise((resolve, reject) => {
      let late = false;
      const timer = setTimeout(() => {
        late = true;
        reject(new OutsideError('sql_unavailable', 'later', 'The database: no connection became free'));
      }, this.#limits.acquireTimeoutMs);
      this.#pool.getConnection().then(
        (connection) => {
          clearTimeout(timer);
          if (late) connection.release();
          else resolve(connection);
        },
        (error: unknown) => {
          clearTimeout(timer);
          reject(mysqlError(error));
        },
      );
    });
  }
}
