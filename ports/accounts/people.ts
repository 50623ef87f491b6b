// Accounts and the outbox that brings their public rows to the log: always written in one transaction.
import type { Transaction } from 'kysely';
import type { UserRow } from '../../schemas/rows.ts';
import type { TopicName } from '../../schemas/topics.ts';
import { type Database, runAll, transaction } from '../sql/database.ts';
import { isDuplicate } from '../sql/errors.ts';
import { kindOf } from '../sql/kinds.ts';
import { inLists } from '../sql/lists.ts';
import { adminIfFirst } from './admins.ts';
import { writeLetters } from './letters.ts';
import { isConfirmed, keepProof } from './mail.ts';
import type { Account, Accounts } from './port.ts';
import type { AccountTable, AccountTables } from './tables.ts';
import { accountValues } from './values.ts';

type Part = Pick<
  Accounts,
  'create' | 'createPlaceholders' | 'byUsername' | 'byId' | 'change' | 'outbox' | 'outboxDone'
>;
type Trx = Transaction<AccountTables>;
type UserEvent = (user: UserRow) => string;

const topic: TopicName = 'chat.users';
const accountColumns = [
  'id',
  'username',
  'profile_pic_url',
  'kind',
  'created_at',
  'rev',
  'password_hash',
  'email',
  'preferences',
] as const;
const outboxColumns = ['topic', 'message_key', 'value'];

/** Writes an entry of the outbox; answers its id. */
export const announce = async (trx: Trx, userId: string, value: string): Promise<number> => {
  const entry = { topic, message_key: userId, value };
  const { insertId } = await trx.insertInto('account_outbox').values(entry).executeTakeFirstOrThrow();
  return Number(insertId);
};

export const peoplePart = (db: Database<AccountTables>): Part => {
  const { dialect, read } = db;

  const valuesOf = (account: Account): AccountTable => accountValues(dialect, account);
  const accountOf = (row: AccountTable): Account => ({
    user: {
      id: row.id,
      username: row.username,
      profilePicUrl: row.profile_pic_url,
      ...kindOf(row.kind),
      createdAt: dialect.fromTime(row.created_at),
      rev: row.rev,
    },
    passwordHash: row.password_hash,
    email: row.email,
    preferences: JSON.parse(row.preferences) as Account['preferences'],
  });
  const by = async (column: 'id' | 'username', value: string): Promise<Account | null> => {
    const row = await read.selectFrom('accounts').selectAll().where(column, '=', value).executeTakeFirst();
    return row ? accountOf(row) : null;
  };

  return {
    create: async (account, event, letters = []) => {
      try {
        const outboxId = await transaction(db, async (trx) => {
          await trx.insertInto('accounts').values(valuesOf(account)).execute();
          await adminIfFirst(db, trx, account);
          await writeLetters(db, trx, letters);
          return announce(trx, account.user.id, event(account.user));
        });
        return { kind: 'created', outboxId };
      } catch (error) {
        if (isDuplicate(error)) return { kind: 'username_taken' };
        throw error;
      }
    },

    createPlaceholders: async (users, event) => {
      const ids = new Map<string, string>();
      for (const some of inLists(users)) {
        const found = await transaction(db, (trx) => placeholders(trx, some, event));
        for (const [name, id] of found) ids.set(name, id);
      }
      return ids;
    },

    byUsername: (username) => by('username', username),
    byId: (userId) => by('id', userId),

    change: async (userId, patch, event, letters) => {
      try {
        return await transaction(db, async (trx) => {
          const query = trx.selectFrom('accounts').selectAll().where('id', '=', userId);
          const row = await (dialect.locksRows ? query.forUpdate() : query).executeTakeFirst();
          if (!row) return { kind: 'unknown' as const };
          const before = accountOf(row);
          const account = changed(before, patch);
          await trx.updateTable('accounts').set(valuesOf(account)).where('id', '=', userId).execute();
          if (patch.email) await keepProof(trx, userId, patch.email);
          if (letters) {
            const wasConfirmed = await isConfirmed(trx, userId, before.email);
            await writeLetters(db, trx, letters({ before, now: account, wasConfirmed }));
          }
          const isPublic = account.user.rev !== row.rev;
          const outboxId = isPublic ? await announce(trx, account.user.id, event(account.user)) : null;
          return { kind: 'changed' as const, account, outboxId };
        });
      } catch (error) {
        if (isDuplicate(error)) return { kind: 'username_taken' };
        throw error;
      }
    },

    outbox: async (limit) => {
      const rows = await read.selectFrom('account_outbox').selectAll().orderBy('id').limit(limit).execute();
      return rows.map((row) => ({ id: row.id, topic: row.topic, key: row.message_key, value: row.value }));
    },
    outboxDone: async (ids) => {
      for (const some of inLists(ids)) {
        await db.write.deleteFrom('account_outbox').where('id', 'in', some).execute();
      }
    },
  };

  /** Names that are taken keep their people, even when two imports run at once. */
  async function placeholders(trx: Trx, users: UserRow[], event: UserEvent): Promise<Map<string, string>> {
    const names = [...new Set(users.map((user) => user.username))];
    const idsOf = async () => {
      const rows = await trx
        .selectFrom('accounts')
        .select(['username', 'id'])
        .where('username', 'in', names)
        .execute();
      return new Map(rows.map((row) => [row.username, row.id]));
    };
    const before = await idsOf();
    const wanted = new Map(
      users.filter((user) => !before.has(user.username)).map((user) => [user.username, user]),
    );
    if (wanted.size === 0) return before;
    const rows = [...wanted.values()].map((user) => {
      const values = valuesOf({ user, passwordHash: null, email: null, preferences: {} });
      return accountColumns.map((column) => values[column]);
    });
    await runAll(trx, dialect.insertNew({ table: 'accounts', columns: accountColumns, rows }));
    const after = await idsOf();
    const made = [...wanted.values()].filter((user) => after.get(user.username) === user.id);
    const entries = made.map((user) => [topic, user.id, event(user)]);
    await runAll(trx, dialect.insertNew({ table: 'account_outbox', columns: outboxColumns, rows: entries }));
    // Whoever has the id already has changed the name since the last import: still the same person.
    for (const user of wanted.values()) if (!after.has(user.username)) after.set(user.username, user.id);
    return after;
  }
};

const changed = (account: Account, patch: Parameters<Accounts['change']>[1]): Account => {
  const { user } = account;
  const username = patch.username ?? user.username;
  const profilePicUrl = patch.profilePicUrl === undefined ? user.profilePicUrl : patch.profilePicUrl;
  const differs = username !== user.username || profilePicUrl !== user.profilePicUrl;
  return {
    user: differs ? { ...user, username, profilePicUrl, rev: user.rev + 1 } : user,
    passwordHash: patch.passwordHash ?? account.passwordHash,
    email: patch.email ? patch.email.address : account.email,
    preferences: patch.preferences ?? account.preferences,
  };
};
