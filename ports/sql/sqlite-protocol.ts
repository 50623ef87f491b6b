// What goes between a SQLite driver and the thread that owns the connection.

/** A parameter as both databases take it. */
export type SqlValue = string | number | null;

export type SqliteOpening = { file: string; synchronous: 'FULL' | 'NORMAL'; readOnly: boolean };

export type SqliteRequest =
  /** `rows`: the one-row statement is run for each of them, in one message. */
  | { id: number; sql: string; values: SqlValue[] }
  | { id: number; sql: string; rows: SqlValue[][] }
  | { id: number; close: true };

export type SqliteResult = { rows: Record<string, unknown>[]; changes: number; lastId: number };
export type SqliteFault = { code: string; retry: 'later' | 'never'; message: string };
export type SqliteAnswer = { id: number; result: SqliteResult } | { id: number; fault: SqliteFault };
export type SqliteOpened = { opened: true } | { opened: false; fault: SqliteFault };
