// Analytics in one SQLite file of the data folder.
import { join } from 'node:path';
import { openSqliteDatabase } from '../sql/sqlite.ts';
import type { AnalyticsStore } from './port.ts';
import { analyticsStore } from './store.ts';
import { type AnalyticsTables, analyticsMigrations } from './tables.ts';

export const openSqliteAnalytics = async ({ dir }: { dir: string }): Promise<AnalyticsStore> =>
  analyticsStore(
    await openSqliteDatabase<AnalyticsTables>({
      file: join(dir, 'analytics.db'),
      // What a power cut takes is counted again from the log.
      synchronous: 'NORMAL',
      separateReader: true,
      migrations: analyticsMigrations,
    }),
  );
