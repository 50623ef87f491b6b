// The end of an account. What is secret or private goes at once, in one transaction; what a person still has to leave
// and to delete in conversations is remembered until it is done.

import { noChoices } from '../../schemas/choices.ts';
import type { UserRow } from '../../schemas/rows.ts';
import { type Database, transaction } from '../sql/database.ts';
import { kindOf } from '../sql/kinds.ts';
import { botsToEnd, endBots } from './bots.ts';
import { announce } from './people.ts';
import type { Erasures } from './port.ts';
import type { AccountTables } from './tables.ts';

export const erasuresPart = (db: Database<AccountTables>): Erasures => {
  const { dialect } = db;
  return {
    erase: (userId, { username, deleteMessages, now }, event) =>
      transaction(db, async (trx) => {
        const query = trx.selectFrom('accounts').selectAll().where('id', '=', userId);
        const row = await (dialect.locksRows ? query.forUpdate() : query).executeTakeFirst();
        if (!row) return { kind: 'unknown' as const };
        const bots = await botsToEnd(trx, userId);
        if (row.password_hash === null && !bots.includes(userId)) return { kind: 'unknown' as const };
        const rev = row.rev + 1;
        const gone = { username, profile_pic_url: null, rev, password_hash: null, email: null };
        await trx
          .updateTable('accounts')
          .set({ ...gone, preferences: '{}' })
          .where('id', '=', userId)
          .execute();
        const devices = await trx.selectFrom('sessions').select('id').where('user_id', '=', userId).execute();
        const ids = devices.map(({ id }) => id);
        if (ids.length > 0) await trx.deleteFrom('session_tokens').where('session_id', 'in', ids).execute();
        // The rows stay as long as an access token of theirs could be shown.
        const nowhere = { device: '', revoked_at: dialect.toTime(now) };
        await trx.updateTable('sessions').set(nowhere).where('user_id', '=', userId).execute();
        ids.push(...(await endBots(db, trx, { userId, bots, now })));
        await trx.deleteFrom('personal_items').where('user_id', '=', userId).execute();
        await trx.deleteFrom('personal_revs').where('user_id', '=', userId).execute();
        for (const table of [
          'account_mail',
          'unproven_addresses',
          'mail_tokens',
          'mail_letters',
          'known_devices',
        ] as const)
          await trx.deleteFrom(table).where('user_id', '=', userId).execute();
        await trx.deleteFrom('instance_admins').where('user_id', '=', userId).execute();
        // Stays with a higher rev, so that every gateway hears that there is nothing any more.
        await trx
          .updateTable('account_choices')
          .set((eb) => ({
            status_text: null,
            status_until: null,
            privacy: JSON.stringify(noChoices.privacy),
            rev: eb('rev', '+', 1),
            changed_at: dialect.toTime(now),
          }))
          .where('user_id', '=', userId)
          .execute();
        await trx
          .insertInto('erasures')
          .values({
            user_id: userId,
            delete_messages: Number(deleteMessages),
            started_at: dialect.toTime(now),
            touched_at: dialect.toTime(now),
          })
          .execute();
        const user: UserRow = {
          id: row.id,
          username,
          profilePicUrl: null,
          ...kindOf(row.kind),
          createdAt: dialect.fromTime(row.created_at),
          rev,
        };
        const value = event(user);
        const outboxId = await announce(trx, user.id, value);
        return { kind: 'erased' as const, outboxId, sessionIds: ids };
      }),

    takeErasure: ({ now, untouchedSince }) =>
      transaction(db, async (trx) => {
        const query = trx
          .selectFrom('erasures')
          .selectAll()
          .where('touched_at', '<', dialect.toTime(untouchedSince))
          .orderBy('started_at')
          .orderBy('user_id')
          .limit(1);
        const row = await (dialect.locksRows ? query.forUpdate() : query).executeTakeFirst();
        if (!row) return null;
        await trx
          .updateTable('erasures')
          .set({ touched_at: dialect.toTime(now) })
          .where('user_id', '=', row.user_id)
          .execute();
        return { userId: row.user_id, deleteMessages: row.delete_messages === 1 };
      }),
    touchErasure: async (userId, now) => {
      await db.write
        .updateTable('erasures')
        .set({ touched_at: dialect.toTime(now) })
        .where('user_id', '=', userId)
        .execute();
    },
    erasureDone: async (userId) => {
      await db.write.deleteFrom('erasures').where('user_id', '=', userId).execute();
    },
  };
};
