// Notices that wait: a lease is their due time moved on, so that whoever dies over them leaves them to others by itself.
import { CompiledQuery, type Transaction } from 'kysely';
import { type Database, runAll, transaction } from '../sql/database.ts';
import { inLists } from '../sql/lists.ts';
import { deviceOf, earOf, type Notice, type NotificationQueue, type Settlement } from './port.ts';
import { noticeColumns, noticeOf, noticeValues } from './rows.ts';
import type { NotificationTables } from './tables.ts';

type Trx = Transaction<NotificationTables>;
const outboxColumns = ['message_key', 'value', 'lease', 'lease_ms'];
const pruneMax = 2_000;

export const queuePart = (db: Database<NotificationTables>): NotificationQueue => {
  const { dialect, read } = db;
  const leased = async (trx: Trx, lease: string): Promise<Notice[]> => {
    const query = trx.selectFrom('notification_notices').selectAll().where('lease', '=', lease);
    const rows = await query.where('due_ms', 'is not', null).orderBy('made_ms').orderBy('position').execute();
    return rows.map(noticeOf);
  };
  /** Whatever else waits for the same ear. */
  const alongside = (of: Notice, lease: string, nowMs: number, untilMs: number): CompiledQuery => {
    const inOne = of.form === 'digest' ? '' : ' AND conversation_id = ?';
    const text = `UPDATE notification_notices SET lease = ?, due_ms = ?
      WHERE user_id = ?${inOne} AND form = ? AND channel = ? AND session_id = ?
      AND due_ms IS NOT NULL AND (lease IS NULL OR due_ms <= ?)`;
    return CompiledQuery.raw(text, [
      lease,
      untilMs,
      of.userId,
      ...(inOne ? [of.conversationId] : []),
      of.form,
      of.channel,
      of.sessionId ?? '',
      nowMs,
    ]);
  };

  return {
    take: async ({ lease, nowMs, leaseMs, limit }) => {
      const due = await read
        .selectFrom('notification_notices')
        .select(['id', 'due_ms'])
        .where('due_ms', '<=', nowMs)
        .orderBy('due_ms')
        .limit(limit)
        .execute();
      if (due.length === 0) return [];
      const untilMs = nowMs + leaseMs;
      const ids = due.map(({ id }) => id);
      return transaction(db, async (trx) => {
        // Who was second finds them due no more.
        await trx
          .updateTable('notification_notices')
          .set({ lease, due_ms: untilMs })
          .where('id', 'in', ids)
          .where('due_ms', '<=', nowMs)
          .execute();
        const taken = await leased(trx, lease);
        const ears = new Map(taken.map((notice) => [earOf(notice), notice]));
        await runAll(
          trx,
          [...ears.values()].map((of) => alongside(of, lease, nowMs, untilMs)),
        );
        const dueMs = new Map(due.map((row) => [row.id, row.due_ms]));
        const all = await leased(trx, lease);
        return all.map((notice) => ({ ...notice, dueMs: dueMs.get(notice.id) ?? nowMs }));
      });
    },

    settle: (settlements, nowMs) =>
      transaction(db, async (trx) => {
        const leases = new Map(
          settlements.flatMap(({ lease, ids }) => ids.map((id) => [id, lease] as const)),
        );
        const had = new Set<string>();
        for (const some of inLists([...leases.keys()])) {
          const query = trx
            .selectFrom('notification_notices')
            .select(['id', 'lease'])
            .where('id', 'in', some)
            .where('due_ms', 'is not', null);
          for (const { id, lease } of await (dialect.locksRows ? query.forUpdate() : query).execute())
            if (lease === leases.get(id)) had.add(id);
        }
        for (const { ids, outcome } of alike(settlements)) {
          const { state, reason, dueMs, attempts } = outcome;
          const set = { state, reason, due_ms: dueMs, lease: null, attempts };
          const settled_ms = dueMs === null ? nowMs : null;
          for (const some of inLists(ids.filter((id) => had.has(id))))
            await trx
              .updateTable('notification_notices')
              .set({ ...set, settled_ms })
              .where('id', 'in', some)
              .execute();
        }
        const kept = settlements.filter(({ ids }) => ids.some((id) => had.has(id)));
        const told = kept.flatMap(({ subscriptionId, state }) =>
          subscriptionId !== null && state === 'sent' ? [subscriptionId] : [],
        );
        for (const some of inLists(told))
          await trx
            .updateTable('notification_subscriptions')
            .set({ last_sent_ms: nowMs })
            .where('id', 'in', some)
            .execute();
        await keepOutbox(
          trx,
          db,
          kept.flatMap(({ outbox }) => outbox),
        );
        return [...had];
      }),

    add: (notice) =>
      transaction(db, (trx) =>
        runAll(
          trx,
          dialect.insertNew({
            table: 'notification_notices',
            columns: noticeColumns,
            rows: [noticeValues(notice)],
          }),
        ),
      ),
    notice: async (id) => {
      const query = read.selectFrom('notification_notices').selectAll().where('id', '=', id);
      const row = await query.executeTakeFirst();
      return row ? noticeOf(row) : null;
    },
    sentSince: async (userIds, channel, sinceMs) => {
      const found = new Map<string, number>();
      for (const some of inLists(userIds)) {
        // What was gathered of a conversation has one time, and so has all of a digest.
        const sendings = read
          .selectFrom('notification_notices')
          .select((eb) => [
            'user_id',
            'session_id',
            'settled_ms',
            eb.case().when('form', '=', 'digest').then('').else(eb.ref('conversation_id')).end().as('about'),
          ])
          .distinct()
          .where('user_id', 'in', some)
          .where('channel', '=', channel)
          .where('form', 'in', ['notice', 'digest'])
          .where('state', 'in', ['sent', 'cleared'])
          .where('settled_ms', '>', sinceMs);
        const rows = await read
          .selectFrom(sendings.as('sendings'))
          .select(({ fn }) => ['user_id', 'session_id', fn.countAll<number>().as('count')])
          .groupBy(['user_id', 'session_id'])
          .execute();
        for (const row of rows)
          found.set(deviceOf({ userId: row.user_id, sessionId: row.session_id }), Number(row.count));
      }
      return found;
    },
    nextDueMs: async () => {
      const row = await read
        .selectFrom('notification_notices')
        .select('due_ms')
        .where('due_ms', 'is not', null)
        .orderBy('due_ms')
        .limit(1)
        .executeTakeFirst();
      return row?.due_ms ?? null;
    },
    counts: async (nowMs) => {
      const waiting = read.selectFrom('notification_notices').where('due_ms', 'is not', null);
      const all = await waiting
        .select(({ fn }) => [fn.countAll<number>().as('count'), fn.min<number | null>('due_ms').as('oldest')])
        .executeTakeFirstOrThrow();
      const overdue = await waiting
        .where('due_ms', '<=', nowMs)
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .executeTakeFirstOrThrow();
      const oldestMs = all.oldest === null ? null : Number(all.oldest);
      return { waiting: Number(all.count), overdue: Number(overdue.count), oldestMs };
    },

    outbox: async ({ lease, nowMs, leaseMs, limit }) => {
      // Mostly there is nothing, which is no reason for a transaction.
      const any = await read.selectFrom('notification_outbox').select('id').limit(1).executeTakeFirst();
      if (!any) return [];
      return transaction(db, async (trx) => {
        const oldest = await trx
          .selectFrom('notification_outbox')
          .select(['id', 'lease_ms'])
          .orderBy('id')
          .limit(limit)
          .execute();
        const [first] = oldest;
        // In order: what is newer waits for whoever writes what is older.
        if (!first || first.lease_ms > nowMs) return [];
        const ids = oldest.map(({ id }) => id);
        await trx
          .updateTable('notification_outbox')
          .set({ lease, lease_ms: nowMs + leaseMs })
          .where('id', 'in', ids)
          .where('lease_ms', '<=', nowMs)
          .execute();
        const rows = await trx
          .selectFrom('notification_outbox')
          .selectAll()
          .where('id', 'in', ids)
          .where('lease', '=', lease)
          .orderBy('id')
          .execute();
        return rows.map(({ id, message_key: key, value }) => ({ id, key, value }));
      });
    },
    outboxDone: async (ids) => {
      for (const some of inLists(ids))
        await db.write.deleteFrom('notification_outbox').where('id', 'in', some).execute();
    },
    prune: async (beforeMs) => {
      const old = await read
        .selectFrom('notification_notices')
        .select('id')
        .where('settled_ms', '<', beforeMs)
        .limit(pruneMax)
        .execute();
      for (const some of inLists(old.map(({ id }) => id)))
        await db.write.deleteFrom('notification_notices').where('id', 'in', some).execute();
      const decisions = await read
        .selectFrom('notification_decisions')
        .select('event_id')
        .where('at_ms', '<', beforeMs)
        .limit(pruneMax)
        .execute();
      for (const some of inLists(decisions.map(({ event_id: id }) => id)))
        await db.write.deleteFrom('notification_decisions').where('event_id', 'in', some).execute();
      return old.length + decisions.length;
    },
  };
};

/** Most end in the same way, and then in one statement. */
const alike = (settlements: readonly Settlement[]): { outcome: Settlement; ids: string[] }[] => {
  const groups = new Map<string, { outcome: Settlement; ids: string[] }>();
  for (const outcome of settlements) {
    const { state, reason, dueMs, attempts, ids } = outcome;
    const key = [state, reason, dueMs, attempts].join(' ');
    const group = groups.get(key) ?? { outcome, ids: [] };
    group.ids.push(...ids);
    groups.set(key, group);
  }
  return [...groups.values()];
};

export const keepOutbox = async (
  trx: Trx,
  { dialect }: Database<NotificationTables>,
  entries: { key: string; value: string }[],
): Promise<void> => {
  const rows = entries.map(({ key, value }) => [key, value, null, 0]);
  await runAll(trx, dialect.insertNew({ table: 'notification_outbox', columns: outboxColumns, rows }));
};
