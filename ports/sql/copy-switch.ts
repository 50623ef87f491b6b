// Tables change their names in one step, so that nobody who reads ever finds one missing.
import { CompiledQuery, type Kysely, sql } from 'kysely';
import type { Database } from './database.ts';

export type Rename = [from: string, to: string];

/** Whoever reads waits behind a rename that itself waits for a long transaction: so it does not wait long. */
const renameWaitSeconds = 3;

/**
 * `held`: the transaction that keeps writers away. SQLite's renames are part of it. MySQL's would end it and let writers
 * in, so they run beside it on another connection; they touch no table of which it has rows.
 */
export const putInPlace = async <T>(db: Database<T>, held: Kysely<T>, renames: Rename[]): Promise<void> => {
  if (db.dialect.kind === 'sqlite') {
    for (const [from, to] of renames)
      await held.executeQuery(CompiledQuery.raw(`ALTER TABLE ${from} RENAME TO ${to}`));
    return;
  }
  await db.write.connection().execute(async (connection) => {
    await sql`SET SESSION lock_wait_timeout = ${sql.lit(renameWaitSeconds)}`.execute(connection);
    try {
      const list = renames.map(([from, to]) => `${from} TO ${to}`).join(', ');
      await connection.executeQuery(CompiledQuery.raw(`RENAME TABLE ${list}`));
    } finally {
      await sql`SET SESSION lock_wait_timeout = DEFAULT`.execute(connection);
    }
  });
};
