// Webhooks in MySQL or MariaDB, in the same database as history.
import { type MysqlOptions, openMysqlDatabase } from '../sql/mysql.ts';
import type { WebhookStore } from './port.ts';
import { webhookStore } from './store.ts';
import { type WebhookTables, webhookMigrations } from './tables.ts';

export const openMysqlWebhooks = async (options: MysqlOptions): Promise<WebhookStore> =>
  webhookStore(await openMysqlDatabase<WebhookTables>(options, webhookMigrations));
