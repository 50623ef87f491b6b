// The only place that knows how SQLite differs from MySQL and MariaDB. What both databases understand is written once,
// elsewhere. For MySQL only what MariaDB knows too: VALUES(col) instead of `AS new`, no RETURNING, no functional index.
import { CompiledQuery } from 'kysely';
import { inLists } from './lists.ts';
import type { SqlValue } from './sqlite-protocol.ts';

export type Table = {
  table: string;
  columns: string;
  /** The primary key by which the rows themselves lie in order. */
  clusteredBy?: string;
  indexes?: Record<string, string>;
};

/** What tables are made of. */
export type ColumnTypes = {
  id: string;
  /** Compared by code point: names, keys, hashes. MySQL's default collations would take "Hà" for "ha". */
  word(length: number): string;
  text: string;
  integer: string;
  flag: string;
  time: string;
  /** As text `2026-01-31` in and out. */
  date: string;
  serial: string;
  /** Statements that make a table with its indexes and can be repeated. */
  create(table: Table): string[];
};

export type Bulk = { table: string; columns: readonly string[]; rows: SqlValue[][] };

export type Upsert = Bulk & {
  /** A row replaces the kept one only where this column is greater; of equals the first stays. */
  newerBy: string;
  /** Columns taken from the newer row; the rest (keys, first places) stay as they were first written. */
  set: readonly string[];
};

export type Raise = Bulk & { raised: readonly string[] };

/** Numbers that are added to what is there, or begin it. */
export type Add = Bulk & { added: readonly string[] };

/** Raises a column of rows that exist: `rows` are pairs of key and value. */
export type RaiseWhere = { table: string; key: string; column: string; rows: [string, number][] };

export type Condition = { text: string; values: SqlValue[] };

export type Dialect = {
  kind: 'sqlite' | 'mysql';
  types: ColumnTypes;
  /** RFC 3339 as the column keeps it, and back, without loss. */
  toTime(time: string): string;
  fromTime(kept: string): string;
  /** Rows are locked while a transaction looks at them; SQLite's transactions have the whole file. */
  locksRows: boolean;
  /** `(a, b) > (x, y)` in the form that leads straight to that place of a key, past nothing that lies before it. */
  after(columns: readonly string[], key: readonly SqlValue[]): Condition;
  /** For a connection that from now on writes masses. */
  forMasses: readonly string[];
  /** A SELECT with its own ORDER BY and LIMIT as a part of a UNION. */
  branch(select: string): string;
  upsert(upsert: Upsert): CompiledQuery[];
  /** Inserts, or raises the columns to the greater value. */
  raise(raise: Raise): CompiledQuery[];
  raiseWhere(raise: RaiseWhere): CompiledQuery[];
  add(add: Add): CompiledQuery[];
  /** Inserts what is not there yet; every existing row stays. */
  insertNew(bulk: Bulk): CompiledQuery[];
};

// A packet of MariaDB is at most 16 MB by default, and a long statement holds the thread of SQLite.
const rowsMax = 500;
const bytesMax = 2_000_000;

/** In parts that a server takes in one statement; the rows of each part are its only parameter. */
const inParts = (sql: string, rows: SqlValue[][]): CompiledQuery[] => {
  const parts: CompiledQuery[] = [];
  let part: SqlValue[][] = [];
  let bytes = 0;
  for (const row of rows) {
    part.push(row);
    for (const value of row) bytes += typeof value === 'string' ? value.length * 3 : 8;
    if (part.length < rowsMax && bytes < bytesMax) continue;
    parts.push(CompiledQuery.raw(sql, [part]));
    part = [];
    bytes = 0;
  }
  if (part.length > 0) parts.push(CompiledQuery.raw(sql, [part]));
  return parts;
};

const raisedMax = 200;

const marks = (columns: readonly string[]): string => columns.map(() => '?').join(', ');

const massesKib = 65_536;
const massesPages = 8_000;

export const sqlite: Dialect = {
  kind: 'sqlite',
  types: {
    id: 'TEXT',
    word: () => 'TEXT',
    text: 'TEXT',
    integer: 'INTEGER',
    flag: 'INTEGER',
    time: 'TEXT',
    date: 'TEXT',
    serial: 'INTEGER PRIMARY KEY AUTOINCREMENT',
    create: ({ table, columns, clusteredBy, indexes = {} }) => [
      clusteredBy
        ? `CREATE TABLE IF NOT EXISTS ${table} (${columns}, PRIMARY KEY (${clusteredBy})) WITHOUT ROWID`
        : `CREATE TABLE IF NOT EXISTS ${table} (${columns})`,
      ...Object.entries(indexes).map(
        ([name, by]) => `CREATE INDEX IF NOT EXISTS ${name} ON ${table} (${by})`,
      ),
    ],
  },
  toTime: (time) => time,
  fromTime: (kept) => kept,
  locksRows: false,
  after: (columns, key) => ({ text: `(${columns.join(', ')}) > (${marks(columns)})`, values: [...key] }),
  // Ids lie in no order, so their index is touched everywhere: it is kept in memory, and pages that change again soon are
  // carried from the WAL into the file once for many commits. What a commit promises stays the same: it outlives kill -9,
  // and what a power cut takes (rows and position together) is applied again. Never synchronous=OFF: the file has the
  // live tables too, and a power cut could break them.
  forMasses: [`PRAGMA cache_size=-${massesKib}`, `PRAGMA wal_autocheckpoint=${massesPages}`],
  branch: (select) => `SELECT * FROM (${select})`,
  upsert: ({ table, columns, newerBy, set, rows }) => {
    const assignments = set.map((column) => `${column} = excluded.${column}`).join(', ');
    // Without a named target it serves every unique key, as MySQL's does.
    const sql = `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${marks(columns)})
      ON CONFLICT DO UPDATE SET ${assignments} WHERE excluded.${newerBy} > ${table}.${newerBy}`;
    return inParts(sql, rows);
  },
  raise: ({ table, columns, raised, rows }) => {
    const assignments = raised.map((column) => `${column} = max(${table}.${column}, excluded.${column})`);
    const sql = `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${marks(columns)})
      ON CONFLICT DO UPDATE SET ${assignments.join(', ')}`;
    return inParts(sql, rows);
  },
  raiseWhere: ({ table, key, column, rows }) =>
    inParts(
      `UPDATE ${table} SET ${column} = max(${column}, ?) WHERE ${key} = ?`,
      rows.map(([id, value]) => [value, id]),
    ),
  add: ({ table, columns, added, rows }) => {
    const assignments = added.map((column) => `${column} = ${table}.${column} + excluded.${column}`);
    const sql = `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${marks(columns)})
      ON CONFLICT DO UPDATE SET ${assignments.join(', ')}`;
    return inParts(sql, rows);
  },
  insertNew: ({ table, columns, rows }) =>
    inParts(
      `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${marks(columns)}) ON CONFLICT DO NOTHING`,
      rows,
    ),
};

export const mysql: Dialect = {
  kind: 'mysql',
  types: {
    id: 'CHAR(36) CHARACTER SET ascii COLLATE ascii_bin',
    word: (length) => `VARCHAR(${length}) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`,
    text: 'MEDIUMTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin',
    integer: 'BIGINT',
    flag: 'TINYINT',
    time: 'DATETIME(3)',
    date: 'DATE',
    serial: 'BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY',
    // Indexes go inside: CREATE INDEX cannot be repeated there.
    create: ({ table, columns, clusteredBy, indexes = {} }) => {
      const keys = Object.entries(indexes).map(([name, by]) => `, INDEX ${name} (${by})`);
      if (clusteredBy) keys.unshift(`, PRIMARY KEY (${clusteredBy})`);
      return [
        `CREATE TABLE IF NOT EXISTS ${table} (${columns}${keys.join('')})
          ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`,
      ];
    },
  },
  toTime: (time) => time.slice(0, 23).replace('T', ' '),
  fromTime: (kept) => `${kept.replace(' ', 'T')}Z`,
  locksRows: true,
  // Its optimizer takes a comparison of rows for no range at all, and this form for one.
  after: (columns, key) => {
    const values: SqlValue[] = [key[0] as SqlValue];
    const alternatives = columns.map((column, i) => {
      const same = columns.slice(0, i).map((before) => `${before} = ?`);
      values.push(...key.slice(0, i + 1));
      return `(${[...same, `${column} > ?`].join(' AND ')})`;
    });
    return { text: `${columns[0]} >= ? AND (${alternatives.join(' OR ')})`, values };
  },
  forMasses: [],
  // A derived table would be written to a temporary one for each branch.
  branch: (select) => `(${select})`,
  upsert: ({ table, columns, newerBy, set, rows }) => {
    // Assigned from left to right, each seeing the ones before: what is compared must change last.
    const assignments = set
      .filter((column) => column !== newerBy)
      .map((column) => `${column} = IF(VALUES(${newerBy}) > ${newerBy}, VALUES(${column}), ${column})`);
    assignments.push(`${newerBy} = GREATEST(${newerBy}, VALUES(${newerBy}))`);
    const sql = `INSERT INTO ${table} (${columns.join(', ')}) VALUES ? ON DUPLICATE KEY UPDATE ${assignments.join(', ')}`;
    return inParts(sql, rows);
  },
  raise: ({ table, columns, raised, rows }) => {
    const assignments = raised.map((column) => `${column} = GREATEST(${column}, VALUES(${column}))`);
    const sql = `INSERT INTO ${table} (${columns.join(', ')}) VALUES ? ON DUPLICATE KEY UPDATE ${assignments.join(', ')}`;
    return inParts(sql, rows);
  },
  raiseWhere: ({ table, key, column, rows }) =>
    // One statement for many rows: each finds its own value in the list.
    inLists(rows, raisedMax).map((part) => {
      const cases = part.map(() => 'WHEN ? THEN ?').join(' ');
      const sql = `UPDATE ${table} SET ${column} = GREATEST(${column}, CASE ${key} ${cases} ELSE 0 END) WHERE ${key} IN (?)`;
      return CompiledQuery.raw(sql, [...part.flat(), part.map(([id]) => id)]);
    }),
  add: ({ table, columns, added, rows }) => {
    const assignments = added.map((column) => `${column} = ${column} + VALUES(${column})`);
    const sql = `INSERT INTO ${table} (${columns.join(', ')}) VALUES ? ON DUPLICATE KEY UPDATE ${assignments.join(', ')}`;
    return inParts(sql, rows);
  },
  // Not INSERT IGNORE: that would also let wrong values pass.
  insertNew: ({ table, columns, rows }) =>
    inParts(
      `INSERT INTO ${table} (${columns.join(', ')}) VALUES ? ON DUPLICATE KEY UPDATE ${columns[0]} = ${table}.${columns[0]}`,
      rows,
    ),
};
