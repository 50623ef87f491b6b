// Operations in a SQLite file of the data folder: apart from the others, so that tools may order something beside a server.
import { join } from 'node:path';
import { openSqliteDatabase } from '../sql/sqlite.ts';
import type { Operations } from './port.ts';
import { operationStore } from './store.ts';
import { type OperationTables, operationMigrations } from './tables.ts';

export const openSqliteOperations = async ({ dir }: { dir: string }): Promise<Operations> =>
  operationStore(
    await openSqliteDatabase<OperationTables>({
      file: join(dir, 'operations.db'),
      // A report every few seconds must not cost a write to the disk.
      synchronous: 'NORMAL',
      separateReader: false,
      migrations: operationMigrations,
    }),
  );
