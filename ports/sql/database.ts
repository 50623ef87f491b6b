// A database as the stores see it: one Kysely to read, one to write (the same for MySQL), and its dialect.
import { CompiledQuery, type Kysely, sql, type Transaction } from 'kysely';
import type { Dialect } from './dialect.ts';
import { isDeadlock } from './errors.ts';

export type Database<T> = {
  read: Kysely<T>;
  write: Kysely<T>;
  dialect: Dialect;
  close(): Promise<void>;
};

const deadlockTriesMax = 4;

/** All or nothing. A deadlock has undone everything, so the work is simply done again. */
export const transaction = async <T, R>(
  db: Database<T>,
  work: (trx: Transaction<T>) => Promise<R>,
): Promise<R> => {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await db.write.transaction().execute(work);
    } catch (error) {
      if (!isDeadlock(error) || attempt === deadlockTriesMax) throw error;
    }
  }
};

/** Everything that `work` reads is of one moment. */
export const snapshot = <T, R>(db: Database<T>, work: (trx: Transaction<T>) => Promise<R>): Promise<R> => {
  const begin = db.read.transaction();
  return (db.dialect.locksRows ? begin.setIsolationLevel('repeatable read') : begin).execute(work);
};

export const runAll = async <T>(trx: Transaction<T>, queries: CompiledQuery[]): Promise<void> => {
  if (queries.length > 0) await trx.executeQuery(several(queries));
};

export type Several = CompiledQuery & { steps: CompiledQuery[] };

/** Statements that are sent as one, so that SQLite's thread waits for nobody between them. */
const several = (steps: CompiledQuery[]): Several => ({ ...CompiledQuery.raw(''), steps });

/** What a driver is to run for this query, in order. */
export const stepsOf = (query: CompiledQuery): CompiledQuery[] =>
  'steps' in query ? (query as Several).steps : [query];

export const ping = async <T>(db: Database<T>): Promise<void> => {
  await sql`SELECT 1`.execute(db.read);
};
