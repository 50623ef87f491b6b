// Analytics over any database of ports/sql.

import { type SqlCopying, sqlCopyable } from '../sql/copy.ts';
import { type Database, ping } from '../sql/database.ts';
import type { AnalyticsStore, AnalyticsWriter } from './port.ts';
import { analyticsReader } from './reader.ts';
import { type AnalyticsTables, analyticsMigrations } from './tables.ts';
import { SqlAnalyticsWriter } from './writer.ts';

export const analyticsStore = (db: Database<AnalyticsTables>): AnalyticsStore => ({
  writer: new SqlAnalyticsWriter(db),
  reader: analyticsReader(db),
  ...sqlCopyable(copying(db)),
  ping: () => ping(db),
  close: () => db.close(),
});

/** The tables by what tells their rows apart. */
const copying = (db: Database<AnalyticsTables>): SqlCopying<AnalyticsTables, AnalyticsWriter> => ({
  name: 'analytics',
  db,
  tables: {
    analytics_messages: ['conversation_id', 'quarter', 'id'],
    analytics_reactions: ['conversation_id', 'message_id', 'user_id', 'emoji'],
    analytics_members: ['conversation_id', 'user_id'],
    analytics_conversations: ['conversation_id'],
    analytics_people: ['user_id'],
    analytics_daily: ['conversation_id', 'day'],
    analytics_people_daily: ['conversation_id', 'day', 'user_id'],
  },
  positions: 'analytics_positions',
  topics: ['chat.users', 'chat.conversations'],
  migrations: analyticsMigrations,
  writer: (beside) => new SqlAnalyticsWriter(beside),
});
