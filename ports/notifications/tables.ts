// The tables of notifications. What people chose and the addresses of their devices are nowhere else, so they cannot be
// made again from the log.
import type { Generated } from 'kysely';
import type { Migration } from '../sql/migrate.ts';
import { type PositionTable, positionTable } from '../sql/positions.ts';

export type NoticeTable = {
  id: string;
  form: string;
  user_id: string;
  conversation_id: string;
  message_id: string;
  position: number;
  kind: string;
  channel: string;
  /** Empty: on no device in particular. */
  session_id: string;
  /** Null: settled. Of a leased one the end of its lease. */
  due_ms: number | null;
  /** Who works at it; null: nobody does. */
  lease: string | null;
  attempts: number;
  state: string;
  reason: string | null;
  made_ms: number;
  settled_ms: number | null;
};

export type NotificationTables = {
  notification_preferences: { user_id: string; value: string; changed_ms: number };
  notification_subscriptions: {
    id: string;
    user_id: string;
    session_id: string;
    endpoint: string;
    /** Of the endpoint, which is too long for a key. */
    endpoint_hash: string;
    p256dh: string;
    auth: string;
    created_ms: number;
    last_sent_ms: number | null;
  };
  notification_notices: NoticeTable;
  notification_decisions: {
    event_id: string;
    message_id: string;
    conversation_id: string;
    at_ms: number;
    body: string;
  };
  /** `lease_ms`: until then somebody writes it to the log. */
  notification_outbox: {
    id: Generated<number>;
    message_key: string;
    value: string;
    lease: string | null;
    lease_ms: number;
  };
  notification_positions: PositionTable;
  /** Nothing before `horizon` is ever told. Only rises. */
  notification_horizons: { topic: string; partition_id: number; epoch: string; horizon: number };
};

export const notificationMigrations: Migration[] = [
  {
    name: 'notifications-001',
    statements: (t) => [
      ...t.create({
        table: 'notification_preferences',
        columns: `user_id ${t.id} NOT NULL PRIMARY KEY, value ${t.text} NOT NULL, changed_ms ${t.integer} NOT NULL`,
      }),
      ...t.create({
        table: 'notification_subscriptions',
        columns: `id ${t.id} NOT NULL PRIMARY KEY, user_id ${t.id} NOT NULL, session_id ${t.id} NOT NULL UNIQUE,
          endpoint ${t.text} NOT NULL, endpoint_hash ${t.word(64)} NOT NULL UNIQUE, p256dh ${t.word(100)} NOT NULL,
          auth ${t.word(32)} NOT NULL, created_ms ${t.integer} NOT NULL, last_sent_ms ${t.integer}`,
        indexes: { notification_subscriptions_of_user: 'user_id' },
      }),
      ...t.create({
        table: 'notification_bounces',
        columns: `user_id ${t.id} NOT NULL, at_ms ${t.integer} NOT NULL, address ${t.word(320)} NOT NULL,
          kind ${t.word(16)} NOT NULL, detail ${t.text} NOT NULL`,
        clusteredBy: 'user_id, at_ms',
      }),
      ...t.create({
        table: 'notification_notices',
        columns: `id ${t.id} NOT NULL PRIMARY KEY, form ${t.word(16)} NOT NULL, user_id ${t.id} NOT NULL,
          conversation_id ${t.id} NOT NULL, message_id ${t.id} NOT NULL, position ${t.integer} NOT NULL,
          kind ${t.word(16)} NOT NULL, channel ${t.word(16)} NOT NULL, session_id ${t.word(36)} NOT NULL,
          due_ms ${t.integer}, lease ${t.id}, attempts ${t.integer} NOT NULL, state ${t.word(16)} NOT NULL,
          reason ${t.word(32)}, made_ms ${t.integer} NOT NULL, settled_ms ${t.integer}`,
        indexes: {
          notification_notices_by_due: 'due_ms',
          notification_notices_by_lease: 'lease',
          notification_notices_of_person: 'user_id, conversation_id',
          notification_notices_of_message: 'message_id',
          notification_notices_by_end: 'settled_ms',
        },
      }),
      ...t.create({
        table: 'notification_decisions',
        columns: `event_id ${t.id} NOT NULL PRIMARY KEY, message_id ${t.id} NOT NULL, conversation_id ${t.id} NOT NULL,
          at_ms ${t.integer} NOT NULL, body ${t.text} NOT NULL`,
        indexes: {
          notification_decisions_of_message: 'message_id',
          notification_decisions_by_time: 'at_ms',
        },
      }),
      ...t.create({
        table: 'notification_outbox',
        columns: `id ${t.serial}, message_key ${t.id} NOT NULL, value ${t.text} NOT NULL,
          lease ${t.id}, lease_ms ${t.integer} NOT NULL`,
      }),
      ...t.create(positionTable(t, 'notification_positions')),
      ...t.create({
        table: 'notification_horizons',
        columns: `topic ${t.word(100)} NOT NULL, partition_id ${t.integer} NOT NULL, epoch ${t.word(100)} NOT NULL,
          horizon ${t.integer} NOT NULL`,
        clusteredBy: 'topic, partition_id',
      }),
    ],
  },
  {
    // Mail that came back is known with the account.
    name: 'notifications-002',
    statements: () => ['DROP TABLE IF EXISTS notification_bounces'],
  },
];
