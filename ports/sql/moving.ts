// The tables of a store as another store can take them, over any database.
import { CompiledQuery, sql, type Transaction } from 'kysely';
import type { MovableTables, MovedRow } from '../moving.ts';
import { keyOf } from './copied.ts';
import { type Database, runAll, transaction } from './database.ts';
import type { SqlValue } from './sqlite-protocol.ts';

/** What tells a table's rows apart, and which columns are times. */
export type MovedShape = { key: readonly string[]; times: readonly string[] };

/** `alsoDo`: what else belongs to taking rows, in the same transaction. */
export const movableTables = <T, Table extends string>(
  db: Database<T>,
  shapes: Record<Table, MovedShape>,
  alsoDo: (trx: Transaction<T>) => Promise<void> = async () => undefined,
): MovableTables<Table> => {
  const { dialect } = db;
  const withTimes = (row: MovedRow, table: Table, change: (time: string) => string): MovedRow => {
    const changed = { ...row };
    for (const column of shapes[table].times) {
      const time = changed[column];
      if (typeof time === 'string') changed[column] = change(time);
    }
    return changed;
  };

  return {
    tables: Object.keys(shapes) as Table[],
    page: async (table, after, limit) => {
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
    take: async (table, rows) => {
      const [first] = rows;
      if (!first) return;
      const columns = Object.keys(first);
      const values = rows
        .map((row) => withTimes(row, table, dialect.toTime))
        .map((row) => columns.map((column): SqlValue => row[column] ?? null));
      await transaction(db, async (trx) => {
        await alsoDo(trx);
        await runAll(trx, dialect.insertNew({ table, columns, rows: values }));
      });
    },
    count: async (table) => {
      const counted = sql<{ count: number }>`SELECT count(*) AS count FROM ${sql.table(table)}`;
      const { rows } = await counted.execute(db.read);
      return Number(rows[0]?.count ?? 0);
    },
  };
};
