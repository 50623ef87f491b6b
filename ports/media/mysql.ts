// What is known of files, in MySQL or MariaDB, in the same database as history.
import { openMysqlDatabase } from '../sql/mysql.ts';
import type { MediaRecords } from './port.ts';
import { mediaRecords } from './records.ts';
import { type MediaTables, mediaMigrations } from './tables.ts';

export const openMysqlMedia = async ({ url }: { url: string }): Promise<MediaRecords> =>
  mediaRecords(await openMysqlDatabase<MediaTables>({ url, connectionLimit: 4 }, mediaMigrations));
