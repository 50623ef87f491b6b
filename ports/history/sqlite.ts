// History in one SQLite file of the data folder.
import { join } from 'node:path';
import { openSqliteDatabase } from '../sql/sqlite.ts';
import { historyMigrations } from './migrations.ts';
import type { HistoryStore } from './port.ts';
import { historyStore } from './store.ts';
import type { HistoryTables } from './tables.ts';

export const openSqliteHistory = async ({ dir }: { dir: string }): Promise<HistoryStore> =>
  historyStore(
    await openSqliteDatabase<HistoryTables>({
      file: join(dir, 'history.db'),
      // What a power cut takes is applied again from the log: rows and position go together.
      synchronous: 'NORMAL',
      separateReader: true,
      migrations: historyMigrations,
    }),
  );
