// History in MySQL or MariaDB.
import { type MysqlOptions, openMysqlDatabase } from '../sql/mysql.ts';
import { historyMigrations } from './migrations.ts';
import type { HistoryStore } from './port.ts';
import { historyStore } from './store.ts';
import type { HistoryTables } from './tables.ts';

export const openMysqlHistory = async (options: MysqlOptions): Promise<HistoryStore> =>
  historyStore(await openMysqlDatabase<HistoryTables>(options, historyMigrations));
