// Which tables are history's to make a second time, and which are presence's.
import type { Copyable } from '../copy.ts';
import type { CopiedTables } from '../sql/copied.ts';
import { sqlCopyable } from '../sql/copy.ts';
import type { Database } from '../sql/database.ts';
import { historyMigrations } from './migrations.ts';
import type { HistoryWriter, PresenceHistory } from './port.ts';
import { presenceHistory } from './presence.ts';
import type { HistoryTables } from './tables.ts';
import { SqlHistoryWriter } from './writer.ts';

type Db = Database<HistoryTables>;

const positions = 'log_positions';

const historyTables: CopiedTables = {
  users: ['id'],
  conversations: ['id'],
  conversation_users: ['conversation_id', 'user_id'],
  messages: ['conversation_id', 'position'],
  mentions: ['conversation_id', 'user_id', 'position', 'written'],
  reactions: ['message_id', 'user_id', 'emoji'],
  pins: ['message_id'],
  previews: ['message_id', 'id'],
  read_marks: ['conversation_id', 'user_id'],
  conversation_activity: ['conversation_id'],
  read_versions: ['conversation_id', 'user_id', 'position'],
  message_media: ['media_id', 'message_id'],
  message_versions: ['message_id', 'rev'],
  reaction_versions: ['message_id', 'user_id', 'emoji', 'rev'],
  member_versions: ['conversation_id', 'user_id', 'rev'],
  conversation_versions: ['conversation_id', 'rev'],
  message_days: ['conversation_id', 'sent_on'],
  dead_letters: ['topic', 'partition_id', 'event_offset'],
  dead_letter_events: ['topic', 'partition_id', 'event_offset'],
};
const presenceTables: CopiedTables = { user_presence: ['user_id'] };
/** By what tells their rows apart. */
export const copiedTables: CopiedTables = { ...historyTables, ...presenceTables };

export const historyCopying = (db: Db): Copyable<HistoryWriter> =>
  sqlCopyable({
    name: 'history',
    db,
    tables: historyTables,
    positions,
    topics: ['chat.users', 'chat.conversations'],
    migrations: historyMigrations,
    writer: (copied) => new SqlHistoryWriter(copied),
  });

export const presenceCopying = (db: Db): Copyable<PresenceHistory> =>
  sqlCopyable({
    name: 'presence',
    db,
    tables: presenceTables,
    positions,
    topics: ['chat.presence'],
    migrations: historyMigrations,
    writer: presenceHistory,
  });
