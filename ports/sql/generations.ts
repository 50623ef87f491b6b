// The names of tables that exist a second time: `messages__history2` is being made, `messages__old` was put aside.
import { type Kysely, sql } from 'kysely';
import type { Database } from './database.ts';

export const oldSuffix = '__old';

export const tableNames = async <T>(db: Kysely<T>): Promise<string[]> =>
  (await db.introspection.getTables()).map(({ name }) => name);

/** Those of these tables that the last rebuild has put aside, by the names that they have there. */
export const oldTables = async <T>(db: Kysely<T>, tables: string[]): Promise<string[]> => {
  const existing = new Set(await tableNames(db));
  return tables.map((table) => `${table}${oldSuffix}`).filter((table) => existing.has(table));
};

export class Generations<T> {
  readonly #db: Database<T>;
  readonly #pattern: RegExp;
  readonly #name: string;

  constructor(db: Database<T>, name: string) {
    this.#db = db;
    this.#name = name;
    this.#pattern = new RegExp(`__${name}(\\d+)$`);
  }

  suffix(generation: number): string {
    return `__${this.#name}${generation}`;
  }

  /** The one whose first table is there: it is made first and goes first. */
  async begun(firstTable: string): Promise<number | null> {
    for (const name of await tableNames(this.#db.write)) {
      const number = this.#pattern.exec(name)?.[1];
      if (number && name === `${firstTable}${this.suffix(Number(number))}`) return Number(number);
    }
    return null;
  }

  /** Tables of whatever was begun: where no copy is, a kill has left them. */
  async leftovers(): Promise<string[]> {
    return (await tableNames(this.#db.write)).filter((name) => this.#pattern.test(name));
  }

  /** Names of SQLite's indexes stay with a table when it is renamed, so a generation is never used twice. */
  async next(): Promise<number> {
    if (this.#db.dialect.kind !== 'sqlite') return 1;
    const { rows } = await sql<{ name: string }>`
      SELECT name FROM sqlite_master WHERE type = 'index'`.execute(this.#db.write);
    return 1 + Math.max(0, ...rows.flatMap(({ name }) => Number(this.#pattern.exec(name)?.[1] ?? 0)));
  }
}
