// Sessions and the rotation of their refresh tokens.
import type { Transaction } from 'kysely';
import { type Database, transaction } from '../sql/database.ts';
import { inLists } from '../sql/lists.ts';
import type { Accounts, Refreshed, StoredSession } from './port.ts';
import type { AccountTables, SessionTable } from './tables.ts';

type Part = Pick<
  Accounts,
  'createSession' | 'refresh' | 'sessions' | 'revokeSession' | 'revokeSessions' | 'revokedSince'
>;
type Trx = Transaction<AccountTables>;

/** How long a replaced token is still recognised as stolen; after that it is as unknown as any other. */
const replacedKeptMs = 30 * 24 * 3600_000;

export const sessionPart = (db: Database<AccountTables>): Part => {
  const { dialect, read } = db;

  const sessionOf = (row: SessionTable): StoredSession => ({
    id: row.id,
    userId: row.user_id,
    device: row.device,
    createdAt: dialect.fromTime(row.created_at),
    lastUsedAt: dialect.fromTime(row.last_used_at),
    expiresAt: dialect.fromTime(row.expires_at),
  });

  /** The row of the session that a token belongs to, kept from changing until the transaction ends. */
  const lockedSession = async (trx: Trx, sessionId: string): Promise<SessionTable | undefined> => {
    const query = trx.selectFrom('sessions').selectAll().where('id', '=', sessionId);
    return (dialect.locksRows ? query.forUpdate() : query).executeTakeFirst();
  };
  const tokenOf = (trx: Trx, hash: string) =>
    trx
      .selectFrom('session_tokens')
      .select(['session_id', 'replaced_at'])
      .where('hash', '=', hash)
      .executeTakeFirst();
  const revoke = (trx: Trx, sessionId: string, now: string) =>
    trx
      .updateTable('sessions')
      .set({ revoked_at: dialect.toTime(now) })
      .where('id', '=', sessionId)
      .execute();

  const rotate = async (
    trx: Trx,
    row: SessionTable,
    { hash, nextHash, now, expiresAt }: Parameters<Accounts['refresh']>[0],
  ): Promise<StoredSession> => {
    const kept = dialect.toTime(now);
    await trx.updateTable('session_tokens').set({ replaced_at: kept }).where('hash', '=', hash).execute();
    const next = { hash: nextHash, session_id: row.id, replaced_at: null };
    await trx.insertInto('session_tokens').values(next).execute();
    const times = { last_used_at: kept, expires_at: dialect.toTime(expiresAt) };
    await trx.updateTable('sessions').set(times).where('id', '=', row.id).execute();
    const oldest = new Date(Date.parse(now) - replacedKeptMs).toISOString();
    await trx
      .deleteFrom('session_tokens')
      .where('session_id', '=', row.id)
      .where('replaced_at', '<', dialect.toTime(oldest))
      .execute();
    return sessionOf({ ...row, ...times });
  };

  return {
    createSession: (session, refreshHash) =>
      transaction(db, async (trx) => {
        await removeExpired(trx, session.userId, dialect.toTime(session.createdAt));
        await trx
          .insertInto('sessions')
          .values({
            id: session.id,
            user_id: session.userId,
            device: session.device,
            created_at: dialect.toTime(session.createdAt),
            last_used_at: dialect.toTime(session.lastUsedAt),
            expires_at: dialect.toTime(session.expiresAt),
            revoked_at: null,
          })
          .execute();
        const token = { hash: refreshHash, session_id: session.id, replaced_at: null };
        await trx.insertInto('session_tokens').values(token).execute();
      }),

    refresh: (query) =>
      transaction(db, async (trx): Promise<Refreshed> => {
        const { hash, now, graceMs } = query;
        const found = await tokenOf(trx, hash);
        const row = found && (await lockedSession(trx, found.session_id));
        if (!row || row.revoked_at !== null || row.expires_at <= dialect.toTime(now))
          return { kind: 'unknown' };
        // Looked at again: another tab may have rotated while this one waited for the session.
        const token = await tokenOf(trx, hash);
        if (!token) return { kind: 'unknown' };
        if (token.replaced_at === null) return { kind: 'rotated', session: await rotate(trx, row, query) };
        const session = sessionOf(row);
        const age = Date.parse(now) - Date.parse(dialect.fromTime(token.replaced_at));
        if (age <= graceMs) return { kind: 'repeated', session };
        await revoke(trx, row.id, now);
        return { kind: 'reused', session };
      }),

    sessions: async (userIds, now) => {
      const found: StoredSession[] = [];
      for (const some of inLists(userIds)) {
        const rows = await read
          .selectFrom('sessions')
          .selectAll()
          .where('user_id', 'in', some)
          .where('revoked_at', 'is', null)
          .where('expires_at', '>', dialect.toTime(now))
          .orderBy('last_used_at', 'desc')
          .orderBy('id')
          .execute();
        found.push(...rows.map(sessionOf));
      }
      return found;
    },

    revokeSession: (userId, sessionId, now) =>
      transaction(db, async (trx) => {
        const row = await lockedSession(trx, sessionId);
        if (!row || row.user_id !== userId || row.revoked_at !== null) return false;
        if (row.expires_at <= dialect.toTime(now)) return false;
        await revoke(trx, sessionId, now);
        return true;
      }),

    revokeSessions: (userId, exceptId, now) =>
      transaction(db, async (trx) => {
        const query = trx
          .selectFrom('sessions')
          .select('id')
          .where('user_id', '=', userId)
          .where('revoked_at', 'is', null)
          .where('expires_at', '>', dialect.toTime(now));
        const rows = await (dialect.locksRows ? query.forUpdate() : query).execute();
        const ids = rows.map((row) => row.id).filter((id) => id !== exceptId);
        for (const id of ids) await revoke(trx, id, now);
        return ids;
      }),

    revokedSince: async (time) => {
      const rows = await read
        .selectFrom('sessions')
        .select('id')
        .where('revoked_at', '>=', dialect.toTime(time))
        .execute();
      const tokens = await read
        .selectFrom('bot_tokens')
        .select('id')
        .where('revoked_at', '>=', dialect.toTime(time))
        .execute();
      return [...rows, ...tokens].map((row) => row.id);
    },
  };
};

/** What has ended goes when its owner signs in again, so that nothing need be swept. */
const removeExpired = async (trx: Trx, userId: string, now: string): Promise<void> => {
  const expired = await trx
    .selectFrom('sessions')
    .select('id')
    .where('user_id', '=', userId)
    .where('expires_at', '<', now)
    .limit(100)
    .execute();
  const ids = expired.map((row) => row.id);
  if (ids.length === 0) return;
  await trx.deleteFrom('session_tokens').where('session_id', 'in', ids).execute();
  await trx.deleteFrom('sessions').where('id', 'in', ids).execute();
};
