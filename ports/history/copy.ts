// History a second time, beside the live one: made from the log while people go on, compared row by row, and put in its
// place, or used to mend it.
import { CompiledQuery, type Kysely, sql } from 'kysely';
import type { Difference, ProjectionCopy } from '../copy.ts';
import { OutsideError } from '../errors.ts';
import { beside } from '../sql/beside.ts';
import type { Database } from '../sql/database.ts';
import { inLists } from '../sql/lists.ts';
import type { SqlValue } from '../sql/sqlite-protocol.ts';
import {
  type CopiedTable,
  compareKeys,
  copiedNames,
  copiedTables,
  type Key,
  keyOf,
  type Row,
} from './copy-tables.ts';
import { historyMigrations } from './migrations.ts';
import type { HistoryWriter } from './port.ts';
import { appliedOf } from './positions.ts';
import type { HistoryTables } from './tables.ts';
import { SqlHistoryWriter } from './writer.ts';

type Db = Database<HistoryTables>;

const pageRows = 1_000;
const listKeys = 100;
const oldSuffix = '__old';
/** More is not a damage to mend but another history. */
const differencesMax = 100_000;

export const openCopy = async (db: Db): Promise<ProjectionCopy<HistoryWriter>> => {
  const existing = (await db.write.introspection.getTables()).map(({ name }) => name);
  if (existing.includes(`messages${oldSuffix}`)) {
    const message =
      'The history before the last rebuild is still there. Drop it first: chatvui replay drop-old history.';
    throw new OutsideError('old_copy_kept', 'never', message);
  }
  const suffix = `__r${await generationOf(db)}`;
  const copied = beside(db, [...copiedNames, 'log_positions'], suffix);
  for (const { statements } of historyMigrations)
    for (const statement of statements(copied.dialect.types))
      await db.write.executeQuery(CompiledQuery.raw(statement));
  return new SqlHistoryCopy(db, copied);
};

/** The one that has been begun, or the one after the live one. */
const generationOf = async (db: Db): Promise<number> => {
  const tables = await db.write.introspection.getTables();
  const begun = tables.flatMap(({ name }) => /^log_positions__r(\d+)$/.exec(name)?.[1] ?? []);
  if (begun.length > 0) return Math.max(...begun.map(Number));
  const used = await usedGeneration(db);
  return used + 1;
};

/** Names of SQLite's indexes stay with a table when it is renamed, so a generation is never used twice. */
const usedGeneration = async (db: Db): Promise<number> => {
  if (db.dialect.kind !== 'sqlite') return 0;
  const { rows } = await sql<{ name: string }>`SELECT name FROM sqlite_master WHERE type = 'index'`.execute(
    db.write,
  );
  return Math.max(0, ...rows.flatMap(({ name }) => Number(/__r(\d+)$/.exec(name)?.[1] ?? 0)));
};

class SqlHistoryCopy implements ProjectionCopy<HistoryWriter> {
  readonly writer: SqlHistoryWriter;
  readonly #live: Db;
  readonly #copy: ReturnType<typeof beside<HistoryTables>>;
  /** Of the transaction that has the positions, while there is one. */
  #trx: Kysely<HistoryTables> | null = null;

  constructor(live: Db, copy: ReturnType<typeof beside<HistoryTables>>) {
    this.#live = live;
    this.#copy = copy;
    this.writer = new SqlHistoryWriter(copy);
  }

  applied(topic: string): Promise<number[]> {
    return appliedOf(this.#copy.read, topic);
  }

  async compare(onRows: (rows: number) => void): Promise<Difference[]> {
    const found: Difference[] = [];
    for (const table of copiedNames) {
      for await (const difference of this.#merged(table, onRows)) {
        found.push(difference);
        if (found.length <= differencesMax) continue;
        const message = `More than ${differencesMax} rows differ: this is another history.`;
        throw new OutsideError('too_different', 'never', message);
      }
    }
    return found;
  }

  async recheck(suspects: { table: string; key: Key }[]): Promise<Difference[]> {
    const found: Difference[] = [];
    for (const table of copiedNames) {
      const keys = suspects.filter((suspect) => suspect.table === table).map(({ key }) => key);
      for (const some of inLists(keys, listKeys)) {
        const live = await this.#byKeys(table, table, some);
        const copy = await this.#byKeys(table, this.#copy.nameOf(table), some);
        found.push(...differencesOf(table, live, copy));
      }
    }
    return found;
  }

  async holding<R>(at: Record<string, number[]>, work: () => Promise<R>): Promise<R | null> {
    const { write, dialect } = this.#live;
    return write.transaction().execute(async (trx) => {
      const positions = trx.selectFrom('log_positions').select(['topic', 'partition_id', 'next_offset']);
      const rows = await (dialect.locksRows ? positions.forUpdate() : positions).execute();
      const moved = rows.some(
        (row) => row.next_offset !== (at[row.topic]?.[row.partition_id] ?? row.next_offset),
      );
      if (moved) return null;
      this.#trx = trx;
      try {
        return await work();
      } finally {
        this.#trx = null;
      }
    });
  }

  async take(): Promise<void> {
    const renames = copiedNames.flatMap((table): [string, string][] => [
      [table, `${table}${oldSuffix}`],
      [this.#copy.nameOf(table), table],
    ]);
    if (this.#live.dialect.kind === 'mysql') {
      // One statement: nobody ever sees a moment between the two.
      await this.#run(`RENAME TABLE ${renames.map(([from, to]) => `${from} TO ${to}`).join(', ')}`);
    } else {
      for (const [from, to] of renames) await this.#run(`ALTER TABLE ${from} RENAME TO ${to}`);
    }
    await this.#run(`DROP TABLE ${this.#copy.nameOf('log_positions')}`);
  }

  async mend(differences: Difference[]): Promise<void> {
    for (const table of copiedNames) {
      const keys = differences.filter((each) => each.table === table).map(({ key }) => key);
      const name = this.#copy.nameOf(table);
      for (const some of inLists(keys, listKeys)) {
        const { text, values } = whereKeys(table, some);
        await this.#run(`DELETE FROM ${table} WHERE ${text}`, values);
        await this.#run(`INSERT INTO ${table} SELECT * FROM ${name} WHERE ${text}`, values);
      }
    }
  }

  async drop(): Promise<void> {
    for (const table of [...copiedNames, 'log_positions'])
      await this.#run(`DROP TABLE IF EXISTS ${this.#copy.nameOf(table)}`);
  }

  /** Both in the order of their keys, side by side. */
  async *#merged(table: CopiedTable, onRows: (rows: number) => void): AsyncGenerator<Difference> {
    let after: Key | null = null;
    for (;;) {
      const live = await this.#page(table, table, after);
      const copy = await this.#page(table, this.#copy.nameOf(table), after);
      // Only as far as both pages reach: what lies behind comes with the next.
      const full = [live, copy].filter((page) => page.length === pageRows);
      const [end] = full.map((page) => keyOf(table, page.at(-1) as Row)).sort(compareKeys);
      const within = (row: Row) => end === undefined || compareKeys(keyOf(table, row), end) <= 0;
      const [left, right] = [live.filter(within), copy.filter(within)];
      onRows(right.length);
      yield* differencesOf(table, left, right);
      if (end === undefined) return;
      after = end;
    }
  }

  async #page(table: CopiedTable, name: string, after: Key | null): Promise<Row[]> {
    const { text, values } = after ? afterKey(table, after) : { text: '1 = 1', values: [] };
    const order = copiedTables[table].join(', ');
    return this.#run(`SELECT * FROM ${name} WHERE ${text} ORDER BY ${order} LIMIT ${pageRows}`, values);
  }

  #byKeys(table: CopiedTable, name: string, keys: Key[]): Promise<Row[]> {
    const { text, values } = whereKeys(table, keys);
    return this.#run(`SELECT * FROM ${name} WHERE ${text}`, values);
  }

  async #run(text: string, values: SqlValue[] = []): Promise<Row[]> {
    const db = this.#trx ?? this.#live.write;
    return (await db.executeQuery<Row>(CompiledQuery.raw(text, values))).rows;
  }
}

/** Rows of the same stretch of keys. */
const differencesOf = (table: CopiedTable, live: Row[], copy: Row[]): Difference[] => {
  const nameOf = (row: Row) => JSON.stringify(keyOf(table, row));
  const wanted = new Map(copy.map((row) => [nameOf(row), row]));
  const found: Difference[] = [];
  for (const row of live) {
    const name = nameOf(row);
    const right = wanted.get(name);
    wanted.delete(name);
    const key = keyOf(table, row);
    if (!right) {
      found.push({ table, key, kind: 'extra', columns: [] });
      continue;
    }
    const columns = Object.keys(right).filter((column) => row[column] !== right[column]);
    if (columns.length > 0) found.push({ table, key, kind: 'different', columns });
  }
  for (const row of wanted.values())
    found.push({ table, key: keyOf(table, row), kind: 'missing', columns: [] });
  return found;
};

type Condition = { text: string; values: SqlValue[] };

const whereKeys = (table: CopiedTable, keys: Key[]): Condition => {
  const one = `(${copiedTables[table].map((column) => `${column} = ?`).join(' AND ')})`;
  return { text: keys.map(() => one).join(' OR '), values: keys.flat() };
};

/** `(a, b) > (x, y)` in a form for which every database uses its key. */
const afterKey = (table: CopiedTable, key: Key): Condition => {
  const columns: readonly string[] = copiedTables[table];
  const values: SqlValue[] = [];
  const alternatives = columns.map((column, i) => {
    const same = columns.slice(0, i).map((before) => `${before} = ?`);
    values.push(...key.slice(0, i + 1));
    return `(${[...same, `${column} > ?`].join(' AND ')})`;
  });
  const [first] = columns;
  return {
    text: `${first} >= ? AND (${alternatives.join(' OR ')})`,
    values: [key[0] as SqlValue, ...values],
  };
};

/** What a rebuild has put aside, and may be thrown away. */
export const dropOldHistory = async (db: Db): Promise<boolean> => {
  const existing = new Set((await db.write.introspection.getTables()).map(({ name }) => name));
  const old = copiedNames.map((table) => `${table}${oldSuffix}`).filter((name) => existing.has(name));
  for (const name of old) await db.write.executeQuery(CompiledQuery.raw(`DROP TABLE ${name}`));
  return old.length > 0;
};
