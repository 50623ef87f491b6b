// The account tables as another store can take them: rows as they are, times as RFC 3339. Secrets among them, so what is
// read here goes nowhere but into the other store.
import { CompiledQuery, sql } from 'kysely';
import { keyOf } from '../sql/copied.ts';
import { type Database, runAll, transaction } from '../sql/database.ts';
import type { SqlValue } from '../sql/sqlite-protocol.ts';
import type { MovableAccounts, MovedRow, MovedTable } from './port.ts';
import type { AccountTables } from './tables.ts';

const shapes: Record<MovedTable, { key: readonly string[]; times: string[] }> = {
  accounts: { key: ['id'], times: ['created_at'] },
  account_outbox: { key: ['id'], times: [] },
  sessions: { key: ['id'], times: ['created_at', 'last_used_at', 'expires_at', 'revoked_at'] },
  session_tokens: { key: ['hash'], times: ['replaced_at'] },
  secrets: { key: ['name'], times: [] },
  tool_marks: { key: ['name'], times: [] },
  instance_admins: { key: ['user_id'], times: ['granted_at'] },
  account_choices: { key: ['user_id'], times: ['status_until', 'changed_at'] },
  erasures: { key: ['user_id'], times: ['started_at', 'touched_at'] },
  personal_revs: { key: ['user_id'], times: [] },
  account_mail: { key: ['user_id'], times: ['verified_at', 'bounced_at'] },
  mail_tokens: { key: ['hash'], times: ['made_at', 'expires_at'] },
  mail_letters: { key: ['id'], times: ['made_at', 'due_at'] },
  known_devices: { key: ['user_id', 'hash'], times: ['seen_at'] },
  bots: { key: ['user_id'], times: ['created_at'] },
  bot_tokens: { key: ['id'], times: ['created_at', 'last_used_at', 'expires_at', 'revoked_at'] },
  personal_items: { key: ['user_id', 'kind', 'item_key'], times: ['updated_at'] },
};

export const movingPart = (db: Database<AccountTables>): MovableAccounts => {
  const { dialect } = db;
  const withTimes = (row: MovedRow, table: MovedTable, change: (time: string) => string): MovedRow => {
    const changed = { ...row };
    for (const column of shapes[table].times) {
      const time = changed[column];
      if (typeof time === 'string') changed[column] = change(time);
    }
    return changed;
  };

  return {
    movedPage: async (table, after, limit) => {
      const { key } = shapes[table];
      const { text, values } = after ? dialect.after(key, after) : { text: '1 = 1', values: [] };
      const select = `SELECT * FROM ${table} WHERE ${text} ORDER BY ${key.join(', ')} LIMIT ${limit}`;
      const { rows } = await db.read.executeQuery<MovedRow>(CompiledQuery.raw(select, values));
      const last = rows.at(-1);
      return {
        rows: rows.map((row) => withTimes(row, table, dialect.fromTime)),
        next: last ? keyOf(key, last) : null,
      };
    },
    takeMoved: async (table, rows) => {
      const [first] = rows;
      if (!first) return;
      const columns = Object.keys(first);
      const values = rows
        .map((row) => withTimes(row, table, dialect.toTime))
        .map((row) => columns.map((column): SqlValue => row[column] ?? null));
      await transaction(db, (trx) => runAll(trx, dialect.insertNew({ table, columns, rows: values })));
    },
    countMoved: async (table) => {
      const { rows } = await sql<{
        count: number;
      }>`SELECT count(*) AS count FROM ${sql.table(table)}`.execute(db.read);
      return Number(rows[0]?.count ?? 0);
    },
  };
};
