// What people keep for themselves. The row in `personal_revs` is locked while a person's items change, so that revs rise
// in the order in which the changes can be seen.
import type { Transaction } from 'kysely';
import { limits } from '../../schemas/limits.ts';
import type { ConversationSettings, PersonalItem, PersonalValue } from '../../schemas/personal.ts';
import { decodeCursor, isCount, pageOf } from '../cursors.ts';
import { type Database, runAll, snapshot, transaction } from '../sql/database.ts';
import { inLists } from '../sql/lists.ts';
import type { ConversationChoices, PersonalItems } from './port.ts';
import type { AccountTables } from './tables.ts';

type Trx = Transaction<AccountTables>;
type Row = Omit<AccountTables['personal_items'], 'user_id'>;

/** A statement looks for each of them for each person. */
const conversationsMax = 50;

const columns = ['user_id', 'kind', 'item_key', 'value', 'rev', 'updated_at'] as const;

/** Equal values are equal texts, whichever client wrote them. */
const textOf = (value: PersonalValue | null): string | null =>
  value && JSON.stringify(Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))));

export const personalPart = (db: Database<AccountTables>): PersonalItems & ConversationChoices => {
  const { dialect } = db;

  const itemOf = (row: Row): PersonalItem =>
    ({
      kind: row.kind,
      key: row.item_key,
      value: row.value === null ? null : JSON.parse(row.value),
      rev: row.rev,
      updatedAt: dialect.fromTime(row.updated_at),
    }) as PersonalItem;

  const locked = async (trx: Trx, userId: string): Promise<number> => {
    // Written first: a lock on a row that is not there would be one on the gap, which two may have.
    const rows = [[userId, 0, 0]];
    const fresh = { table: 'personal_revs', columns: ['user_id', 'rev', 'floor_rev'], rows };
    await runAll(trx, dialect.insertNew(fresh));
    const query = trx.selectFrom('personal_revs').select('rev').where('user_id', '=', userId);
    return (await (dialect.locksRows ? query.forUpdate() : query).executeTakeFirstOrThrow()).rev;
  };

  const countOf = async (trx: Trx, userId: string, isRemoved: boolean): Promise<number> => {
    const { count } = await trx
      .selectFrom('personal_items')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .where('user_id', '=', userId)
      .where('value', isRemoved ? 'is' : 'is not', null)
      .executeTakeFirstOrThrow();
    return Number(count);
  };

  /** Seldom and many at once. */
  const forgetOldRemovals = async (trx: Trx, userId: string): Promise<void> => {
    const kept = limits.personalRemovalsKept;
    if ((await countOf(trx, userId, true)) < 2 * kept) return;
    const oldest = await trx
      .selectFrom('personal_items')
      .select('rev')
      .where('user_id', '=', userId)
      .where('value', 'is', null)
      .orderBy('rev', 'desc')
      .offset(kept)
      .limit(1)
      .executeTakeFirstOrThrow();
    await trx
      .deleteFrom('personal_items')
      .where('user_id', '=', userId)
      .where('value', 'is', null)
      .where('rev', '<=', oldest.rev)
      .execute();
    await trx
      .updateTable('personal_revs')
      .set({ floor_rev: oldest.rev })
      .where('user_id', '=', userId)
      .execute();
  };

  return {
    personalChanges: (userId, { since, limit, cursor }) =>
      snapshot(db, async (trx) => {
        const revs = await trx
          .selectFrom('personal_revs')
          .select(['rev', 'floor_rev'])
          .where('user_id', '=', userId)
          .executeTakeFirst();
        const { rev, floor_rev: floor } = revs ?? { rev: 0, floor_rev: 0 };
        // `start`: removals up to it need not be told. They must all be remembered from there on.
        let [start, after] =
          cursor === undefined ? [since, since] : decodeCursor<[number, number]>(cursor, [isCount, isCount]);
        const isWhole = start < floor || start > rev || (cursor === undefined && since === 0);
        if (isWhole) [start, after] = [rev, 0];
        const rows = await trx
          .selectFrom('personal_items')
          .select(['kind', 'item_key', 'value', 'rev', 'updated_at'])
          .where('user_id', '=', userId)
          .where('rev', '>', after)
          .where((eb) => eb.or([eb('value', 'is not', null), eb('rev', '>', start)]))
          .orderBy('rev')
          .limit(limit + 1)
          .execute();
        return { ...pageOf(rows.map(itemOf), limit, (last) => [start, last.rev]), isWhole, rev };
      }),

    conversationSettings: async (userIds, conversationIds) => {
      const found = new Map<string, ConversationSettings>();
      for (const users of inLists(userIds))
        for (const conversations of inLists(conversationIds, conversationsMax)) {
          const rows = await db.read
            .selectFrom('personal_items')
            .select(['user_id', 'item_key', 'value'])
            .where('user_id', 'in', users)
            .where('kind', '=', 'conversation')
            .where('item_key', 'in', conversations)
            .where('value', 'is not', null)
            .execute();
          for (const row of rows)
            found.set(
              `${row.user_id} ${row.item_key}`,
              JSON.parse(row.value as string) as ConversationSettings,
            );
        }
      return found;
    },

    putPersonal: (userId, { kind, key, value, base, now }) =>
      transaction(db, async (trx) => {
        const rev = (await locked(trx, userId)) + 1;
        const row = await trx
          .selectFrom('personal_items')
          .select(['kind', 'item_key', 'value', 'rev', 'updated_at'])
          .where('user_id', '=', userId)
          .where('kind', '=', kind)
          .where('item_key', '=', key)
          .executeTakeFirst();
        const text = textOf(value);
        const former = row ?? { kind, item_key: key, value: null, rev: 0, updated_at: dialect.toTime(now) };
        if (former.value === text) return { kind: 'kept', item: itemOf(former), changed: false };
        if (base !== undefined && base !== former.rev) return { kind: 'conflict' };
        const isNew = former.value === null;
        if (isNew && (await countOf(trx, userId, false)) >= limits.personalItemsMax) return { kind: 'full' };
        const next = { ...former, value: text, rev, updated_at: dialect.toTime(now) };
        const rows = [[userId, kind, key, text, rev, next.updated_at]];
        const set = ['value', 'rev', 'updated_at'];
        await runAll(trx, dialect.upsert({ table: 'personal_items', columns, newerBy: 'rev', set, rows }));
        await trx.updateTable('personal_revs').set({ rev }).where('user_id', '=', userId).execute();
        if (text === null) await forgetOldRemovals(trx, userId);
        return { kind: 'kept', item: itemOf(next), changed: true };
      }),
  };
};
