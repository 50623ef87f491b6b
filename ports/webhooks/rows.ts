// From the rows of the tables to hooks and deliveries, and back.
import type { WebhookType } from '../../schemas/bots.ts';
import type { Dialect } from '../sql/dialect.ts';
import type { Delivery, Hook, NewDelivery, PauseReason, Replay } from './port.ts';
import { type DeliveryTable, type HookTable, longAgo, type ReplayTable } from './tables.ts';

export const optionalOf = (dialect: Dialect, kept: string | null): string | null =>
  kept === null ? null : dialect.fromTime(kept);
export const optional = (dialect: Dialect, time: string | null): string | null =>
  time === null ? null : dialect.toTime(time);

export const hookOf = (dialect: Dialect, row: HookTable): Hook => ({
  id: row.id,
  name: row.name,
  botId: row.bot_id,
  conversationId: row.conversation_id,
  url: row.url,
  types: JSON.parse(row.types) as WebhookType[],
  includeOwn: row.include_own === 1,
  state: row.state as Hook['state'],
  reason: row.reason as PauseReason | null,
  pausedAt: optionalOf(dialect, row.paused_at),
  failingSince: optionalOf(dialect, row.failing_since),
  lastSuccessAt: optionalOf(dialect, row.last_success_at),
  secret: row.secret,
  former:
    row.former_secret === null || row.former_until === null
      ? null
      : { secret: row.former_secret, until: dialect.fromTime(row.former_until) },
  horizon: JSON.parse(row.horizon) as number[],
  createdBy: row.created_by,
  createdAt: dialect.fromTime(row.created_at),
});

export const hookValues = (dialect: Dialect, hook: Hook): HookTable => ({
  id: hook.id,
  name: hook.name,
  bot_id: hook.botId,
  conversation_id: hook.conversationId,
  url: hook.url,
  types: JSON.stringify(hook.types),
  include_own: Number(hook.includeOwn),
  state: hook.state,
  reason: hook.reason,
  paused_at: optional(dialect, hook.pausedAt),
  failing_since: optional(dialect, hook.failingSince),
  last_success_at: optional(dialect, hook.lastSuccessAt),
  secret: hook.secret,
  former_secret: hook.former?.secret ?? null,
  former_until: optional(dialect, hook.former?.until ?? null),
  horizon: JSON.stringify(hook.horizon),
  created_by: hook.createdBy,
  created_at: dialect.toTime(hook.createdAt),
});

export const deliveryOf = (dialect: Dialect, row: DeliveryTable): Delivery => ({
  hookId: row.hook_id,
  conversationId: row.conversation_id,
  partition: row.partition_id,
  position: row.position,
  id: row.delivery_id,
  type: row.type as WebhookType,
  messageId: row.message_id,
  body: row.body,
  enqueuedAt: dialect.fromTime(row.enqueued_at),
  attempts: row.attempts,
  lastStatus: row.last_status,
  lastError: row.last_error,
});

export const replayOf = (dialect: Dialect, row: ReplayTable): Replay => ({
  hookId: row.hook_id,
  partition: row.partition_id,
  conversationId: row.conversation_id || null,
  next: row.next_offset,
  end: row.end_offset,
  since: optionalOf(dialect, row.since),
});

const deliveryColumns = [
  'hook_id',
  'conversation_id',
  'position',
  'partition_id',
  'delivery_id',
  'type',
  'message_id',
  'body',
  'state',
  'enqueued_at',
  'attempts',
];
const laneColumns = ['hook_id', 'conversation_id', 'due_at', 'owner', 'leased_until'];

/** Statements that write deliveries down with their lanes; what is there already stays. */
export const enqueue = (dialect: Dialect, deliveries: NewDelivery[], now: string) => {
  const at = dialect.toTime(now);
  const lanes = new Map(deliveries.map((one) => [`${one.hookId}/${one.conversationId}`, one]));
  return [
    ...dialect.insertNew({
      table: 'webhook_deliveries',
      columns: deliveryColumns,
      rows: deliveries.map((one) => [
        one.hookId,
        one.conversationId,
        one.position,
        one.partition,
        one.id,
        one.type,
        one.messageId,
        one.body,
        'waiting',
        at,
        0,
      ]),
    }),
    ...dialect.insertNew({
      table: 'webhook_lanes',
      columns: laneColumns,
      rows: [...lanes.values()].map((one) => [
        one.hookId,
        one.conversationId,
        at,
        null,
        dialect.toTime(longAgo),
      ]),
    }),
  ];
};
