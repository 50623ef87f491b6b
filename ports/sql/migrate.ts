// Brings a database's tables to what the code knows. Safe when several processes start at once, and when one dies in the
// middle: every statement can be repeated.
import { CompiledQuery, type Kysely, type QueryResult, sql } from 'kysely';
import { OutsideError } from '../errors.ts';
import type { Database } from './database.ts';
import type { ColumnTypes, Dialect } from './dialect.ts';

export type Migration = { name: string; statements(types: ColumnTypes): string[] };

const lockSteps = 20;
const lockStepSeconds = 3;

export const migrate = async <T>(db: Database<T>, migrations: Migration[]): Promise<void> => {
  if (db.dialect.kind === 'sqlite') {
    // The transaction has the file alone, and DDL is part of it.
    await db.write.transaction().execute((trx) => bring(trx, db.dialect, migrations));
    return;
  }
  await db.write.connection().execute(async (connection) => {
    await lock(connection);
    try {
      await bring(connection, db.dialect, migrations);
    } finally {
      await sql`SELECT RELEASE_LOCK(CONCAT('chatvui:', MD5(DATABASE())))`.execute(connection);
    }
  });
};

/** In steps, because a single statement may not take as long as the patience for another process's migration. */
const lock = async <T>(connection: Kysely<T>): Promise<void> => {
  for (let step = 0; step < lockSteps; step += 1) {
    const { rows } = await sql<{ taken: number }>`
      SELECT GET_LOCK(CONCAT('chatvui:', MD5(DATABASE())), ${lockStepSeconds}) AS taken`.execute(connection);
    if (Number(rows[0]?.taken) === 1) return;
  }
  const message = 'Another process has been changing the tables for a minute. Try again, or look at it.';
  throw new OutsideError('sql_unavailable', 'later', message);
};

const bring = async <T>(db: Kysely<T>, dialect: Dialect, migrations: Migration[]): Promise<void> => {
  const { types } = dialect;
  const kept = { table: 'chatvui_migrations', columns: `name ${types.word(100)} NOT NULL PRIMARY KEY` };
  for (const statement of types.create(kept)) await run(db, statement);
  const done = new Set((await run(db, 'SELECT name FROM chatvui_migrations')).rows.map((row) => row.name));
  for (const { name, statements } of migrations) {
    if (done.has(name)) continue;
    for (const statement of statements(types)) await run(db, statement);
    await run(db, 'INSERT INTO chatvui_migrations (name) VALUES (?)', [name]);
  }
};

const run = <T>(
  db: Kysely<T>,
  text: string,
  values: string[] = [],
): Promise<QueryResult<{ name?: string }>> =>
  db.executeQuery<{ name?: string }>(CompiledQuery.raw(text, values));
