// The tables of analytics: facts, from which everything can be counted again, and daily sums to be read with SQL.
// docs/analytics.md explains them to those who do.
import type { Migration } from '../sql/migrate.ts';
import { type PositionTable, positionTable } from '../sql/positions.ts';

export type AnalyticsTables = {
  analytics_messages: {
    conversation_id: string;
    quarter: number;
    id: string;
    sender_id: string;
    sent_at: string;
    position: number;
    response_ms: number | null;
    response_step: number | null;
    deleted: number;
    rev: number;
  };
  analytics_reactions: {
    conversation_id: string;
    message_id: string;
    user_id: string;
    emoji: string;
    quarter: number;
    reacted_at: string;
    position: number;
    active: number;
    rev: number;
  };
  analytics_members: {
    conversation_id: string;
    user_id: string;
    quarter: number;
    joined_at: string;
    position: number;
  };
  /** Whoever wrote last in a one-to-one conversation, and since when they have waited for an answer. */
  analytics_conversations: {
    conversation_id: string;
    is_group: number;
    waiting_user_id: string | null;
    waiting_since: string | null;
    position: number;
  };
  analytics_people: {
    user_id: string;
    quarter: number;
    registered_at: string;
    placeholder: number;
    rev: number;
  };
  analytics_daily: {
    conversation_id: string;
    day: string;
    messages: number;
    reactions: number;
    active_people: number;
    new_people: number;
    responses: number;
    response_ms: number;
  };
  analytics_people_daily: {
    conversation_id: string;
    day: string;
    user_id: string;
    messages: number;
    reactions: number;
  };
  analytics_positions: PositionTable;
};

export const analyticsMigrations: Migration[] = [
  {
    name: 'analytics-001',
    statements: (t) => [
      ...t.create({
        table: 'analytics_messages',
        columns: `conversation_id ${t.id} NOT NULL, quarter ${t.integer} NOT NULL, id ${t.id} NOT NULL,
          sender_id ${t.id} NOT NULL, sent_at ${t.time} NOT NULL, position ${t.integer} NOT NULL,
          response_ms ${t.integer}, response_step ${t.integer}, deleted ${t.flag} NOT NULL, rev ${t.integer} NOT NULL`,
        // In the order of time, as they are asked for.
        clusteredBy: 'conversation_id, quarter, id',
        indexes: { analytics_messages_by_id: 'id', analytics_messages_by_time: 'quarter' },
      }),
      ...t.create({
        table: 'analytics_reactions',
        columns: `conversation_id ${t.id} NOT NULL, message_id ${t.id} NOT NULL, user_id ${t.id} NOT NULL,
          emoji ${t.word(64)} NOT NULL, quarter ${t.integer} NOT NULL, reacted_at ${t.time} NOT NULL,
          position ${t.integer} NOT NULL, active ${t.flag} NOT NULL, rev ${t.integer} NOT NULL`,
        clusteredBy: 'conversation_id, message_id, user_id, emoji',
        indexes: {
          analytics_reactions_by_conversation: 'conversation_id, quarter',
          analytics_reactions_by_time: 'quarter',
        },
      }),
      ...t.create({
        table: 'analytics_members',
        columns: `conversation_id ${t.id} NOT NULL, user_id ${t.id} NOT NULL, quarter ${t.integer} NOT NULL,
          joined_at ${t.time} NOT NULL, position ${t.integer} NOT NULL`,
        clusteredBy: 'conversation_id, user_id',
        indexes: { analytics_members_by_conversation: 'conversation_id, quarter' },
      }),
      ...t.create({
        table: 'analytics_conversations',
        columns: `conversation_id ${t.id} NOT NULL PRIMARY KEY, is_group ${t.flag} NOT NULL, waiting_user_id ${t.id},
          waiting_since ${t.time}, position ${t.integer} NOT NULL`,
      }),
      ...t.create({
        table: 'analytics_people',
        columns: `user_id ${t.id} NOT NULL PRIMARY KEY, quarter ${t.integer} NOT NULL, registered_at ${t.time} NOT NULL,
          placeholder ${t.flag} NOT NULL, rev ${t.integer} NOT NULL`,
        indexes: { analytics_people_by_time: 'quarter' },
      }),
      ...t.create({
        table: 'analytics_daily',
        columns: `conversation_id ${t.id} NOT NULL, day ${t.date} NOT NULL, messages ${t.integer} NOT NULL,
          reactions ${t.integer} NOT NULL, active_people ${t.integer} NOT NULL, new_people ${t.integer} NOT NULL,
          responses ${t.integer} NOT NULL, response_ms ${t.integer} NOT NULL`,
        clusteredBy: 'conversation_id, day',
        indexes: { analytics_daily_by_day: 'day' },
      }),
      ...t.create({
        table: 'analytics_people_daily',
        columns: `conversation_id ${t.id} NOT NULL, day ${t.date} NOT NULL, user_id ${t.id} NOT NULL,
          messages ${t.integer} NOT NULL, reactions ${t.integer} NOT NULL`,
        clusteredBy: 'conversation_id, day, user_id',
        indexes: { analytics_people_daily_by_day: 'day' },
      }),
      ...t.create(positionTable(t, 'analytics_positions')),
    ],
  },
];
