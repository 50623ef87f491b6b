// Webhooks over any database of ports/sql.
import { type Database, ping } from '../sql/database.ts';
import { movableTables } from '../sql/moving.ts';
import { deliveringPart } from './delivering.ts';
import { feedPart } from './feed.ts';
import { incomingPart } from './incoming.ts';
import { keepingPart, raiseVersion } from './keeping.ts';
import { movedShapes } from './moving.ts';
import { outstandingPart } from './outstanding.ts';
import type { WebhookStore } from './port.ts';
import type { WebhookTables } from './tables.ts';

export const webhookStore = (db: Database<WebhookTables>): WebhookStore => ({
  ...incomingPart(db),
  ...keepingPart(db),
  ...feedPart(db),
  ...outstandingPart(db),
  ...deliveringPart(db),
  moving: movableTables(db, movedShapes, (trx) => raiseVersion(db, trx)),
  ping: () => ping(db),
  close: () => db.close(),
});
