// Notifications in MySQL or MariaDB, beside history.
import { type MysqlOptions, openMysqlDatabase } from '../sql/mysql.ts';
import type { NotificationStore } from './port.ts';
import { notificationStore } from './store.ts';
import { type NotificationTables, notificationMigrations } from './tables.ts';

export const openMysqlNotifications = async (options: MysqlOptions): Promise<NotificationStore> =>
  notificationStore(await openMysqlDatabase<NotificationTables>(options, notificationMigrations));
