// Webhooks in one SQLite file of the data folder. What was delivered and what waits cannot be made again from the log.
import { join } from 'node:path';
import { openSqliteDatabase } from '../sql/sqlite.ts';
import type { WebhookStore } from './port.ts';
import { webhookStore } from './store.ts';
import { type WebhookTables, webhookMigrations } from './tables.ts';

export const openSqliteWebhooks = async ({ dir }: { dir: string }): Promise<WebhookStore> =>
  webhookStore(
    await openSqliteDatabase<WebhookTables>({
      file: join(dir, 'webhooks.db'),
      synchronous: 'FULL',
      separateReader: false,
      migrations: webhookMigrations,
    }),
  );
