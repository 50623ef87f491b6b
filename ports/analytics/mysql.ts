// Analytics in MySQL or MariaDB, beside history.
import { type MysqlOptions, openMysqlDatabase } from '../sql/mysql.ts';
import type { AnalyticsStore } from './port.ts';
import { analyticsStore } from './store.ts';
import { type AnalyticsTables, analyticsMigrations } from './tables.ts';

export const openMysqlAnalytics = async (options: MysqlOptions): Promise<AnalyticsStore> =>
  analyticsStore(await openMysqlDatabase<AnalyticsTables>(options, analyticsMigrations));
