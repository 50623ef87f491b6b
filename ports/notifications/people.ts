// What people chose, and the devices that can be told.
import { createHash } from 'node:crypto';
import { limits } from '../../schemas/limits.ts';
import { type NotificationPreferences, preferred, usualPreferences } from '../../schemas/notifications.ts';
import { type Database, runAll, transaction } from '../sql/database.ts';
import { inLists } from '../sql/lists.ts';
import type { NotificationPeople, PushSubscription } from './port.ts';
import { subscriptionOf } from './rows.ts';
import type { NotificationTables } from './tables.ts';

const hashOf = (endpoint: string): string => createHash('sha256').update(endpoint).digest('hex');

export const peoplePart = (db: Database<NotificationTables>): NotificationPeople => {
  const { dialect, read } = db;
  return {
    preferences: async (userIds) => {
      const found = new Map<string, NotificationPreferences>();
      for (const some of inLists(userIds)) {
        const query = read.selectFrom('notification_preferences').selectAll().where('user_id', 'in', some);
        // What was added since has its usual value.
        for (const row of await query.execute())
          found.set(row.user_id, preferred(usualPreferences, JSON.parse(row.value)));
      }
      return found;
    },
    setPreferences: (userId, change, nowMs) =>
      transaction(db, async (trx) => {
        // There is a row from here on, and it is locked: whoever else changes it comes before or after.
        const columns = ['user_id', 'value', 'changed_ms'];
        const rows = [[userId, '{}', nowMs]];
        await runAll(trx, dialect.insertNew({ table: 'notification_preferences', columns, rows }));
        const query = trx
          .selectFrom('notification_preferences')
          .select('value')
          .where('user_id', '=', userId);
        const row = await (dialect.locksRows ? query.forUpdate() : query).executeTakeFirstOrThrow();
        const next = preferred(preferred(usualPreferences, JSON.parse(row.value)), change);
        await trx
          .updateTable('notification_preferences')
          .set({ value: JSON.stringify(next), changed_ms: nowMs })
          .where('user_id', '=', userId)
          .execute();
        return next;
      }),

    subscriptions: async (userIds) => {
      const found: PushSubscription[] = [];
      for (const some of inLists(userIds)) {
        const query = read.selectFrom('notification_subscriptions').selectAll().where('user_id', 'in', some);
        found.push(...(await query.orderBy('created_ms').execute()).map(subscriptionOf));
      }
      return found;
    },
    subscribe: (subscription) =>
      transaction(db, async (trx) => {
        const { id, userId, sessionId, endpoint, p256dh, auth, createdMs, lastSentMs } = subscription;
        const hash = hashOf(endpoint);
        await trx
          .deleteFrom('notification_subscriptions')
          .where((eb) => eb.or([eb('session_id', '=', sessionId), eb('endpoint_hash', '=', hash)]))
          .execute();
        const { count } = await trx
          .selectFrom('notification_subscriptions')
          .select(({ fn }) => fn.countAll<number>().as('count'))
          .where('user_id', '=', userId)
          .executeTakeFirstOrThrow();
        if (Number(count) >= limits.subscriptionsMax) return 'full';
        await trx
          .insertInto('notification_subscriptions')
          .values({
            id,
            user_id: userId,
            session_id: sessionId,
            endpoint,
            endpoint_hash: hash,
            p256dh,
            auth,
            created_ms: createdMs,
            last_sent_ms: lastSentMs,
          })
          .execute();
        return 'kept';
      }),
    unsubscribe: async (userId, { ids = [], sessionIds = [] }) => {
      if (ids.length + sessionIds.length === 0) return 0;
      const { numDeletedRows } = await db.write
        .deleteFrom('notification_subscriptions')
        .where('user_id', '=', userId)
        .where((eb) =>
          eb.or([
            ...(ids.length > 0 ? [eb('id', 'in', ids)] : []),
            ...(sessionIds.length > 0 ? [eb('session_id', 'in', sessionIds)] : []),
          ]),
        )
        .executeTakeFirst();
      return Number(numDeletedRows);
    },

    forget: (userId) =>
      transaction(db, async (trx) => {
        for (const table of [
          'notification_preferences',
          'notification_subscriptions',
          'notification_notices',
        ] as const)
          await trx.deleteFrom(table).where('user_id', '=', userId).execute();
      }),
  };
};
