// What people chose about how others see them. Every change raises the row's rev, so that who hears of two changes in
// the wrong order keeps the newer.
import { type Choices, chosen, noChoices } from '../../schemas/choices.ts';
import { type Database, runAll, transaction } from '../sql/database.ts';
import type { KeptChoices, PeopleChoices } from './port.ts';
import type { AccountTables } from './tables.ts';

type Row = AccountTables['account_choices'];

export const choicesPart = (db: Database<AccountTables>): PeopleChoices => {
  const { dialect, read } = db;

  const keptOf = (row: Row): KeptChoices => ({
    userId: row.user_id,
    rev: row.rev,
    choices: {
      statusText: row.status_text,
      statusUntil: row.status_until === null ? null : dialect.fromTime(row.status_until),
      privacy: { ...noChoices.privacy, ...(JSON.parse(row.privacy) as Partial<Choices['privacy']>) },
    },
  });
  const valuesOf = ({ choices }: KeptChoices, now: string): Omit<Row, 'user_id' | 'rev'> => ({
    status_text: choices.statusText,
    status_until: choices.statusUntil === null ? null : dialect.toTime(choices.statusUntil),
    privacy: JSON.stringify(choices.privacy),
    changed_at: dialect.toTime(now),
  });

  return {
    choicesOf: async (userId) => {
      const query = read.selectFrom('account_choices').selectAll().where('user_id', '=', userId);
      const row = await query.executeTakeFirst();
      return row ? keptOf(row) : { userId, rev: 0, choices: noChoices };
    },
    choicesSince: async (time) => {
      let query = read.selectFrom('account_choices').selectAll();
      if (time !== null) query = query.where('changed_at', '>=', dialect.toTime(time));
      return (await query.execute()).map(keptOf);
    },
    choose: (userId, patch, now) =>
      transaction(db, async (trx) => {
        // Written first: a lock on a row that is not there would be one on the gap, which two may have.
        const fresh = { user_id: userId, rev: 0, ...valuesOf({ userId, rev: 0, choices: noChoices }, now) };
        const columns = Object.keys(fresh);
        await runAll(
          trx,
          dialect.insertNew({ table: 'account_choices', columns, rows: [Object.values(fresh)] }),
        );
        const query = trx.selectFrom('account_choices').selectAll().where('user_id', '=', userId);
        const row = await (dialect.locksRows ? query.forUpdate() : query).executeTakeFirstOrThrow();
        const before = keptOf(row);
        const kept = { userId, rev: before.rev + 1, choices: chosen(before.choices, patch) };
        await trx
          .updateTable('account_choices')
          .set({ rev: kept.rev, ...valuesOf(kept, now) })
          .where('user_id', '=', userId)
          .execute();
        return kept;
      }),
  };
};
