// Analytics over any database of ports/sql.
import { type Database, ping } from '../sql/database.ts';
import type { AnalyticsStore } from './port.ts';
import { analyticsReader } from './reader.ts';
import type { AnalyticsTables } from './tables.ts';
import { SqlAnalyticsWriter } from './writer.ts';

export const analyticsStore = (db: Database<AnalyticsTables>): AnalyticsStore => ({
  writer: new SqlAnalyticsWriter(db),
  reader: analyticsReader(db),
  ping: () => ping(db),
  close: () => db.close(),
});
