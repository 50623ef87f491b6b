// Accounts in MySQL or MariaDB, in the same database as history.
import { type MysqlOptions, openMysqlDatabase } from '../sql/mysql.ts';
import type { Accounts } from './port.ts';
import { accountStore } from './store.ts';
import { type AccountTables, accountMigrations } from './tables.ts';

export const openMysqlAccounts = async (options: MysqlOptions): Promise<Accounts> =>
  accountStore(await openMysqlDatabase<AccountTables>(options, accountMigrations));
