// How far each partition has been applied, and who may go on. Kept in the same transaction as the rows.
import { hostname } from 'node:os';
import type { Transaction } from 'kysely';
import { OutsideError } from '../errors.ts';
import { type Database, runAll, transaction } from '../sql/database.ts';
import type { AppliedPositions, Claim } from './port.ts';
import type { HistoryTables } from './tables.ts';

type Trx = Transaction<HistoryTables>;

/** For people who look into the table. */
const owner = `${hostname()}:${process.pid}`.slice(0, 255);

export const claimPartition = (
  db: Database<HistoryTables>,
  topic: string,
  partition: number,
  epoch: string,
): Promise<Claim> =>
  transaction(db, async (trx) => {
    const columns = ['topic', 'partition_id', 'epoch', 'next_offset', 'fence', 'owner'];
    const fresh = [topic, partition, epoch, 0, 0, owner];
    await runAll(trx, db.dialect.insertNew({ table: 'log_positions', columns, rows: [fresh] }));
    const kept = await locked(db, trx, topic, partition);
    const other = await trx
      .selectFrom('log_positions')
      .select('epoch')
      .where('epoch', '!=', epoch)
      .executeTakeFirst();
    if (!kept || other) throw otherLog(epoch, other?.epoch);
    const claim = { next: kept.next_offset, fence: kept.fence + 1 };
    await trx
      .updateTable('log_positions')
      .set({ fence: claim.fence, owner })
      .where('topic', '=', topic)
      .where('partition_id', '=', partition)
      .execute();
    return claim;
  });

const otherLog = (epoch: string, other: string | undefined): OutsideError =>
  new OutsideError(
    'history_other_log',
    'never',
    `History was made from the log ${other}, and this is the log ${epoch}. Point it at its own log, or empty history to make it again.`,
  );

export type Step = { topic: string; partition: number; fence: number; next: number };

/**
 * In the transaction of the rows: locks the partition's line and moves it. False: these events were applied before,
 * nothing is to be written. Throws `fenced` when somebody else has claimed.
 */
export const advance = async (
  db: Database<HistoryTables>,
  trx: Trx,
  { topic, partition, fence, next }: Step,
): Promise<boolean> => {
  const kept = await locked(db, trx, topic, partition);
  if (!kept || kept.fence !== fence) {
    const message = `${topic}/${partition} has been claimed by ${kept?.owner ?? 'nobody'}: this owner is to stop.`;
    throw new OutsideError('fenced', 'never', message);
  }
  if (next <= kept.next_offset) return false;
  await trx
    .updateTable('log_positions')
    .set({ next_offset: next })
    .where('topic', '=', topic)
    .where('partition_id', '=', partition)
    .execute();
  return true;
};

const locked = (db: Database<HistoryTables>, trx: Trx, topic: string, partition: number) => {
  const query = trx
    .selectFrom('log_positions')
    .select(['next_offset', 'fence', 'owner'])
    .where('topic', '=', topic)
    .where('partition_id', '=', partition);
  return (db.dialect.locksRows ? query.forUpdate() : query).executeTakeFirst();
};

export const appliedOf = async (
  db: Database<HistoryTables>['read'],
  topic: string,
): Promise<AppliedPositions> => {
  const rows = await db
    .selectFrom('log_positions')
    .select(['partition_id', 'next_offset'])
    .where('topic', '=', topic)
    .execute();
  const applied: AppliedPositions = [];
  for (const row of rows) applied[row.partition_id] = row.next_offset;
  // A partition that nobody has claimed yet is at its beginning.
  return Array.from(applied, (next) => next ?? 0);
};
