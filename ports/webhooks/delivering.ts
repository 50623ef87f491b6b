// What whoever delivers does, under leases.
import { type Database, runAll, transaction } from '../sql/database.ts';
import type { HookDelivering, Lane } from './port.ts';
import { deliveryOf, enqueue, replayOf } from './rows.ts';
import { longAgo, type WebhookTables } from './tables.ts';

const attemptsKept = 300;
const trimmedEvery = 50;
const errorMax = 500;

export const deliveringPart = (db: Database<WebhookTables>): HookDelivering => {
  const { dialect, read } = db;
  const never = dialect.toTime(longAgo);

  const sameLane = ({ hookId, conversationId }: Lane) =>
    ({ hook_id: hookId, conversation_id: conversationId }) as const;

  return {
    dueLanes: async (now, limit, exceptHooks) => {
      let query = read
        .selectFrom('webhook_lanes as l')
        .innerJoin('webhooks as h', 'h.id', 'l.hook_id')
        .select(['l.hook_id', 'l.conversation_id'])
        .where('h.state', '=', 'active')
        .where('l.due_at', '<=', dialect.toTime(now))
        .where('l.leased_until', '<=', dialect.toTime(now));
      if (exceptHooks.length > 0) query = query.where('l.hook_id', 'not in', exceptHooks);
      const rows = await query.orderBy('l.due_at').limit(limit).execute();
      return rows.map((row) => ({ hookId: row.hook_id, conversationId: row.conversation_id }));
    },
    leaseLane: async (lane, { owner, until }, now) => {
      const { numUpdatedRows } = await db.write
        .updateTable('webhook_lanes')
        .set({ owner, leased_until: dialect.toTime(until) })
        .where((where) => where.and(sameLane(lane)))
        .where('leased_until', '<=', dialect.toTime(now))
        .executeTakeFirst();
      return numUpdatedRows > 0n;
    },
    nextIn: async (lane) => {
      const row = await read
        .selectFrom('webhook_deliveries')
        .selectAll()
        .where((where) => where.and(sameLane(lane)))
        .where('state', '=', 'waiting')
        .orderBy('position')
        .limit(1)
        .executeTakeFirst();
      if (!row) return { kind: 'none' };
      const before = await read
        .selectFrom('webhook_replays')
        .select('hook_id')
        .where('hook_id', '=', lane.hookId)
        .where('partition_id', '=', row.partition_id)
        .where('conversation_id', 'in', ['', lane.conversationId])
        .where('next_offset', '<', row.position)
        .executeTakeFirst();
      return before ? { kind: 'held' } : { kind: 'delivery', delivery: deliveryOf(dialect, row) };
    },
    settle: (delivery, attempt, outcome, { owner, until }) =>
      transaction(db, async (trx) => {
        const failed = outcome.kind === 'failed';
        const { numUpdatedRows } = await trx
          .updateTable('webhook_lanes')
          .set(
            failed
              ? { owner: null, leased_until: never, due_at: dialect.toTime(outcome.retryAt) }
              : { leased_until: dialect.toTime(until) },
          )
          .where((where) => where.and(sameLane(delivery)))
          .where('owner', '=', owner)
          .executeTakeFirst();
        if (numUpdatedRows === 0n) return false;
        const row = { ...sameLane(delivery), position: delivery.position };
        const error = attempt.error?.slice(0, errorMax) ?? null;
        const at = dialect.toTime(attempt.at);
        if (outcome.kind === 'delivered') {
          await trx
            .deleteFrom('webhook_deliveries')
            .where((where) => where.and(row))
            .execute();
          await trx
            .updateTable('webhooks')
            .set({ last_success_at: at, failing_since: null })
            .where('id', '=', delivery.hookId)
            .execute();
        } else {
          const state = outcome.kind === 'dead' ? 'dead' : 'waiting';
          await trx
            .updateTable('webhook_deliveries')
            .set({
              state,
              attempts: delivery.attempts + 1,
              last_status: attempt.status,
              last_error: error,
            })
            .where((where) => where.and(row))
            .execute();
          await trx
            .updateTable('webhooks')
            .set({ failing_since: at })
            .where('id', '=', delivery.hookId)
            .where('failing_since', 'is', null)
            .execute();
        }
        const { insertId } = await trx
          .insertInto('webhook_attempts')
          .values({
            hook_id: delivery.hookId,
            delivery_id: delivery.id,
            type: delivery.type,
            conversation_id: delivery.conversationId,
            position: delivery.position,
            at,
            outcome: outcome.kind,
            attempt: delivery.attempts + 1,
            status: attempt.status,
            error,
            duration_ms: attempt.durationMs,
          })
          .executeTakeFirstOrThrow();
        if (Number(insertId) % trimmedEvery === 0) {
          const kept = await trx
            .selectFrom('webhook_attempts')
            .select('id')
            .where('hook_id', '=', delivery.hookId)
            .orderBy('id', 'desc')
            .limit(1)
            .offset(attemptsKept)
            .executeTakeFirst();
          if (kept)
            await trx
              .deleteFrom('webhook_attempts')
              .where('hook_id', '=', delivery.hookId)
              .where('id', '<=', kept.id)
              .execute();
        }
        return true;
      }),
    leaveLane: (lane, owner, dueAt) =>
      transaction(db, async (trx) => {
        const query = trx
          .selectFrom('webhook_lanes')
          .select('owner')
          .where((where) => where.and(sameLane(lane)));
        // Locked before looking: whoever writes something down for this lane comes before or after.
        const kept = await (dialect.locksRows ? query.forUpdate() : query).executeTakeFirst();
        if (kept?.owner !== owner) return;
        const waits = await trx
          .selectFrom('webhook_deliveries')
          .select('position')
          .where((where) => where.and(sameLane(lane)))
          .where('state', '=', 'waiting')
          .limit(1)
          .executeTakeFirst();
        if (waits)
          await trx
            .updateTable('webhook_lanes')
            .set({ owner: null, leased_until: never, due_at: dialect.toTime(dueAt) })
            .where((where) => where.and(sameLane(lane)))
            .execute();
        else
          await trx
            .deleteFrom('webhook_lanes')
            .where((where) => where.and(sameLane(lane)))
            .execute();
      }),

    takeReplay: async ({ owner, until }, now) => {
      const rows = await read
        .selectFrom('webhook_replays as r')
        .innerJoin('webhooks as h', 'h.id', 'r.hook_id')
        .selectAll('r')
        .where('h.state', '=', 'active')
        .where('r.leased_until', '<=', dialect.toTime(now))
        .limit(10)
        .execute();
      for (const row of rows) {
        const { numUpdatedRows } = await db.write
          .updateTable('webhook_replays')
          .set({ owner, leased_until: dialect.toTime(until) })
          .where('hook_id', '=', row.hook_id)
          .where('partition_id', '=', row.partition_id)
          .where('conversation_id', '=', row.conversation_id)
          .where('next_offset', '=', row.next_offset)
          .where('end_offset', '=', row.end_offset)
          .where('leased_until', '<=', dialect.toTime(now))
          .executeTakeFirst();
        if (numUpdatedRows > 0n) return replayOf(dialect, row);
      }
      return null;
    },
    replayed: (replay, { next, deliveries, now }, { owner, until }) =>
      transaction(db, async (trx) => {
        const { hookId, partition } = replay;
        const conversationId = replay.conversationId ?? '';
        const { numUpdatedRows } = await trx
          .updateTable('webhook_replays')
          .set({ next_offset: next, leased_until: dialect.toTime(until) })
          .where('hook_id', '=', hookId)
          .where('partition_id', '=', partition)
          .where('conversation_id', '=', conversationId)
          .where('owner', '=', owner)
          .executeTakeFirst();
        if (numUpdatedRows === 0n) return false;
        // What was given up in this stretch is told again with the rest.
        let given = trx
          .deleteFrom('webhook_deliveries')
          .where('hook_id', '=', hookId)
          .where('partition_id', '=', partition)
          .where('state', '=', 'dead')
          .where('position', '>', replay.next)
          .where('position', '<=', next);
        if (replay.conversationId !== null)
          given = given.where('conversation_id', '=', replay.conversationId);
        await given.execute();
        await runAll(trx, enqueue(dialect, deliveries, now));
        if (next >= replay.end)
          await trx
            .deleteFrom('webhook_replays')
            .where('hook_id', '=', hookId)
            .where('partition_id', '=', partition)
            .where('conversation_id', '=', conversationId)
            .execute();
        return true;
      }),
    leaveReplay: async ({ hookId, partition, conversationId }, owner) => {
      await db.write
        .updateTable('webhook_replays')
        .set({ owner: null, leased_until: never })
        .where('hook_id', '=', hookId)
        .where('partition_id', '=', partition)
        .where('conversation_id', '=', conversationId ?? '')
        .where('owner', '=', owner)
        .execute();
    },
    dropLeases: async () => {
      const nobody = { owner: null, leased_until: never };
      await db.write.updateTable('webhook_lanes').set(nobody).where('leased_until', '>', never).execute();
      await db.write.updateTable('webhook_replays').set(nobody).where('leased_until', '>', never).execute();
    },
  };
};
