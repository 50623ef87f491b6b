// The embedded index a second time, in the same file: made from the log while people go on searching, compared word by word
// with the live one, and put in its place by renaming, or used to mend it.
import { CompiledQuery, type Kysely, type Transaction } from 'kysely';
import type { Copyable, Difference, ProjectionCopy } from '../copy.ts';
import { OutsideError } from '../errors.ts';
import { beside } from '../sql/beside.ts';
import { type Database, snapshot, transaction } from '../sql/database.ts';
import type { SqlValue } from '../sql/sqlite-protocol.ts';
import type { SearchWriter } from './port.ts';
import { type Sides, suspectsIn } from './sqlite-compare.ts';
import {
  type Ask,
  differenceOf,
  type Found,
  messagesIn,
  orphansIn,
  placesOf,
  type Suspect,
} from './sqlite-look.ts';
import { appliedOf, positionsIn } from './sqlite-positions.ts';
import { type Kept, SqliteSearchWriter, write } from './sqlite-writer.ts';
import { keptTables, type SearchTables, searchTables, tablesBeside } from './tables.ts';

type Db = Database<SearchTables>;

const besideSuffix = '__r';
const oldSuffix = '__old';
/** More is not a damage to mend but another index. */
const differencesMax = 100_000;
/** Some are found several times over, or turn out to be the same. */
const suspectsMax = 10 * differencesMax;
const pageKeys = 20_000;

const run = (db: Kysely<SearchTables>, text: string): Promise<unknown> =>
  db.executeQuery(CompiledQuery.raw(text));
const isKept = (table: string): boolean => keptTables.some((each) => each === table);
const oldIn = (names: Set<string>): string[] =>
  keptTables.map((table) => `${table}${oldSuffix}`).filter((name) => names.has(name));
const tooDifferent = (): OutsideError => {
  const message = `More than ${differencesMax} documents differ: this is another index.`;
  return new OutsideError('too_different', 'never', message);
};

const pagesOf = function* <T>(keys: T[]): Generator<T[]> {
  for (let from = 0; from < keys.length; from += pageKeys) yield keys.slice(from, from + pageKeys);
};

const keptOf = ({ id, rev, place, conversation_id, position, removed, ...words }: Found): Kept => ({
  id,
  rev,
  wanted: place,
  conversationId: conversation_id,
  position,
  words: removed ? null : { exact: words.exact, folded: words.folded, facets: words.facets },
});

const tableNames = async (db: Db, trx: Kysely<SearchTables> = db.write): Promise<Set<string>> =>
  new Set((await trx.introspection.getTables()).map(({ name }) => name));

export const copyableSqlite = (db: Db): Copyable<SearchWriter> => ({
  beside: async () => {
    const existing = await tableNames(db);
    return { begun: existing.has(`documents${besideSuffix}`), old: oldIn(existing).length > 0 };
  },
  begunAt: async (topic) => {
    if (!(await tableNames(db)).has(`documents${besideSuffix}`)) return null;
    return appliedOf(await positionsIn(beside(db, searchTables, besideSuffix).read), topic);
  },
  copy: async () => {
    for (const statement of db.dialect.forMasses) await run(db.write, statement);
    if (!(await tableNames(db)).has(`documents${besideSuffix}`))
      await transaction(db, async (trx) => {
        for (const statement of tablesBeside(besideSuffix)) await run(trx, statement);
      });
    return new SqliteSearchCopy(db);
  },
  dropOld: async () => {
    const old = oldIn(await tableNames(db));
    for (const name of old) await run(db.write, `DROP TABLE ${name}`);
    return old.length > 0;
  },
});

const sides: Sides = { live: '', copy: besideSuffix };

const movedFrom = (at: Record<string, number[]>, rows: SearchTables['search_positions'][]): boolean =>
  rows.some((row) => row.next_offset !== (at[row.topic]?.[row.partition_id] ?? row.next_offset));

const compared = async (ask: Ask, of: Sides, onRows: (rows: number) => void): Promise<Difference[]> => {
  const suspects: Suspect[] = [];
  for await (const some of suspectsIn(ask, of, onRows)) {
    suspects.push(...some);
    if (suspects.length > suspectsMax) throw tooDifferent();
  }
  const found = await differencesIn(ask, of, suspects);
  if (found.length > differencesMax) throw tooDifferent();
  return found;
};

const differencesIn = async (ask: Ask, of: Sides, suspects: Suspect[]): Promise<Difference[]> => {
  const keysOf = (table: string) => [
    ...new Set(suspects.filter((each) => each.table === table).map(({ key }) => key[0])),
  ];
  const found: Difference[] = [];
  for (const ids of pagesOf(keysOf('documents') as string[])) {
    const live = await messagesIn(ask, of.live, ids);
    const copy = await messagesIn(ask, of.copy, ids);
    for (const id of ids) {
      const difference = differenceOf(id, live.get(id), copy.get(id));
      if (difference) found.push(difference);
    }
  }
  for (const places of pagesOf(keysOf('words') as number[]))
    for (const place of await orphansIn(ask, of.live, places))
      found.push({ table: 'words', key: [place], kind: 'extra', columns: [] });
  return found;
};

const askOf =
  (db: Kysely<SearchTables>): Ask =>
  async <R>(text: string, values: SqlValue[] = []) =>
    (await db.executeQuery<R>(CompiledQuery.raw(text, values))).rows;

class SqliteSearchCopy implements ProjectionCopy<SearchWriter> {
  readonly writer: SqliteSearchWriter;
  readonly #live: Db;
  readonly #copy: Db;
  /** Of the transaction that has the file, while there is one. */
  #trx: Transaction<SearchTables> | null = null;

  constructor(live: Db) {
    const copy = beside(live, searchTables, besideSuffix);
    this.#live = live;
    this.#copy = copy;
    this.writer = new SqliteSearchWriter(copy, copy.nameOf);
  }

  async applied(topic: string): Promise<number[]> {
    return appliedOf(await positionsIn(this.#copy.read), topic);
  }

  compare(onRows: (rows: number) => void): Promise<Difference[]> {
    return compared(this.#ask, sides, onRows);
  }

  recheck(suspects: Suspect[]): Promise<Difference[]> {
    return differencesIn(this.#ask, sides, suspects);
  }

  /** Whoever wrote is fenced by the taking, and comes back after a second: time enough for a snapshot to be begun. */
  async compareOld(
    at: Record<string, number[]>,
    onRows: (rows: number) => void,
  ): Promise<Difference[] | null> {
    await this.#ask(
      `CREATE VIRTUAL TABLE IF NOT EXISTS instances${oldSuffix} USING fts5vocab(words${oldSuffix}, 'instance')`,
    );
    const oldSides = { live: oldSuffix, copy: '' };
    try {
      return await snapshot(this.#live, async (moment) => {
        if (movedFrom(at, await positionsIn(moment))) return null;
        return compared(askOf(moment), oldSides, onRows);
      });
    } finally {
      await this.#ask(`DROP TABLE IF EXISTS instances${oldSuffix}`);
    }
  }

  async holding<R>(at: Record<string, number[]>, work: () => Promise<R>): Promise<R | null> {
    const [own] = await positionsIn(this.#copy.read);
    return this.#live.write.transaction().execute(async (trx) => {
      // Where an index of another log stands says nothing.
      const rows = (await positionsIn(trx)).filter(({ epoch }) => own === undefined || epoch === own.epoch);
      if (movedFrom(at, rows)) return null;
      this.#trx = trx;
      try {
        return await work();
      } finally {
        this.#trx = null;
      }
    });
  }

  /** The live positions stay where they are, and with them the order of their owners. */
  async take(): Promise<void> {
    if (oldIn(await tableNames(this.#live, this.#held)).length > 0)
      throw new OutsideError(
        'old_copy_kept',
        'never',
        'The index before the last rebuild is still there: chatvui replay drop-old search.',
      );
    await this.#ask(`INSERT INTO search_positions SELECT * FROM search_positions${besideSuffix} WHERE true
      ON CONFLICT DO UPDATE SET epoch = excluded.epoch, next_offset = excluded.next_offset`);
    await this.#fence();
    for (const table of keptTables) {
      await this.#ask(`ALTER TABLE ${table} RENAME TO ${table}${oldSuffix}`);
      await this.#ask(`ALTER TABLE ${table}${besideSuffix} RENAME TO ${table}`);
    }
    for (const table of searchTables.filter((each) => !isKept(each)))
      await this.#ask(`DROP TABLE ${table}${besideSuffix}`);
  }

  async mend(differences: Difference[]): Promise<void> {
    const trx = this.#held;
    const keysOf = (table: string) =>
      differences.filter((each) => each.table === table).map(({ key }) => key[0]);
    for (const places of pagesOf(keysOf('words') as number[])) await this.#forget(places);
    const ids = keysOf('documents') as string[];
    // All of them first: a wrong one may lie in the place of a right one.
    for (const some of pagesOf(ids)) await this.#forget(await placesOf(this.#ask, some));
    for (const some of pagesOf(ids)) {
      const right = await messagesIn(this.#ask, besideSuffix, some);
      await write(trx, (table) => table, [...right.values()].map(keptOf));
    }
    await this.#fence();
  }

  async drop(): Promise<void> {
    for (const table of [...searchTables].reverse())
      await this.#ask(`DROP TABLE IF EXISTS ${table}${besideSuffix}`);
  }

  get #held(): Transaction<SearchTables> {
    if (!this.#trx) throw new Error('taken or mended outside of holding');
    return this.#trx;
  }

  /** Whoever writes the live one claims anew. */
  async #fence(): Promise<void> {
    await this.#ask('UPDATE search_positions SET fence = fence + 1');
  }

  async #forget(places: number[]): Promise<void> {
    const list = [JSON.stringify(places)];
    for (const [table, key] of [
      ['words', 'rowid'],
      ['documents', 'place'],
    ])
      await this.#ask(`DELETE FROM ${table} WHERE ${key} IN (SELECT value FROM json_each(?))`, list);
  }

  readonly #ask: Ask = async <R>(text: string, values: SqlValue[] = []) => {
    const isReading = /^\s*SELECT/.test(text);
    return askOf(this.#trx ?? (isReading ? this.#live.read : this.#live.write))<R>(text, values);
  };
}
