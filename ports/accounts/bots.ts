// Bots and their tokens. A bot is an account that nobody can sign in to.
import type { Transaction } from 'kysely';
import { type Database, transaction } from '../sql/database.ts';
import { isDuplicate } from '../sql/errors.ts';
import { announce } from './people.ts';
import type { Bots, StoredBot, StoredBotToken } from './port.ts';
import type { AccountTables, BotTokenTable } from './tables.ts';
import { accountValues } from './values.ts';

type Trx = Transaction<AccountTables>;

export const botsPart = (db: Database<AccountTables>): Bots => {
  const { dialect, read } = db;
  const optional = (time: string | null) => (time === null ? null : dialect.toTime(time));
  const optionalOf = (kept: string | null) => (kept === null ? null : dialect.fromTime(kept));

  const tokenOf = (row: BotTokenTable): StoredBotToken => ({
    id: row.id,
    botId: row.bot_id,
    name: row.name,
    scopes: JSON.parse(row.scopes) as string[],
    createdAt: dialect.fromTime(row.created_at),
    lastUsedAt: optionalOf(row.last_used_at),
    expiresAt: optionalOf(row.expires_at),
  });
  const botRows = () =>
    read
      .selectFrom('bots')
      .innerJoin('accounts', 'accounts.id', 'bots.user_id')
      .select(['user_id', 'username', 'profile_pic_url', 'owner_id', 'bots.created_at as made_at']);
  type BotRow = Awaited<ReturnType<ReturnType<typeof botRows>['execute']>>[number];
  const botOf = (row: BotRow): StoredBot => ({
    id: row.user_id,
    username: row.username,
    profilePicUrl: row.profile_pic_url,
    ownerId: row.owner_id,
    createdAt: dialect.fromTime(row.made_at),
  });
  const good = (now: string) =>
    read
      .selectFrom('bot_tokens')
      .selectAll()
      .where('revoked_at', 'is', null)
      .where((where) =>
        where.or([where('expires_at', 'is', null), where('expires_at', '>', dialect.toTime(now))]),
      );

  return {
    createBot: async (account, { ownerId, max }, event) => {
      const { id, createdAt } = account.user;
      try {
        return await transaction(db, async (trx) => {
          // Whoever makes two at once makes them one after the other.
          const owner = trx.selectFrom('accounts').select('id').where('id', '=', ownerId);
          await (dialect.locksRows ? owner.forUpdate() : owner).execute();
          const own = await trx
            .selectFrom('bots')
            .select('user_id')
            .where('owner_id', '=', ownerId)
            .execute();
          if (own.length >= max) return { kind: 'full' as const };
          await trx.insertInto('accounts').values(accountValues(dialect, account)).execute();
          const bot = { user_id: id, owner_id: ownerId, created_at: dialect.toTime(createdAt) };
          await trx.insertInto('bots').values(bot).execute();
          return { kind: 'created' as const, outboxId: await announce(trx, id, event(account.user)) };
        });
      } catch (error) {
        if (isDuplicate(error)) return { kind: 'username_taken' };
        throw error;
      }
    },
    bot: async (id) => {
      const row = await botRows().where('user_id', '=', id).executeTakeFirst();
      return row ? botOf(row) : null;
    },
    bots: async (ownerId, limit) => {
      const all = botRows().orderBy('username').limit(limit);
      const rows = await (ownerId === null ? all : all.where('owner_id', '=', ownerId)).execute();
      return rows.map(botOf);
    },

    createBotToken: (token, { hash, max }) =>
      transaction(db, async (trx) => {
        const bot = trx.selectFrom('bots').select('user_id').where('user_id', '=', token.botId);
        const found = await (dialect.locksRows ? bot.forUpdate() : bot).executeTakeFirst();
        if (!found) return 'unknown';
        await trx
          .deleteFrom('bot_tokens')
          .where('bot_id', '=', token.botId)
          .where('expires_at', '<=', dialect.toTime(token.createdAt))
          .execute();
        const kept = await trx
          .selectFrom('bot_tokens')
          .select('id')
          .where('bot_id', '=', token.botId)
          .where('revoked_at', 'is', null)
          .execute();
        if (kept.length >= max) return 'full';
        await trx
          .insertInto('bot_tokens')
          .values({
            id: token.id,
            bot_id: token.botId,
            hash,
            name: token.name,
            scopes: JSON.stringify(token.scopes),
            created_at: dialect.toTime(token.createdAt),
            last_used_at: null,
            expires_at: optional(token.expiresAt),
            revoked_at: null,
          })
          .execute();
        return 'made';
      }),
    botTokens: async (botId, now) => {
      const rows = await good(now)
        .where('bot_id', '=', botId)
        .orderBy('created_at', 'desc')
        .orderBy('id')
        .execute();
      return rows.map(tokenOf);
    },
    botTokenOf: async (hash, now) => {
      const row = await good(now).where('hash', '=', hash).executeTakeFirst();
      return row ? tokenOf(row) : null;
    },
    touchBotToken: async (id, now) => {
      await db.write
        .updateTable('bot_tokens')
        .set({ last_used_at: dialect.toTime(now) })
        .where('id', '=', id)
        .execute();
    },
    revokeBotToken: async (botId, id, now) => {
      const { numUpdatedRows } = await db.write
        .updateTable('bot_tokens')
        .set({ revoked_at: dialect.toTime(now) })
        .where('id', '=', id)
        .where('bot_id', '=', botId)
        .where('revoked_at', 'is', null)
        .executeTakeFirst();
      return numUpdatedRows > 0n;
    },
  };
};

/** Which bots end with an account: itself, and those that its person answers for. */
export const botsToEnd = async (trx: Trx, userId: string): Promise<string[]> => {
  const rows = await trx
    .selectFrom('bots')
    .select('user_id')
    .where((where) => where.or([where('user_id', '=', userId), where('owner_id', '=', userId)]))
    .execute();
  return rows.map((row) => row.user_id);
};

/** Their tokens are good no more; those of a person who goes stay as accounts that an instance admin looks after. */
export const endBots = async (
  { dialect }: Database<AccountTables>,
  trx: Trx,
  { userId, bots, now }: { userId: string; bots: string[]; now: string },
): Promise<string[]> => {
  if (bots.length === 0) return [];
  const live = await trx
    .selectFrom('bot_tokens')
    .select('id')
    .where('bot_id', 'in', bots)
    .where('revoked_at', 'is', null)
    .execute();
  await trx
    .updateTable('bot_tokens')
    .set({ revoked_at: dialect.toTime(now) })
    .where('bot_id', 'in', bots)
    .where('revoked_at', 'is', null)
    .execute();
  await trx.updateTable('bots').set({ owner_id: null }).where('owner_id', '=', userId).execute();
  await trx.deleteFrom('bots').where('user_id', '=', userId).execute();
  return live.map((row) => row.id);
};
