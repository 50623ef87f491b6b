// Opens a SQLite file as a Database: one thread writes; reads have another one, so that they never wait behind a commit.
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { Kysely } from 'kysely';
import { OutsideError, reasonOf } from '../errors.ts';
import type { Database } from './database.ts';
import { sqlite } from './dialect.ts';
import { type Migration, migrate } from './migrate.ts';
import { sqliteDialect } from './sqlite-dialect.ts';
import { SqliteThread } from './sqlite-thread.ts';

export type SqliteFile = {
  file: string;
  /** FULL: a commit outlives a power cut. NORMAL: for what can be made again from the log. */
  synchronous: 'FULL' | 'NORMAL';
  separateReader: boolean;
  migrations: Migration[];
};

export const openSqliteDatabase = async <T>(options: SqliteFile): Promise<Database<T>> => {
  const { file, synchronous, separateReader, migrations } = options;
  try {
    mkdirSync(dirname(file), { recursive: true });
  } catch (error) {
    const message = `Cannot make the folder of ${file}: ${reasonOf(error)}`;
    throw new OutsideError('sqlite_open_failed', 'never', message, error);
  }
  const writer = await SqliteThread.open({ file, synchronous, readOnly: false });
  const write = new Kysely<T>({ dialect: sqliteDialect(writer, 'immediate') });
  const opened = [writer];
  const close = async () => {
    for (const thread of opened.splice(0).reverse()) await thread.close();
  };
  try {
    await migrate({ read: write, write, dialect: sqlite, close }, migrations);
    if (!separateReader) return { read: write, write, dialect: sqlite, close };
    const reader = await SqliteThread.open({ file, synchronous, readOnly: true });
    opened.push(reader);
    const read = new Kysely<T>({ dialect: sqliteDialect(reader, 'deferred') });
    return { read, write, dialect: sqlite, close };
  } catch (error) {
    await close();
    throw error;
  }
};
