// Webhooks over any database of ports/sql.
import { type Database, ping } from '../sql/database.ts';
import { deliveringPart } from './delivering.ts';
import { feedPart } from './feed.ts';
import { incomingPart } from './incoming.ts';
import { keepingPart } from './keeping.ts';
import type { WebhookStore } from './port.ts';
import type { WebhookTables } from './tables.ts';

export const webhookStore = (db: Database<WebhookTables>): WebhookStore => ({
  ...incomingPart(db),
  ...keepingPart(db),
  ...feedPart(db),
  ...deliveringPart(db),
  ping: () => ping(db),
  close: () => db.close(),
});
