// Accounts in MySQL or MariaDB, in the same database as history.
import { type MysqlOptions, openMysqlDatabase } from '../sql/mysql.ts';
import type { AccountStore } from './port.ts';
import { accountStore } from './store.ts';
import { type AccountTables, accountMigrations } from './tables.ts';

export const openMysqlAccounts = async (options: MysqlOptions): Promise<AccountStore> =>
  accountStore(await openMysqlDatabase<AccountTables>(options, accountMigrations));
