// The reading of links in MySQL or MariaDB, beside history.
import { openMysqlDatabase } from '../sql/mysql.ts';
import type { PreviewStore } from './port.ts';
import { previewStore } from './store.ts';
import { type PreviewTables, previewMigrations } from './tables.ts';

export const openMysqlPreviews = async ({ url }: { url: string }): Promise<PreviewStore> =>
  previewStore(await openMysqlDatabase<PreviewTables>({ url, connectionLimit: 3 }, previewMigrations));
