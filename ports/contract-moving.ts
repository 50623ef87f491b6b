// What tables do that another store can take.
import { expect } from 'vitest';
import type { MovableTables, MovedKey, MovedRow } from './moving.ts';

const pageRows = 3;

const rowsOf = async <Table extends string>(of: MovableTables<Table>, table: Table): Promise<MovedRow[]> => {
  const all: MovedRow[] = [];
  for (let after: MovedKey | null = null; ; ) {
    const { rows, next } = await of.page(table, after, pageRows);
    all.push(...rows);
    if (rows.length < pageRows) return all;
    after = next;
  }
};

/** Moves every row into a store that has none; what is there already changes nothing, as after a kill. */
export const movedWhole = async <Table extends string>(
  from: MovableTables<Table>,
  into: MovableTables<Table>,
): Promise<void> => {
  for (const table of from.tables) {
    const rows = await rowsOf(from, table);
    expect(rows, table).toHaveLength(await from.count(table));
    await into.take(table, rows);
    // Whoever has them keeps them, and has no more.
    for (const store of [from, into]) {
      await store.take(table, rows);
      expect(await store.count(table), table).toBe(rows.length);
    }
    expect(await rowsOf(into, table)).toEqual(rows);
  }
};
