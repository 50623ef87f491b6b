// What of the log hooks are still to be told of.
import type { Kysely } from 'kysely';
import type { Database } from '../sql/database.ts';
import type { HookFeed, Replay } from './port.ts';
import { replayOf } from './rows.ts';
import type { WebhookTables } from './tables.ts';

const topic = 'chat.conversations';

/** What paused hooks miss up to now; `hookId`: this one. In a transaction the positions stay until it ends. */
export const missed = async (
  { dialect }: Database<WebhookTables>,
  trx: Kysely<WebhookTables>,
  hookId: string | null,
): Promise<Replay[]> => {
  const all = trx
    .selectFrom('webhook_gaps as g')
    .innerJoin('webhook_positions as p', 'p.partition_id', 'g.partition_id')
    .select(['g.hook_id', 'g.partition_id', 'g.from_offset', 'p.next_offset'])
    .where('p.topic', '=', topic);
  const query = hookId === null ? all : all.where('g.hook_id', '=', hookId);
  const rows = await (dialect.locksRows && trx.isTransaction ? query.forUpdate() : query).execute();
  return rows.map(
    (row): Replay => ({
      hookId: row.hook_id,
      partition: row.partition_id,
      conversationId: null,
      next: row.from_offset,
      end: row.next_offset,
      since: null,
    }),
  );
};

export const outstandingPart = (db: Database<WebhookTables>): Pick<HookFeed, 'outstanding'> => ({
  outstanding: async () => {
    const replays = await db.read.selectFrom('webhook_replays').selectAll().execute();
    return [...replays.map((row) => replayOf(db.dialect, row)), ...(await missed(db, db.read, null))];
  },
});
