// Accounts in one SQLite file of the data folder, beside history's and apart from it: this one cannot be made again.
import { join } from 'node:path';
import { openSqliteDatabase } from '../sql/sqlite.ts';
import type { AccountStore } from './port.ts';
import { accountStore } from './store.ts';
import { type AccountTables, accountMigrations } from './tables.ts';

export const openSqliteAccounts = async ({ dir }: { dir: string }): Promise<AccountStore> =>
  accountStore(
    await openSqliteDatabase<AccountTables>({
      file: join(dir, 'accounts.db'),
      synchronous: 'FULL',
      separateReader: false,
      migrations: accountMigrations,
    }),
  );
