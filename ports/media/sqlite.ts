// What is known of files, in a SQLite file of the data folder.
import { join } from 'node:path';
import { openSqliteDatabase } from '../sql/sqlite.ts';
import type { MediaRecords } from './port.ts';
import { mediaRecords } from './records.ts';
import { type MediaTables, mediaMigrations } from './tables.ts';

export const openSqliteMedia = async ({ dir }: { dir: string }): Promise<MediaRecords> =>
  mediaRecords(
    await openSqliteDatabase<MediaTables>({
      file: join(dir, 'media.db'),
      // It cannot be made again from the log.
      synchronous: 'FULL',
      separateReader: false,
      migrations: mediaMigrations,
    }),
  );
