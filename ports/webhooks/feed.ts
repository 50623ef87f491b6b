// What the consumer of the log writes: deliveries and its position in one transaction.
import type { Transaction } from 'kysely';
import { OutsideError } from '../errors.ts';
import { type Database, runAll, transaction } from '../sql/database.ts';
import { inLists } from '../sql/lists.ts';
import { appliedIn, Positions } from '../sql/positions.ts';
import { lockedVersion } from './keeping.ts';
import type { HookFeed } from './port.ts';
import { enqueue, hookOf } from './rows.ts';
import { hooksRow, type WebhookTables } from './tables.ts';

const table = 'webhook_positions';

const otherLog = (epoch: string, other: string | undefined): OutsideError =>
  new OutsideError(
    'webhooks_other_log',
    'never',
    `Webhooks stand in the log ${other}, and this is the log ${epoch}: their places mean nothing here.`,
  );

export const feedPart = (db: Database<WebhookTables>): Omit<HookFeed, 'outstanding'> => {
  const { dialect, read } = db;
  const positions = new Positions(db, table, otherLog);

  const scrubIn = async (trx: Transaction<WebhookTables>, messageIds: string[]): Promise<void> => {
    for (const ids of inLists(messageIds)) {
      const query = trx.selectFrom('webhook_deliveries').selectAll().where('message_id', 'in', ids);
      for (const row of await (dialect.locksRows ? query.forUpdate() : query).execute())
        await trx
          .updateTable('webhook_deliveries')
          .set({ body: withoutContent(row.body) })
          .where('hook_id', '=', row.hook_id)
          .where('conversation_id', '=', row.conversation_id)
          .where('position', '=', row.position)
          .execute();
    }
  };

  return {
    claim: async (topic, partition, epoch, startAt) => {
      const claimed = await positions.claim(topic, partition, epoch);
      if (claimed.next > 0 || claimed.fence > 1) return claimed;
      const next = await startAt();
      if (next > 0)
        await transaction(db, (trx) =>
          positions.advance(trx, { topic, partition, fence: claimed.fence, next }),
        );
      return { ...claimed, next };
    },
    hooks: async () => {
      // In this order: a change in between is noticed.
      const { version } = await read
        .selectFrom('webhook_version')
        .select('version')
        .where('name', '=', hooksRow)
        .executeTakeFirstOrThrow();
      const rows = await read.selectFrom('webhooks').selectAll().orderBy('id').execute();
      return { version, hooks: rows.map((row) => hookOf(dialect, row)) };
    },
    commit: ({ topic, partition, fence, first, next, version, deliveries, paused, scrubbed, now }) =>
      transaction(db, async (trx) => {
        if ((await lockedVersion(db, trx)) !== version) return 'stale' as const;
        if (!(await positions.advance(trx, { topic, partition, fence, next }))) return 'done' as const;
        await runAll(trx, [
          ...enqueue(dialect, deliveries, now),
          ...dialect.insertNew({
            table: 'webhook_gaps',
            columns: ['hook_id', 'partition_id', 'from_offset'],
            rows: paused.map((hookId) => [hookId, partition, first]),
          }),
        ]);
        await scrubIn(trx, scrubbed);
        return 'done' as const;
      }),
    scrub: (messageIds) => transaction(db, (trx) => scrubIn(trx, messageIds)),
    applied: (topic) => appliedIn(read, table, topic),
  };
};

/** A deleted message says nothing any more, wherever it still waits. */
const withoutContent = (body: string): string => {
  const parsed = JSON.parse(body) as { data?: { message?: Record<string, unknown> } };
  if (!parsed.data?.message) return body;
  Object.assign(parsed.data.message, { content: '', attachments: [], mentions: [] });
  return JSON.stringify(parsed);
};
