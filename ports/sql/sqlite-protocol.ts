// What goes between a SQLite driver and the thread that owns the connection.

/** A parameter as both databases take it. */
export type SqlValue = string | number | null;

export type SqliteOpening = { file: string; synchronous: 'FULL' | 'NORMAL'; readOnly: boolean };

/** `rows`: the one-row statement is run for each of them. */
export type SqliteStep = { sql: string; values: SqlValue[] } | { sql: string; rows: SqlValue[][] };
export type SqliteAsk =
  /** All in one message; the answer is that of the last one, or of the first that fails, and then the rest is not run. */
  { steps: SqliteStep[] } | { close: true };
export type SqliteRequest = { id: number } & SqliteAsk;

export type SqliteResult = { rows: Record<string, unknown>[]; changes: number; lastId: number };
export type SqliteFault = { code: string; retry: 'later' | 'never'; message: string };
export type SqliteAnswer = { id: number; result: SqliteResult } | { id: number; fault: SqliteFault };
export type SqliteOpened = { opened: true } | { opened: false; fault: SqliteFault };
