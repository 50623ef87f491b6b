// How the rows of two tables are laid side by side: by the key that tells a table's rows apart.
import type { Difference } from '../copy.ts';
import type { Condition } from './dialect.ts';

/** Tables by what tells their rows apart. */
export type CopiedTables = Record<string, readonly string[]>;
export type Row = Record<string, string | number | null>;
/** The values of the row's key columns, in order. */
export type Key = (string | number)[];

export const keyOf = (columns: readonly string[], row: Row): Key =>
  columns.map((column) => row[column] as string | number);

/** As the databases order them: ids and words by code unit (ASCII), places as numbers. */
export const compareKeys = (a: Key, b: Key): number => {
  for (const [i, left] of a.entries()) {
    const right = b[i] as string | number;
    if (left === right) continue;
    if (typeof left === 'number') return left - (right as number);
    return Buffer.compare(Buffer.from(left), Buffer.from(right as string));
  }
  return 0;
};

/** Of rows of the same stretch of keys. */
export const differencesOf = (
  table: string,
  columns: readonly string[],
  live: Row[],
  copy: Row[],
): Difference[] => {
  const nameOf = (row: Row) => JSON.stringify(keyOf(columns, row));
  const wanted = new Map(copy.map((row) => [nameOf(row), row]));
  const found: Difference[] = [];
  for (const row of live) {
    const name = nameOf(row);
    const right = wanted.get(name);
    wanted.delete(name);
    const key = keyOf(columns, row);
    if (!right) {
      found.push({ table, key, kind: 'extra', columns: [] });
      continue;
    }
    const others = Object.keys(right).filter((column) => row[column] !== right[column]);
    if (others.length > 0) found.push({ table, key, kind: 'different', columns: others });
  }
  for (const row of wanted.values())
    found.push({ table, key: keyOf(columns, row), kind: 'missing', columns: [] });
  return found;
};

export const whereKeys = (columns: readonly string[], keys: Key[]): Condition => {
  const one = `(${columns.map((column) => `${column} = ?`).join(' AND ')})`;
  return { text: keys.map(() => one).join(' OR '), values: keys.flat() };
};
