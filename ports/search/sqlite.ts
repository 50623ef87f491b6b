// Search in one SQLite file of the data folder, by FTS5.
import { join } from 'node:path';
import { ping } from '../sql/database.ts';
import { openSqliteDatabase } from '../sql/sqlite.ts';
import type { SearchIndex } from './port.ts';
import { copyableSqlite } from './sqlite-copy.ts';
import { SqliteSearchReader } from './sqlite-reader.ts';
import { SqliteSearchWriter } from './sqlite-writer.ts';
import { type SearchTables, searchMigrations } from './tables.ts';

export const openSqliteSearch = async ({
  dir,
  name = 'search',
}: {
  dir: string;
  name?: string;
}): Promise<SearchIndex> => {
  const db = await openSqliteDatabase<SearchTables>({
    file: join(dir, `${name}.db`),
    // What a power cut takes is indexed again from the log.
    synchronous: 'NORMAL',
    separateReader: true,
    migrations: searchMigrations,
  });
  return {
    writer: new SqliteSearchWriter(db),
    reader: new SqliteSearchReader(db),
    ...copyableSqlite(db),
    refresh: async () => {},
    ping: () => ping(db),
    close: () => db.close(),
  };
};
