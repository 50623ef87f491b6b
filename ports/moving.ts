// Tables that an installation takes along when it moves to other servers: what cannot be made again from the log.

/** Times as RFC 3339. Secrets may be among it, so what is read goes nowhere but into the other store. */
export type MovedRow = Record<string, string | number | null>;
/** The values of a row's key. */
export type MovedKey = (string | number)[];

export interface MovableTables<Table extends string> {
  /** In an order in which they can be taken one after the other. */
  tables: readonly Table[];
  /** Rows in the order of the key, after the key `next` of the page before (null: from the beginning, or there was no row). */
  page(
    table: Table,
    after: MovedKey | null,
    limit: number,
  ): Promise<{ rows: MovedRow[]; next: MovedKey | null }>;
  /** Takes such rows, all or none; those whose key is here stay as they are. */
  take(table: Table, rows: MovedRow[]): Promise<void>;
  count(table: Table): Promise<number>;
}
