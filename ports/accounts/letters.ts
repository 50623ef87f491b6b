// Mails about accounts that wait to be sent. Whoever takes some has them for a while; when they are not done by then,
// the next one gets them.
import type { Transaction } from 'kysely';
import { type Database, runAll, transaction } from '../sql/database.ts';
import type { Letter, Letters, NewLetter } from './port.ts';
import type { AccountTables } from './tables.ts';

type Row = AccountTables['mail_letters'];

const columns = ['id', 'user_id', 'kind', 'content', 'made_at', 'due_at', 'attempts'] as const;

export const writeLetters = async (
  { dialect }: Database<AccountTables>,
  trx: Transaction<AccountTables>,
  letters: NewLetter[],
): Promise<void> => {
  const rows = letters.map(({ id, userId, kind, content, madeAt }) => [
    id,
    userId,
    kind,
    JSON.stringify(content),
    dialect.toTime(madeAt),
    dialect.toTime(madeAt),
    0,
  ]);
  await runAll(trx, dialect.insertNew({ table: 'mail_letters', columns, rows }));
};

export const lettersPart = (db: Database<AccountTables>): Letters => {
  const { dialect, write } = db;
  const letterOf = (row: Row): Letter => ({
    id: row.id,
    userId: row.user_id,
    kind: row.kind,
    content: JSON.parse(row.content) as Letter['content'],
    madeAt: dialect.fromTime(row.made_at),
    attempts: row.attempts,
  });

  return {
    postLetter: (letter) => transaction(db, (trx) => writeLetters(db, trx, [letter])),
    takeLetters: ({ now, leaseUntil, limit }) =>
      transaction(db, async (trx) => {
        const query = trx
          .selectFrom('mail_letters')
          .selectAll()
          .where('due_at', '<=', dialect.toTime(now))
          .orderBy('due_at')
          .orderBy('id')
          .limit(limit);
        const rows = await (dialect.locksRows ? query.forUpdate() : query).execute();
        if (rows.length === 0) return [];
        await trx
          .updateTable('mail_letters')
          .set((eb) => ({ due_at: dialect.toTime(leaseUntil), attempts: eb('attempts', '+', 1) }))
          .where(
            'id',
            'in',
            rows.map(({ id }) => id),
          )
          .execute();
        return rows.map((row) => ({ ...letterOf(row), attempts: row.attempts + 1 }));
      }),
    letterDone: async ({ id, attempts }) => {
      await write.deleteFrom('mail_letters').where('id', '=', id).where('attempts', '=', attempts).execute();
    },
    letterLater: async ({ id, attempts }, dueAt) => {
      await write
        .updateTable('mail_letters')
        .set({ due_at: dialect.toTime(dueAt) })
        .where('id', '=', id)
        .where('attempts', '=', attempts)
        .execute();
    },
  };
};
