// Instance admins: the first account ever, and whoever was granted it since.
import type { Transaction } from 'kysely';
import { type Database, runAll, transaction } from '../sql/database.ts';
import type { Account, Accounts } from './port.ts';
import { type AccountTables, firstAccount } from './tables.ts';

type Part = Pick<Accounts, 'admins' | 'isAdmin' | 'grantAdmin' | 'revokeAdmin'>;
type Trx = Transaction<AccountTables>;

const adminsMax = 200;

export const adminPart = (db: Database<AccountTables>): Part => {
  const { dialect, read } = db;

  /** All of them, kept from changing until the transaction ends: there are few. */
  const lockedIds = async (trx: Trx): Promise<string[]> => {
    const query = trx.selectFrom('instance_admins').select('user_id').orderBy('user_id');
    const rows = await (dialect.locksRows ? query.forUpdate() : query).execute();
    return rows.map((row) => row.user_id);
  };

  return {
    admins: async () => {
      const rows = await read
        .selectFrom('instance_admins')
        .innerJoin('accounts', 'accounts.id', 'instance_admins.user_id')
        .select(['user_id', 'username', 'granted_at', 'granted_by'])
        .orderBy('granted_at')
        .orderBy('user_id')
        .limit(adminsMax)
        .execute();
      return rows.map((row) => ({
        userId: row.user_id,
        username: row.username,
        grantedAt: dialect.fromTime(row.granted_at),
        grantedBy: row.granted_by,
      }));
    },

    isAdmin: async (userId) => {
      const query = read.selectFrom('instance_admins').select('user_id').where('user_id', '=', userId);
      return (await query.executeTakeFirst()) !== undefined;
    },

    grantAdmin: ({ userId, by, now }) =>
      transaction(db, async (trx) => {
        const admins = await lockedIds(trx);
        if (admins.includes(userId)) return 'already';
        const account = await trx
          .selectFrom('accounts')
          .select('password_hash')
          .where('id', '=', userId)
          .executeTakeFirst();
        if (!account?.password_hash) return 'unknown';
        if (admins.length >= adminsMax) return 'full';
        await insertAdmin(db, trx, userId, now, by);
        return 'granted';
      }),

    revokeAdmin: (userId, { evenLast = false } = {}) =>
      transaction(db, async (trx) => {
        const admins = await lockedIds(trx);
        if (!admins.includes(userId)) return 'unknown';
        if (admins.length === 1 && !evenLast) return 'last';
        await trx.deleteFrom('instance_admins').where('user_id', '=', userId).execute();
        return 'revoked';
      }),
  };
};

const insertAdmin = (
  { dialect }: Database<AccountTables>,
  trx: Trx,
  userId: string,
  grantedAt: string,
  by: string | null,
): Promise<void> =>
  runAll(
    trx,
    dialect.insertNew({
      table: 'instance_admins',
      columns: ['user_id', 'granted_at', 'granted_by'],
      rows: [[userId, dialect.toTime(grantedAt), by]],
    }),
  );

/** Part of the transaction that creates an account: whose mark comes first is an admin. */
export const adminIfFirst = async (
  db: Database<AccountTables>,
  trx: Trx,
  account: Account,
): Promise<void> => {
  if (account.passwordHash === null) return;
  const mark = trx.selectFrom('tool_marks').select('value').where('name', '=', firstAccount);
  if (await mark.executeTakeFirst()) return;
  const { id, createdAt } = account.user;
  const columns = ['name', 'value'];
  await runAll(trx, db.dialect.insertNew({ table: 'tool_marks', columns, rows: [[firstAccount, id]] }));
  // Locked: the row that is there now, not the one of this transaction's first look.
  const first = await (db.dialect.locksRows ? mark.forUpdate() : mark).executeTakeFirst();
  if (first?.value === id) await insertAdmin(db, trx, id, createdAt, null);
};
