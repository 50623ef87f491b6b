// Notifications over any database of ports/sql.
import { type Database, ping } from '../sql/database.ts';
import { movableTables } from '../sql/moving.ts';
import { explainingPart } from './explaining.ts';
import { movedShapes } from './moving.ts';
import { peoplePart } from './people.ts';
import type { NotificationStore } from './port.ts';
import { queuePart } from './queue.ts';
import type { NotificationTables } from './tables.ts';
import { writerPart } from './writer.ts';

export const notificationStore = (db: Database<NotificationTables>): NotificationStore => ({
  writer: writerPart(db),
  queue: queuePart(db),
  people: peoplePart(db),
  explaining: explainingPart(db),
  moving: movableTables(db, movedShapes),
  ping: () => ping(db),
  close: () => db.close(),
});
