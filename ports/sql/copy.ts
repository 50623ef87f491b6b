// A projection of SQL tables a second time, in tables of their own beside the live ones. See ports/copy.ts.
import { CompiledQuery, type Kysely } from 'kysely';
import type { Copyable, Difference, ProjectionCopy } from '../copy.ts';
import { OutsideError } from '../errors.ts';
import { beside } from './beside.ts';
import {
  type CopiedTables,
  compareKeys,
  differencesOf,
  type Key,
  keyOf,
  type Row,
  whereKeys,
} from './copied.ts';
import { putInPlace, type Rename } from './copy-switch.ts';
import { type Database, snapshot, transaction } from './database.ts';
import type { Condition } from './dialect.ts';
import { Generations, oldSuffix, oldTables } from './generations.ts';
import { inLists } from './lists.ts';
import type { Migration } from './migrate.ts';
import type { SqlValue } from './sqlite-protocol.ts';

export type SqlCopying<T, W> = {
  /** The projection's, as it is called on the command line. */
  name: string;
  /** In a SQLite file it must have a reader of its own: comparing would keep every writer waiting. */
  db: Database<T>;
  tables: CopiedTables;
  /** The table `{topic, partition_id, next_offset, fence}` of how far it has come, moved in the rows' transaction. */
  positions: string;
  /** Whose lines there are this projection's. */
  topics: readonly string[];
  /** They make the tables, by `types.create` only. Tables that are not named above are passed over. */
  migrations: Migration[];
  writer(db: Database<T>): W;
};

export const sqlCopyable = <T, W>(copying: SqlCopying<T, W>): Copyable<W> => {
  const { db, name, positions, migrations } = copying;
  const tables = Object.keys(copying.tables);
  const [first] = tables as [string];
  const generations = new Generations(db, name);
  const run = (text: string) => db.write.executeQuery(CompiledQuery.raw(text));
  return {
    beside: async () => ({
      begun: (await generations.begun(first)) !== null,
      old: (await oldTables(db.write, tables)).length > 0,
    }),
    begunAt: async (topic) => {
      const begun = await generations.begun(first);
      return begun === null ? null : appliedIn(db, `${positions}${generations.suffix(begun)}`, topic);
    },
    copy: async () => {
      const begun = await generations.begun(first);
      if (begun === null)
        for (const table of await generations.leftovers()) await run(`DROP TABLE IF EXISTS ${table}`);
      for (const statement of db.dialect.forMasses) await run(statement);
      const suffix = generations.suffix(begun ?? (await generations.next()));
      const copied = beside(db, [...tables, positions], suffix);
      for (const { statements } of migrations)
        for (const statement of statements(copied.dialect.types)) await run(statement);
      return new SqlCopy(copying, copied);
    },
    dropOld: async () => {
      const names = await oldTables(db.write, tables);
      for (const table of names) await run(`DROP TABLE ${table}`);
      return names.length > 0;
    },
  };
};

const pageRows = 1_000;
const listKeys = 100;
/** More is not a damage to mend but another history. */
const differencesMax = 100_000;

/** What the two are called. */
type Sides = { live: string; copy: string };
type Place = { topic: string; partition_id: number; next_offset: number };

class SqlCopy<T, W> implements ProjectionCopy<W> {
  readonly writer: W;
  readonly #of: SqlCopying<T, W>;
  readonly #copy: ReturnType<typeof beside<T>>;
  /** The transaction that has the positions, while there is one. */
  #held: Kysely<T> | null = null;

  constructor(of: SqlCopying<T, W>, copy: ReturnType<typeof beside<T>>) {
    this.#of = of;
    this.#copy = copy;
    this.writer = of.writer(copy);
  }

  applied(topic: string): Promise<number[]> {
    return appliedIn(this.#of.db, this.#copy.nameOf(this.#of.positions), topic);
  }

  /** Of one moment: where both stand at the same place then, what differs is no matter of being late. */
  compare(onRows: (rows: number) => void): Promise<Difference[]> {
    const sides = (table: string): Sides => ({ live: table, copy: this.#copy.nameOf(table) });
    return snapshot(this.#of.db, (moment) => this.#compared(moment, sides, onRows));
  }

  /** Whoever wrote is fenced by the taking, and comes back after a second: time enough for a snapshot to be begun. */
  compareOld(at: Record<string, number[]>, onRows: (rows: number) => void): Promise<Difference[] | null> {
    const sides = (table: string): Sides => ({ live: `${table}${oldSuffix}`, copy: table });
    return snapshot(this.#of.db, async (moment) => {
      const isThen = samePlaces(await this.#livePlaces(moment), at);
      return isThen ? this.#compared(moment, sides, onRows) : null;
    });
  }

  async #compared(
    moment: Kysely<T>,
    sides: (table: string) => Sides,
    onRows: (rows: number) => void,
  ): Promise<Difference[]> {
    const found: Difference[] = [];
    for (const table of Object.keys(this.#of.tables)) {
      for await (const differences of this.#merged(moment, table, sides(table), onRows)) {
        found.push(...differences);
        if (found.length <= differencesMax) continue;
        const message = `More than ${differencesMax} rows differ: this is another ${this.#of.name}.`;
        throw new OutsideError('too_different', 'never', message);
      }
    }
    return found;
  }

  async recheck(suspects: { table: string; key: Key }[]): Promise<Difference[]> {
    // Held, SQLite has one connection for all; MySQL's sees what everybody has committed.
    const db = this.#inside;
    const found: Difference[] = [];
    for (const [table, columns] of Object.entries(this.#of.tables)) {
      for (const keys of inLists(keysIn(table, suspects), listKeys)) {
        const { text, values } = whereKeys(columns, keys);
        const rows = (name: string) => rowsOf<T, Row>(db, `SELECT * FROM ${name} WHERE ${text}`, values);
        found.push(...differencesOf(table, columns, await rows(table), await rows(this.#copy.nameOf(table))));
      }
    }
    return found;
  }

  holding<R>(at: Record<string, number[]>, work: () => Promise<R>): Promise<R | null> {
    const { db } = this.#of;
    const lock = db.dialect.locksRows ? ' FOR UPDATE' : '';
    return db.write.transaction().execute(async (trx) => {
      if (!samePlaces(await this.#livePlaces(trx, lock), at)) return null;
      this.#held = trx;
      try {
        return await work();
      } finally {
        this.#held = null;
      }
    });
  }

  async take(): Promise<void> {
    const tables = Object.keys(this.#of.tables);
    if ((await oldTables(this.#inside, tables)).length > 0) {
      const { name } = this.#of;
      const message = `What the last rebuild put aside is still there: chatvui replay drop-old ${name}.`;
      throw new OutsideError('old_copy_kept', 'never', message);
    }
    const renames = tables.flatMap((table): Rename[] => [
      [table, `${table}${oldSuffix}`],
      [this.#copy.nameOf(table), table],
    ]);
    await this.#refence();
    await putInPlace(this.#of.db, this.#holder, renames);
    await rowsOf(this.#inside, `DROP TABLE ${this.#copy.nameOf(this.#of.positions)}`);
  }

  async mend(differences: Difference[]): Promise<void> {
    await this.#refence();
    if (this.#of.db.dialect.locksRows)
      await transaction(this.#of.db, (trx) => this.#rewrite(trx, differences));
    else await this.#rewrite(this.#holder, differences);
  }

  async drop(): Promise<void> {
    for (const table of [...Object.keys(this.#of.tables), this.#of.positions])
      await rowsOf(this.#of.db.write, `DROP TABLE IF EXISTS ${this.#copy.nameOf(table)}`);
  }

  async #livePlaces(db: Kysely<T>, lock = ''): Promise<Place[]> {
    const { positions, topics } = this.#of;
    const text = `SELECT topic, partition_id, next_offset FROM ${positions}${lock}`;
    return (await rowsOf<T, Place>(db, text)).filter(({ topic }) => topics.includes(topic));
  }

  async #rewrite(db: Kysely<T>, differences: Difference[]): Promise<void> {
    for (const [table, columns] of Object.entries(this.#of.tables)) {
      const copy = this.#copy.nameOf(table);
      // All go before any comes: what is wrong may stand in the place of what is right (a unique id).
      const wheres = inLists(keysIn(table, differences), listKeys).map((keys) => whereKeys(columns, keys));
      for (const { text, values } of wheres) await rowsOf(db, `DELETE FROM ${table} WHERE ${text}`, values);
      for (const { text, values } of wheres)
        await rowsOf(db, `INSERT INTO ${table} SELECT * FROM ${copy} WHERE ${text}`, values);
    }
  }

  /** What a consumer remembers was read from rows that are others now. */
  async #refence(): Promise<void> {
    const { positions, topics } = this.#of;
    const text = `UPDATE ${positions} SET fence = fence + 1 WHERE topic IN (${topics.map(() => '?').join(', ')})`;
    await rowsOf(this.#holder, text, [...topics]);
  }

  get #holder(): Kysely<T> {
    if (!this.#held) throw new Error('only while the live one is held');
    return this.#held;
  }

  get #inside(): Kysely<T> {
    const { db } = this.#of;
    return this.#held && !db.dialect.locksRows ? this.#held : db.write;
  }

  /** Both in the order of their keys, side by side. */
  async *#merged(
    moment: Kysely<T>,
    table: string,
    sides: Sides,
    onRows: (rows: number) => void,
  ): AsyncGenerator<Difference[]> {
    const columns = this.#of.tables[table] as readonly string[];
    const { dialect } = this.#of.db;
    let after: Key | null = null;
    for (;;) {
      const from = after && dialect.after(columns, after);
      const live: Row[] = await page(moment, sides.live, columns, from);
      const copy: Row[] = await page(moment, sides.copy, columns, from);
      // Only as far as both pages reach: what lies behind comes with the next.
      const full = [live, copy].filter((rows) => rows.length === pageRows);
      const [end] = full.map((rows) => keyOf(columns, rows.at(-1) as Row)).sort(compareKeys);
      const within = (row: Row) => end === undefined || compareKeys(keyOf(columns, row), end) <= 0;
      const right = copy.filter(within);
      yield differencesOf(table, columns, live.filter(within), right);
      onRows(right.length);
      if (end === undefined) return;
      after = end;
    }
  }
}

const rowsOf = async <T, R>(db: Kysely<T>, text: string, values: SqlValue[] = []): Promise<R[]> =>
  (await db.executeQuery<R>(CompiledQuery.raw(text, values))).rows;

const appliedIn = async <T>({ read }: Database<T>, positions: string, topic: string): Promise<number[]> => {
  const applied: number[] = [];
  const text = `SELECT topic, partition_id, next_offset FROM ${positions} WHERE topic = ?`;
  for (const row of await rowsOf<T, Place>(read, text, [topic])) applied[row.partition_id] = row.next_offset;
  return Array.from(applied, (next) => next ?? 0);
};

const page = <T>(
  db: Kysely<T>,
  name: string,
  columns: readonly string[],
  from: Condition | null,
): Promise<Row[]> => {
  const { text, values } = from ?? { text: '1 = 1', values: [] };
  const order = columns.join(', ');
  return rowsOf(db, `SELECT * FROM ${name} WHERE ${text} ORDER BY ${order} LIMIT ${pageRows}`, values);
};

const keysIn = (table: string, pieces: { table: string; key: Key }[]): Key[] =>
  pieces.filter((piece) => piece.table === table).map(({ key }) => key);

/** A partition without a line is at its beginning. */
const samePlaces = (live: Place[], at: Record<string, number[]>): boolean => {
  const open = new Map<string, number>(
    Object.entries(at).flatMap(([topic, nexts]) =>
      nexts.map((next, partition) => [`${topic}/${partition}`, next] as const),
    ),
  );
  for (const { topic, partition_id, next_offset } of live) {
    const place = `${topic}/${partition_id}`;
    if ((open.get(place) ?? 0) !== next_offset) return false;
    open.delete(place);
  }
  return [...open.values()].every((next) => next === 0);
};
