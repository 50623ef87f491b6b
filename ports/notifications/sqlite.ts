// Notifications in one SQLite file of the data folder. What people chose is in it, so a commit outlives a power cut.
import { join } from 'node:path';
import { openSqliteDatabase } from '../sql/sqlite.ts';
import type { NotificationStore } from './port.ts';
import { notificationStore } from './store.ts';
import { type NotificationTables, notificationMigrations } from './tables.ts';

export const openSqliteNotifications = async ({ dir }: { dir: string }): Promise<NotificationStore> =>
  notificationStore(
    await openSqliteDatabase<NotificationTables>({
      file: join(dir, 'notifications.db'),
      synchronous: 'FULL',
      separateReader: true,
      migrations: notificationMigrations,
    }),
  );
