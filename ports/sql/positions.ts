// How far a projection of SQL tables has applied each partition, and who may go on. Kept in the same transaction as its
// rows, in a table of its own.
import { hostname } from 'node:os';
import type { Kysely, Transaction } from 'kysely';
import { OutsideError } from '../errors.ts';
import { type Database, runAll, transaction } from './database.ts';
import type { ColumnTypes, Table } from './dialect.ts';

export type PositionTable = {
  topic: string;
  partition_id: number;
  epoch: string;
  next_offset: number;
  fence: number;
  owner: string;
};
type Tables = Record<string, PositionTable>;

export const positionTable = (t: ColumnTypes, table: string): Table => ({
  table,
  columns: `topic ${t.word(100)} NOT NULL, partition_id ${t.integer} NOT NULL, epoch ${t.word(100)} NOT NULL,
    next_offset ${t.integer} NOT NULL, fence ${t.integer} NOT NULL, owner ${t.word(255)} NOT NULL`,
  clusteredBy: 'topic, partition_id',
});

/** For people who look into the table. */
const owner = `${hostname()}:${process.pid}`.slice(0, 255);

export type Step = { topic: string; partition: number; fence: number; next: number };

export class Positions<T> {
  readonly #db: Database<T>;
  readonly #table: string;
  readonly #otherLog: (epoch: string, other: string | undefined) => OutsideError;

  /** `otherLog`: what to say when the rows were made from a log of another epoch. */
  constructor(
    db: Database<T>,
    table: string,
    otherLog: (epoch: string, other: string | undefined) => OutsideError,
  ) {
    this.#db = db;
    this.#table = table;
    this.#otherLog = otherLog;
  }

  /** Takes a partition, so that a former owner can commit no more. */
  claim(topic: string, partition: number, epoch: string): Promise<{ next: number; fence: number }> {
    const { dialect } = this.#db;
    const columns = ['topic', 'partition_id', 'epoch', 'next_offset', 'fence', 'owner'];
    const rows = [[topic, partition, epoch, 0, 0, owner]];
    return transaction(this.#db, async (trx) => {
      await runAll(trx, dialect.insertNew({ table: this.#table, columns, rows }));
      const kept = await this.#locked(trx, topic, partition);
      const other = await inTable(trx)
        .selectFrom(this.#table)
        .select('epoch')
        .where('epoch', '!=', epoch)
        .executeTakeFirst();
      if (!kept || other) throw this.#otherLog(epoch, other?.epoch);
      const fence = kept.fence + 1;
      await inTable(trx)
        .updateTable(this.#table)
        .set({ fence, owner })
        .where('topic', '=', topic)
        .where('partition_id', '=', partition)
        .execute();
      return { next: kept.next_offset, fence };
    });
  }

  /**
   * In the transaction of the rows: locks the partition's line and moves it. False: these events were applied before,
   * nothing is to be written. Throws `fenced` when somebody else has claimed.
   */
  async advance(trx: Transaction<T>, { topic, partition, fence, next }: Step): Promise<boolean> {
    const { numUpdatedRows } = await inTable(trx)
      .updateTable(this.#table)
      .set({ next_offset: next })
      .where('topic', '=', topic)
      .where('partition_id', '=', partition)
      .where('fence', '=', fence)
      .where('next_offset', '<', next)
      .executeTakeFirst();
    if (numUpdatedRows > 0n) return true;
    const kept = await this.#locked(trx, topic, partition);
    if (kept?.fence === fence) return false;
    const message = `${topic}/${partition} has been claimed by ${kept?.owner ?? 'nobody'}: this owner is to stop.`;
    throw new OutsideError('fenced', 'never', message);
  }

  #locked(trx: Transaction<T>, topic: string, partition: number) {
    const query = inTable(trx)
      .selectFrom(this.#table)
      .select(['next_offset', 'fence', 'owner'])
      .where('topic', '=', topic)
      .where('partition_id', '=', partition);
    return (this.#db.dialect.locksRows ? query.forUpdate() : query).executeTakeFirst();
  }
}

/** Next offsets applied, per partition. */
export const appliedIn = async <T>(db: Kysely<T>, table: string, topic: string): Promise<number[]> => {
  const rows = await inTable(db)
    .selectFrom(table)
    .select(['partition_id', 'next_offset'])
    .where('topic', '=', topic)
    .execute();
  const applied: number[] = [];
  for (const row of rows) applied[row.partition_id] = row.next_offset;
  // A partition that nobody has claimed yet is at its beginning.
  return Array.from(applied, (next) => next ?? 0);
};

/** The table's name is a value here, which the types of a database's other tables do not allow. */
const inTable = <T>(db: Kysely<T>): Kysely<Tables> => db as unknown as Kysely<Tables>;
