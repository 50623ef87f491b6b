// What the managers of hooks do. Every change raises the version, under its row's lock, so that a consumer notices.
import type { Transaction } from 'kysely';
import type { Database } from '../sql/database.ts';
import { runAll, transaction } from '../sql/database.ts';
import { missed } from './outstanding.ts';
import type { HookCounts, HookKeeping, LoggedAttempt, Replay } from './port.ts';
import { deliveryOf, hookOf, hookValues, optional } from './rows.ts';
import { hooksRow, longAgo, type WebhookTables } from './tables.ts';

type Trx = Transaction<WebhookTables>;

const shownMax = 1_000;

/** The version, kept from changing until the transaction ends. */
export const lockedVersion = async ({ dialect }: Database<WebhookTables>, trx: Trx): Promise<number> => {
  const query = trx.selectFrom('webhook_version').select('version').where('name', '=', hooksRow);
  const row = await (dialect.locksRows ? query.forUpdate() : query).executeTakeFirstOrThrow();
  return row.version;
};

export const raiseVersion = async (db: Database<WebhookTables>, trx: Trx): Promise<void> => {
  const version = (await lockedVersion(db, trx)) + 1;
  await trx.updateTable('webhook_version').set({ version }).where('name', '=', hooksRow).execute();
};

export const keepingPart = (db: Database<WebhookTables>): HookKeeping => {
  const { dialect, read } = db;

  /** Whatever `work` does to hooks, consumers take it into account from now on. */
  const changing = <R>(work: (trx: Trx) => Promise<R>): Promise<R> =>
    transaction(db, async (trx) => {
      await raiseVersion(db, trx);
      return work(trx);
    });
  const exists = async (trx: Trx, id: string) =>
    (await trx.selectFrom('webhooks').select('id').where('id', '=', id).executeTakeFirst()) !== undefined;

  const addReplays = async (trx: Trx, replays: Replay[]): Promise<void> => {
    for (const replay of replays) {
      const { hookId, partition, since } = replay;
      const conversationId = replay.conversationId ?? '';
      const same = trx
        .selectFrom('webhook_replays')
        .selectAll()
        .where('hook_id', '=', hookId)
        .where('partition_id', '=', partition)
        .where('conversation_id', '=', conversationId);
      const kept = await (dialect.locksRows ? same.forUpdate() : same).executeTakeFirst();
      const keptSince = kept?.since ?? null;
      const values = {
        next_offset: Math.min(replay.next, kept?.next_offset ?? replay.next),
        end_offset: Math.max(replay.end, kept?.end_offset ?? replay.end),
        since:
          kept && (keptSince === null || since === null)
            ? null
            : ([keptSince, optional(dialect, since)].filter((time) => time !== null).sort()[0] ?? null),
        // Whoever works on the one before begins anew.
        owner: null,
        leased_until: dialect.toTime(longAgo),
      };
      if (kept)
        await trx
          .updateTable('webhook_replays')
          .set(values)
          .where('hook_id', '=', hookId)
          .where('partition_id', '=', partition)
          .where('conversation_id', '=', conversationId)
          .execute();
      else if (replay.next < replay.end)
        await trx
          .insertInto('webhook_replays')
          .values({ hook_id: hookId, partition_id: partition, conversation_id: conversationId, ...values })
          .execute();
    }
  };

  return {
    createHook: (hook, { max }) =>
      changing(async (trx) => {
        const own = await trx.selectFrom('webhooks').select('id').where('bot_id', '=', hook.botId).execute();
        if (own.length >= max) return 'full';
        await trx.insertInto('webhooks').values(hookValues(dialect, hook)).execute();
        return 'made';
      }),
    hook: async (id) => {
      const row = await read.selectFrom('webhooks').selectAll().where('id', '=', id).executeTakeFirst();
      return row ? hookOf(dialect, row) : null;
    },
    hooksOf: async (asked) => {
      if ('botIds' in asked && asked.botIds.length === 0) return [];
      const all = read.selectFrom('webhooks').selectAll().orderBy('created_at').orderBy('id').limit(shownMax);
      const rows = await ('botIds' in asked
        ? all.where('bot_id', 'in', asked.botIds)
        : all.where('conversation_id', '=', asked.conversationId)
      ).execute();
      return rows.map((row) => hookOf(dialect, row));
    },
    countsOf: async (ids) => {
      const none = { waiting: 0, oldestWaitingAt: null, dead: 0, replaying: false };
      const counts = new Map<string, HookCounts>(ids.map((id) => [id, { ...none }]));
      if (ids.length === 0) return counts;
      const rows = await read
        .selectFrom('webhook_deliveries')
        .select((select) => [
          'hook_id',
          'state',
          select.fn.countAll<number>().as('count'),
          select.fn.min('enqueued_at').as('oldest'),
        ])
        .where('hook_id', 'in', ids)
        .groupBy(['hook_id', 'state'])
        .execute();
      for (const row of rows) {
        const one = counts.get(row.hook_id) as HookCounts;
        if (row.state === 'dead') one.dead = Number(row.count);
        else {
          one.waiting = Number(row.count);
          one.oldestWaitingAt = dialect.fromTime(String(row.oldest));
        }
      }
      const replays = await read
        .selectFrom('webhook_replays')
        .select('hook_id')
        .where('hook_id', 'in', ids)
        .execute();
      for (const { hook_id } of replays) (counts.get(hook_id) as HookCounts).replaying = true;
      return counts;
    },
    changeHook: (id, patch) =>
      changing(async (trx) => {
        if (!(await exists(trx, id))) return false;
        const { name, url, types, includeOwn, secret, former } = patch;
        const values = {
          ...(name !== undefined && { name }),
          ...(url !== undefined && { url }),
          ...(types !== undefined && { types: JSON.stringify(types) }),
          ...(includeOwn !== undefined && { include_own: Number(includeOwn) }),
          ...(secret !== undefined && { secret }),
          ...(former !== undefined && {
            former_secret: former?.secret ?? null,
            former_until: optional(dialect, former?.until ?? null),
          }),
        };
        if (Object.keys(values).length > 0)
          await trx.updateTable('webhooks').set(values).where('id', '=', id).execute();
        return true;
      }),
    removeHook: (id) =>
      changing(async (trx) => {
        if (!(await exists(trx, id))) return false;
        await removeAll(trx, [id]);
        return true;
      }),
    removeHooksOf: (botId) =>
      changing(async (trx) => {
        const own = await trx.selectFrom('webhooks').select('id').where('bot_id', '=', botId).execute();
        await removeAll(
          trx,
          own.map(({ id }) => id),
        );
        await trx.deleteFrom('incoming_hooks').where('bot_id', '=', botId).execute();
      }),
    pauseHook: (id, reason, now) =>
      changing(async (trx) => {
        const { numUpdatedRows } = await trx
          .updateTable('webhooks')
          .set({ state: 'paused', reason, paused_at: dialect.toTime(now) })
          .where('id', '=', id)
          .where('state', '=', 'active')
          .executeTakeFirst();
        return numUpdatedRows > 0n;
      }),
    resumeHook: (id, now) =>
      changing(async (trx) => {
        const { numUpdatedRows } = await trx
          .updateTable('webhooks')
          .set({ state: 'active', reason: null, paused_at: null, failing_since: null })
          .where('id', '=', id)
          .where('state', '=', 'paused')
          .executeTakeFirst();
        if (numUpdatedRows === 0n) return false;
        await addReplays(trx, await missed(db, trx, id));
        await trx.deleteFrom('webhook_gaps').where('hook_id', '=', id).execute();
        await trx
          .updateTable('webhook_lanes')
          .set({ due_at: dialect.toTime(now) })
          .where('hook_id', '=', id)
          .execute();
        return true;
      }),
    replay: (replays) => transaction(db, (trx) => addReplays(trx, replays)),
    reviveDead: (hookId, deliveryId, now) =>
      transaction(db, async (trx) => {
        const all = trx
          .selectFrom('webhook_deliveries')
          .selectAll()
          .where('hook_id', '=', hookId)
          .where('state', '=', 'dead');
        const rows = await (deliveryId === null ? all : all.where('delivery_id', '=', deliveryId)).execute();
        for (const row of rows)
          await trx
            .updateTable('webhook_deliveries')
            .set({ state: 'waiting', attempts: 0, enqueued_at: dialect.toTime(now) })
            .where('hook_id', '=', hookId)
            .where('conversation_id', '=', row.conversation_id)
            .where('position', '=', row.position)
            .execute();
        const columns = ['hook_id', 'conversation_id', 'due_at', 'owner', 'leased_until'];
        const lanes = [...new Set(rows.map((row) => row.conversation_id))].map((conversationId) => [
          hookId,
          conversationId,
          dialect.toTime(now),
          null,
          dialect.toTime(longAgo),
        ]);
        await runAll(trx, dialect.insertNew({ table: 'webhook_lanes', columns, rows: lanes }));
        return rows.length;
      }),
    deliveriesOf: async (hookId, state, limit) => {
      const rows = await read
        .selectFrom('webhook_deliveries')
        .selectAll()
        .where('hook_id', '=', hookId)
        .where('state', '=', state)
        .orderBy('enqueued_at')
        .orderBy('position')
        .limit(limit)
        .execute();
      return rows.map((row) => deliveryOf(dialect, row));
    },
    attemptsOf: async (hookId, limit) => {
      const rows = await read
        .selectFrom('webhook_attempts')
        .selectAll()
        .where('hook_id', '=', hookId)
        .orderBy('id', 'desc')
        .limit(limit)
        .execute();
      return rows.map(
        (row): LoggedAttempt => ({
          id: row.delivery_id,
          type: row.type,
          conversationId: row.conversation_id,
          position: row.position,
          outcome: row.outcome as LoggedAttempt['outcome'],
          attempt: row.attempt,
          at: dialect.fromTime(row.at),
          status: row.status,
          error: row.error,
          durationMs: row.duration_ms,
        }),
      );
    },
  };
};

const removeAll = async (trx: Trx, ids: string[]): Promise<void> => {
  if (ids.length === 0) return;
  await trx.deleteFrom('webhooks').where('id', 'in', ids).execute();
  for (const table of [
    'webhook_gaps',
    'webhook_deliveries',
    'webhook_lanes',
    'webhook_replays',
    'webhook_attempts',
  ] as const)
    await trx.deleteFrom(table).where('hook_id', 'in', ids).execute();
};
