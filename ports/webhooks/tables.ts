// The tables of webhooks.
import type { Generated } from 'kysely';
import type { Migration } from '../sql/migrate.ts';
import { type PositionTable, positionTable } from '../sql/positions.ts';

export type IncomingTable = {
  id: string;
  name: string;
  bot_id: string;
  conversation_id: string;
  secret_hash: string;
  is_disabled: number;
  created_by: string;
  created_at: string;
  last_used_at: string | null;
};

export type HookTable = {
  id: string;
  name: string;
  bot_id: string;
  conversation_id: string | null;
  url: string;
  types: string;
  include_own: number;
  state: string;
  reason: string | null;
  paused_at: string | null;
  failing_since: string | null;
  last_success_at: string | null;
  secret: string;
  former_secret: string | null;
  former_until: string | null;
  horizon: string;
  created_by: string;
  created_at: string;
};

export type DeliveryTable = {
  hook_id: string;
  conversation_id: string;
  position: number;
  partition_id: number;
  delivery_id: string;
  type: string;
  message_id: string | null;
  body: string;
  /** `waiting` or `dead`. */
  state: string;
  enqueued_at: string;
  attempts: number;
  last_status: number | null;
  last_error: string | null;
};

export type ReplayTable = {
  hook_id: string;
  partition_id: number;
  /** Empty: all. */
  conversation_id: string;
  next_offset: number;
  end_offset: number;
  since: string | null;
  owner: string | null;
  leased_until: string;
};

export type WebhookTables = {
  incoming_hooks: IncomingTable;
  webhooks: HookTable;
  /** One row, which every change of a hook raises. */
  webhook_version: { name: string; version: number };
  webhook_positions: PositionTable;
  /** From where a paused hook misses something. */
  webhook_gaps: { hook_id: string; partition_id: number; from_offset: number };
  webhook_deliveries: DeliveryTable;
  webhook_lanes: {
    hook_id: string;
    conversation_id: string;
    due_at: string;
    owner: string | null;
    leased_until: string;
  };
  webhook_replays: ReplayTable;
  webhook_attempts: {
    id: Generated<number>;
    hook_id: string;
    delivery_id: string;
    type: string;
    conversation_id: string;
    position: number;
    at: string;
    outcome: string;
    attempt: number;
    status: number | null;
    error: string | null;
    duration_ms: number;
  };
};

/** The one row of `webhook_version`. */
export const hooksRow = 'hooks';
/** Nobody has a lease. */
export const longAgo = '1970-01-02T00:00:00.000Z';

export const webhookMigrations: Migration[] = [
  {
    name: 'webhooks-001',
    statements: (t) => [
      ...t.create({
        table: 'incoming_hooks',
        columns: `id ${t.id} NOT NULL PRIMARY KEY, name ${t.word(400)} NOT NULL, bot_id ${t.id} NOT NULL,
          conversation_id ${t.id} NOT NULL, secret_hash ${t.word(64)} NOT NULL, is_disabled ${t.flag} NOT NULL,
          created_by ${t.id} NOT NULL, created_at ${t.time} NOT NULL, last_used_at ${t.time}`,
        indexes: { incoming_hooks_of: 'conversation_id', incoming_hooks_of_bot: 'bot_id' },
      }),
      ...t.create({
        table: 'webhooks',
        columns: `id ${t.id} NOT NULL PRIMARY KEY, name ${t.word(400)} NOT NULL, bot_id ${t.id} NOT NULL,
          conversation_id ${t.id}, url ${t.text} NOT NULL, types ${t.text} NOT NULL, include_own ${t.flag} NOT NULL,
          state ${t.word(16)} NOT NULL, reason ${t.word(16)}, paused_at ${t.time}, failing_since ${t.time},
          last_success_at ${t.time}, secret ${t.word(100)} NOT NULL, former_secret ${t.word(100)},
          former_until ${t.time}, horizon ${t.text} NOT NULL, created_by ${t.id} NOT NULL,
          created_at ${t.time} NOT NULL`,
        indexes: { webhooks_of: 'conversation_id', webhooks_of_bot: 'bot_id' },
      }),
      ...t.create({
        table: 'webhook_version',
        columns: `name ${t.word(16)} NOT NULL PRIMARY KEY, version ${t.integer} NOT NULL`,
      }),
      `INSERT INTO webhook_version (name, version)
        SELECT * FROM (SELECT '${hooksRow}' AS name, 1 AS version) AS first
        WHERE NOT EXISTS (SELECT 1 FROM webhook_version)`,
      ...t.create(positionTable(t, 'webhook_positions')),
      ...t.create({
        table: 'webhook_gaps',
        columns: `hook_id ${t.id} NOT NULL, partition_id ${t.integer} NOT NULL, from_offset ${t.integer} NOT NULL`,
        clusteredBy: 'hook_id, partition_id',
      }),
      ...t.create({
        table: 'webhook_deliveries',
        columns: `hook_id ${t.id} NOT NULL, conversation_id ${t.id} NOT NULL, position ${t.integer} NOT NULL,
          partition_id ${t.integer} NOT NULL, delivery_id ${t.id} NOT NULL, type ${t.word(32)} NOT NULL,
          message_id ${t.id}, body ${t.text} NOT NULL, state ${t.word(8)} NOT NULL, enqueued_at ${t.time} NOT NULL,
          attempts ${t.integer} NOT NULL, last_status ${t.integer}, last_error ${t.word(1000)}`,
        clusteredBy: 'hook_id, conversation_id, position',
        indexes: {
          webhook_deliveries_by_time: 'hook_id, state, enqueued_at',
          webhook_deliveries_of_message: 'message_id',
        },
      }),
      ...t.create({
        table: 'webhook_lanes',
        columns: `hook_id ${t.id} NOT NULL, conversation_id ${t.id} NOT NULL, due_at ${t.time} NOT NULL,
          owner ${t.id}, leased_until ${t.time} NOT NULL`,
        clusteredBy: 'hook_id, conversation_id',
        indexes: { webhook_lanes_by_time: 'due_at' },
      }),
      ...t.create({
        table: 'webhook_replays',
        columns: `hook_id ${t.id} NOT NULL, partition_id ${t.integer} NOT NULL, conversation_id ${t.word(36)} NOT NULL,
          next_offset ${t.integer} NOT NULL, end_offset ${t.integer} NOT NULL, since ${t.time}, owner ${t.id},
          leased_until ${t.time} NOT NULL`,
        clusteredBy: 'hook_id, partition_id, conversation_id',
      }),
      ...t.create({
        table: 'webhook_attempts',
        columns: `id ${t.serial}, hook_id ${t.id} NOT NULL, delivery_id ${t.id} NOT NULL, type ${t.word(32)} NOT NULL,
          conversation_id ${t.id} NOT NULL, position ${t.integer} NOT NULL, at ${t.time} NOT NULL,
          outcome ${t.word(16)} NOT NULL, attempt ${t.integer} NOT NULL, status ${t.integer},
          error ${t.word(1000)}, duration_ms ${t.integer} NOT NULL`,
        indexes: { webhook_attempts_of: 'hook_id, id' },
      }),
    ],
  },
];
