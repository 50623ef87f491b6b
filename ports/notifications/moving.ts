// The tables that another store takes over. Addresses and keys of devices are among them.
import { CompiledQuery, sql } from 'kysely';
import { keyOf } from '../sql/copied.ts';
import { type Database, runAll, transaction } from '../sql/database.ts';
import type { SqlValue } from '../sql/sqlite-protocol.ts';
import type { MovableNotifications, MovedNotificationTable } from './port.ts';
import type { NotificationTables } from './tables.ts';

const keys: Record<MovedNotificationTable, readonly string[]> = {
  notification_preferences: ['user_id'],
  notification_subscriptions: ['id'],
  notification_bounces: ['user_id', 'at_ms'],
  notification_notices: ['id'],
};

export const movingPart = (db: Database<NotificationTables>): MovableNotifications => ({
  movedPage: async (table, after, limit) => {
    const key = keys[table];
    const { text, values } = after ? db.dialect.after(key, after) : { text: '1 = 1', values: [] };
    const select = `SELECT * FROM ${table} WHERE ${text} ORDER BY ${key.join(', ')} LIMIT ${limit}`;
    const { rows } = await db.read.executeQuery<Record<string, string | number | null>>(
      CompiledQuery.raw(select, values),
    );
    const last = rows.at(-1);
    return { rows, next: last ? keyOf(key, last) : null };
  },
  takeMoved: async (table, rows) => {
    const [first] = rows;
    if (!first) return;
    const columns = Object.keys(first);
    const values = rows.map((row) => columns.map((column): SqlValue => row[column] ?? null));
    await transaction(db, (trx) => runAll(trx, db.dialect.insertNew({ table, columns, rows: values })));
  },
  countMoved: async (table) => {
    const { rows } = await sql<{ count: number }>`SELECT count(*) AS count FROM ${sql.table(table)}`.execute(
      db.read,
    );
    return Number(rows[0]?.count ?? 0);
  },
});
