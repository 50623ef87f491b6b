// The writing side: what the history consumer does to the tables.
import { sql, type Transaction } from 'kysely';
import { type Database, runAll, transaction } from '../sql/database.ts';
import { inLists } from '../sql/lists.ts';
import { previewed, recounted, statementsFor } from './changes.ts';
import type { Commit, DeadLetter, HistoryWriter, StoredConversation } from './port.ts';
import { advance, claimPartition } from './positions.ts';
import { RowReader } from './rows.ts';
import { listingFormer } from './shapes.ts';
import type { HistoryTables } from './tables.ts';
import { keepFormer, versionStatements } from './versions.ts';

type Trx = Transaction<HistoryTables>;

const reasonMax = 2_000;

export class SqlHistoryWriter implements HistoryWriter {
  readonly #db: Database<HistoryTables>;
  readonly #rows: RowReader;

  constructor(db: Database<HistoryTables>) {
    this.#db = db;
    this.#rows = new RowReader(db.dialect);
  }

  claim(topic: string, partition: number, epoch: string) {
    return claimPartition(this.#db, topic, partition, epoch);
  }

  async commit(batch: Commit): Promise<void> {
    // Made before the transaction begins, so that its locks are held for the shortest time.
    const statements = [
      ...statementsFor(batch.changes, this.#db.dialect),
      ...versionStatements(batch.changes, this.#db.dialect),
      ...this.#letters(batch),
    ];
    const counted = recounted(batch.changes);
    const linked = previewed(batch.changes);
    await transaction(this.#db, async (trx) => {
      if (!(await advance(this.#db, trx, batch))) return;
      await keepFormer(trx, this.#db.dialect, batch.changes);
      await runAll(trx, statements);
      for (const ids of inLists(linked)) await forgetDeleted(trx, ids);
      for (const ids of inLists(counted)) await countMembers(trx, ids);
    });
  }

  async conversations(ids: string[]): Promise<StoredConversation[]> {
    const found: StoredConversation[] = [];
    for (const some of inLists([...new Set(ids)])) found.push(...(await this.#conversations(some)));
    return found;
  }

  async #conversations(ids: string[]): Promise<StoredConversation[]> {
    const { read } = this.#db;
    const heads = await read.selectFrom('conversations').selectAll().where('id', 'in', ids).execute();
    const members = await read
      .selectFrom('conversation_users')
      .selectAll()
      .where('conversation_id', 'in', ids)
      .execute();
    const found = new Map<string, StoredConversation>(
      heads.map((row) => [row.id, { conversation: this.#rows.conversation(row), members: [] }]),
    );
    for (const row of members) found.get(row.conversation_id)?.members.push(this.#rows.member(row));
    return [...found.values()];
  }

  #letters({ topic, partition, deadLetters }: Commit) {
    const place = ['topic', 'partition_id', 'event_offset'];
    const letters = deadLetters.map(({ offset, eventId, reason }: DeadLetter) => [
      topic,
      partition,
      offset,
      // It may be anything: the event was not a good one.
      eventId?.slice(0, 64) ?? null,
      reason.slice(0, reasonMax),
    ]);
    const events = deadLetters.map(({ offset, type, at }: DeadLetter) => [
      topic,
      partition,
      offset,
      type?.slice(0, 64) ?? null,
      at,
    ]);
    const { insertNew } = this.#db.dialect;
    return [
      ...insertNew({ table: 'dead_letters', columns: [...place, 'event_id', 'reason'], rows: letters }),
      ...insertNew({
        table: 'dead_letter_events',
        columns: [...place, 'event_type', 'event_at'],
        rows: events,
      }),
    ];
  }
}

/** Counted when it changes, which is seldom, and not when it is shown, which is always. */
const countMembers = async (trx: Trx, conversationIds: string[]): Promise<void> => {
  await trx
    .updateTable('conversation_activity')
    .set({
      // Tables are named in a way that can be renamed: see beside.ts.
      member_count: sql<number>`(SELECT COUNT(*) FROM ${sql.table('conversation_users')} u
        WHERE u.conversation_id = ${sql.table('conversation_activity')}.conversation_id
        AND u.listing < ${sql.lit(listingFormer)})`,
    })
    .where('conversation_id', 'in', conversationIds)
    .execute();
};

/** Deleting is a promise, and a link is part of what a message said. */
const forgetDeleted = async (trx: Trx, messageIds: string[]): Promise<void> => {
  const deleted = await trx
    .selectFrom('messages')
    .select('id')
    .where('id', 'in', messageIds)
    .where('deleted_at', 'is not', null)
    .execute();
  if (deleted.length === 0) return;
  const ids = deleted.map(({ id }) => id);
  await trx.deleteFrom('previews').where('message_id', 'in', ids).execute();
};
