// The writing side: decisions, notices, position and horizon in one transaction.
import { hostname } from 'node:os';
import type { CompiledQuery, Transaction } from 'kysely';
import type { NotToldReason } from '../../schemas/notifications.ts';
import { OutsideError } from '../errors.ts';
import { type Database, runAll, transaction } from '../sql/database.ts';
import { inLists } from '../sql/lists.ts';
import { appliedIn, Positions } from '../sql/positions.ts';
import { clearOf, type Notice, type NotificationCommit, type NotificationWriter } from './port.ts';
import { keepOutbox } from './queue.ts';
import { noticeColumns, noticeOf, noticeValues } from './rows.ts';
import type { NotificationTables } from './tables.ts';

type Trx = Transaction<NotificationTables>;
const owner = `${hostname()}:${process.pid}`.slice(0, 255);

export const writerPart = (db: Database<NotificationTables>): NotificationWriter => {
  const { dialect, read } = db;
  const positions = new Positions<NotificationTables>(
    db,
    'notification_positions',
    () => new OutsideError('notifications_other_log', 'never', 'Claimed under another log meanwhile.'),
  );

  const beginning = (topic: string, partition: number, epoch: string, end: number): CompiledQuery[] => {
    const place = ['topic', 'partition_id', 'epoch'];
    const fresh = [topic, partition, epoch];
    return [
      // The position first: its line is the lock.
      ...dialect.insertNew({
        table: 'notification_positions',
        columns: [...place, 'next_offset', 'fence', 'owner'],
        rows: [[...fresh, 0, 0, owner]],
      }),
      ...dialect.insertNew({
        table: 'notification_horizons',
        columns: [...place, 'horizon'],
        rows: [[...fresh, end]],
      }),
    ];
  };

  return {
    begin: (topic, epoch, ends) =>
      transaction(db, (trx) =>
        runAll(
          trx,
          ends.flatMap((end, partition) => beginning(topic, partition, epoch, end)),
        ),
      ),

    claim: (topic, partition, epoch, end) =>
      transaction(db, async (trx) => {
        await runAll(trx, beginning(topic, partition, epoch, end));
        const query = trx
          .selectFrom('notification_positions')
          .select(['epoch', 'next_offset', 'fence'])
          .where('topic', '=', topic)
          .where('partition_id', '=', partition);
        const kept = await (dialect.locksRows ? query.forUpdate() : query).executeTakeFirstOrThrow();
        const { horizon, epoch: known } = await trx
          .selectFrom('notification_horizons')
          .select(['horizon', 'epoch'])
          .where('topic', '=', topic)
          .where('partition_id', '=', partition)
          .executeTakeFirstOrThrow();
        // Places of another log mean nothing here: its past is told to nobody.
        const begin = known === epoch ? horizon : end;
        const next = kept.epoch === epoch ? Math.max(kept.next_offset, begin) : begin;
        const fence = kept.fence + 1;
        await trx
          .updateTable('notification_positions')
          .set({ epoch, next_offset: next, fence, owner })
          .where('topic', '=', topic)
          .where('partition_id', '=', partition)
          .execute();
        await trx
          .updateTable('notification_horizons')
          .set({ epoch, horizon: begin })
          .where('topic', '=', topic)
          .where('partition_id', '=', partition)
          .execute();
        return { next, fence };
      }),

    commit: (batch) =>
      transaction(db, async (trx) => {
        const { topic, partition, next } = batch;
        if (!(await positions.advance(trx, batch))) return;
        await runAll(trx, [
          ...dialect.insertNew({
            table: 'notification_decisions',
            columns: ['event_id', 'message_id', 'conversation_id', 'at_ms', 'body'],
            rows: batch.decided.map(({ eventId, messageId, conversationId, atMs, notTold, rest }) => [
              eventId,
              messageId,
              conversationId,
              atMs,
              JSON.stringify({ notTold, rest }),
            ]),
          }),
          ...dialect.insertNew({
            table: 'notification_notices',
            columns: noticeColumns,
            rows: batch.notices.map(noticeValues),
          }),
        ]);
        await trx
          .updateTable('notification_horizons')
          .set({ horizon: next })
          .where('topic', '=', topic)
          .where('partition_id', '=', partition)
          .where('horizon', '<', next)
          .execute();
        const ended = await end(trx, batch);
        await keepOutbox(trx, db, [...batch.outbox, ...batch.settled(ended)]);
      }),

    applied: (topic) => appliedIn(read, 'notification_positions', topic),
    horizons: async (topic) => {
      const rows = await read
        .selectFrom('notification_horizons')
        .select(['partition_id', 'horizon'])
        .where('topic', '=', topic)
        .execute();
      const horizons: number[] = [];
      for (const row of rows) horizons[row.partition_id] = row.horizon;
      return Array.from(horizons, (horizon) => horizon ?? 0);
    },
  };

  /** What was read, left or deleted: waiting notices go, and of those that were sent the devices hear it. */
  async function end(trx: Trx, batch: NotificationCommit): Promise<Notice[]> {
    const found = await endedNotices(trx, batch);
    const clears = new Map<string, Notice>();
    for (const { notice } of found) {
      if (notice.state !== 'sent' || notice.channel !== 'push') continue;
      const { userId, conversationId, sessionId } = notice;
      const key = `${userId} ${conversationId} ${sessionId}`;
      const newest = clears.get(key);
      if (!newest || newest.position < notice.position) clears.set(key, clearOf(notice, batch.nowMs));
    }
    const changed: Notice[] = [];
    for (const [to, some] of grouped(found)) {
      const [state, reason] = to.split(' ') as [Notice['state'], NotToldReason];
      for (const list of inLists(some)) {
        const ids = list.map(({ id }) => id);
        await trx
          .updateTable('notification_notices')
          .set({ state, reason, due_ms: null, lease: null })
          .where('id', 'in', ids)
          .execute();
        await trx
          .updateTable('notification_notices')
          .set({ settled_ms: batch.nowMs })
          .where('id', 'in', ids)
          .where('settled_ms', 'is', null)
          .execute();
      }
      changed.push(
        ...some.map((notice) => ({ ...notice, state, reason, dueMs: null, settledMs: batch.nowMs })),
      );
    }
    const rows = [...clears.values()].map(noticeValues);
    await runAll(trx, dialect.insertNew({ table: 'notification_notices', columns: noticeColumns, rows }));
    return changed;
  }

  async function endedNotices(
    trx: Trx,
    { ended, deleted }: NotificationCommit,
  ): Promise<{ notice: Notice; reason: NotToldReason }[]> {
    const found = new Map<string, { notice: Notice; reason: NotToldReason }>();
    const live = () =>
      trx
        .selectFrom('notification_notices')
        .selectAll()
        .where('state', 'in', ['waiting', 'sent'])
        .where('form', 'in', ['notice', 'digest']);
    for (const some of inLists(ended)) {
      const users = [...new Set(some.map(({ userId }) => userId))];
      const conversations = [...new Set(some.map(({ conversationId }) => conversationId))];
      const rows = await live()
        .where('user_id', 'in', users)
        .where('conversation_id', 'in', conversations)
        .execute();
      const upTo = new Map<string, (typeof some)[number]>();
      for (const one of some) {
        const key = `${one.userId} ${one.conversationId}`;
        if ((upTo.get(key)?.position ?? -1) < one.position) upTo.set(key, one);
      }
      for (const row of rows) {
        const one = upTo.get(`${row.user_id} ${row.conversation_id}`);
        if (one && row.position <= one.position)
          found.set(row.id, { notice: noticeOf(row), reason: one.reason });
      }
    }
    for (const some of inLists(deleted)) {
      const ids = some.map(({ messageId }) => messageId);
      for (const row of await live().where('message_id', 'in', ids).execute())
        found.set(row.id, { notice: noticeOf(row), reason: 'deleted' });
    }
    return [...found.values()];
  }
};

/** By what becomes of them. */
const grouped = (found: { notice: Notice; reason: NotToldReason }[]): Map<string, Notice[]> => {
  const groups = new Map<string, Notice[]>();
  for (const { notice, reason } of found) {
    const to = `${notice.state === 'sent' ? 'cleared' : 'dropped'} ${reason}`;
    groups.set(to, [...(groups.get(to) ?? []), notice]);
  }
  return groups;
};
