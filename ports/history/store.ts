// History over any database of ports/sql.
import { type Database, ping } from '../sql/database.ts';
import { conversationReading } from './conversations.ts';
import { historyCopying, presenceCopying } from './copy.ts';
import { deadLetterReading } from './dead-letters.ts';
import { listReading } from './listing.ts';
import { messageReading } from './messages.ts';
import { pastReading } from './past.ts';
import { peopleReading } from './people.ts';
import type { HistoryReader, HistoryStore } from './port.ts';
import { appliedOf } from './positions.ts';
import { presenceHistory } from './presence.ts';
import { RowReader } from './rows.ts';
import type { HistoryTables } from './tables.ts';
import { SqlHistoryWriter } from './writer.ts';

export const historyStore = (db: Database<HistoryTables>): HistoryStore => ({
  writer: new SqlHistoryWriter(db),
  reader: historyReader(db),
  presence: { ...presenceHistory(db), ...presenceCopying(db) },
  ...historyCopying(db),
  ping: () => ping(db),
  close: () => db.close(),
});

const historyReader = (db: Database<HistoryTables>): HistoryReader => {
  const rows = new RowReader(db.dialect);
  return {
    ...conversationReading(db, rows),
    ...messageReading(db.read, rows),
    ...listReading(db, rows),
    ...peopleReading(db.read, rows),
    ...pastReading(db.read, rows),
    applied: (topic) => appliedOf(db.read, topic),
    ...deadLetterReading(db.read),
  };
};
