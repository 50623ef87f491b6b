// The reading of links in a SQLite file of the data folder.
import { join } from 'node:path';
import { openSqliteDatabase } from '../sql/sqlite.ts';
import type { PreviewStore } from './port.ts';
import { previewStore } from './store.ts';
import { type PreviewTables, previewMigrations } from './tables.ts';

export const openSqlitePreviews = async ({ dir }: { dir: string }): Promise<PreviewStore> =>
  previewStore(
    await openSqliteDatabase<PreviewTables>({
      file: join(dir, 'previews.db'),
      // What a power cut takes, position and jobs together, is looked at again.
      synchronous: 'NORMAL',
      separateReader: false,
      migrations: previewMigrations,
    }),
  );
