// Operations in MySQL or MariaDB, in the same database as history.
import { openMysqlDatabase } from '../sql/mysql.ts';
import type { Operations } from './port.ts';
import { operationStore } from './store.ts';
import { type OperationTables, operationMigrations } from './tables.ts';

export const openMysqlOperations = async ({ url }: { url: string }): Promise<Operations> =>
  operationStore(await openMysqlDatabase<OperationTables>({ url, connectionLimit: 2 }, operationMigrations));
