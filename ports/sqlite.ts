// One way to open SQLite: which driver, and the settings that every file of ours has.
import { createRequire } from 'node:module';
import type { DatabaseSyncInstance } from '@photostructure/sqlite';
import { OutsideError, reasonOf } from './errors.ts';

export type Sqlite = DatabaseSyncInstance;
export type SqliteStatement = ReturnType<Sqlite['prepare']>;

export type SqliteOptions = {
  /** FULL: a commit outlives a power cut. NORMAL: it outlives the process, the last ones may go with the power. */
  synchronous: 'FULL' | 'NORMAL';
  readOnly?: boolean;
  busyTimeoutMs?: number;
  /** WAL unless said otherwise. */
  journal?: 'WAL' | 'DELETE';
};

type Driver = { DatabaseSync: new (path: string, options: { readOnly: boolean; timeout: number }) => Sqlite };

const require = createRequire(import.meta.url);
/** Node's own driver has FTS5 and the whole API from this version on; before it, or without it, the package serves. */
const firstNodeWithGoodSqlite = 24;

const loadDriver = (): Driver => {
  const major = Number.parseInt(process.versions.node, 10);
  const own = major >= firstNodeWithGoodSqlite ? process.getBuiltinModule('node:sqlite') : undefined;
  return (own ?? require('@photostructure/sqlite')) as Driver;
};

let driver: Driver | undefined;

/** Opens a database file, creating it when absent. The connection is synchronous: keep it off hot threads. */
export const openSqlite = (path: string, options: SqliteOptions): Sqlite => {
  driver ??= loadDriver();
  const readOnly = options.readOnly ?? false;
  let db: Sqlite | undefined;
  try {
    db = new driver.DatabaseSync(path, { readOnly, timeout: options.busyTimeoutMs ?? 5000 });
    // journal_size_limit: without it a WAL that grew under a long reader keeps its size for ever.
    if (!readOnly) {
      db.exec(`PRAGMA journal_mode=${options.journal ?? 'WAL'}; PRAGMA journal_size_limit=16777216;`);
    }
    db.exec(`PRAGMA synchronous=${options.synchronous}; PRAGMA foreign_keys=ON;`);
    return db;
  } catch (error) {
    db?.close();
    const message = `Cannot open the database ${path}: ${reasonOf(error)}. Check that the folder exists and is writable.`;
    throw new OutsideError('sqlite_open_failed', 'never', message, error);
  }
};

const codeFull = 13;

const messageOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error);

/** SQLITE_FULL in whatever way the driver reports it. */
export const isDiskFull = (error: unknown): boolean => {
  const code = typeof error === 'object' && error !== null && 'errcode' in error ? error.errcode : undefined;
  return code === codeFull || /disk is full/i.test(messageOf(error));
};

/** SQLITE_BUSY or SQLITE_LOCKED: another connection has it. */
export const isBusy = (error: unknown): boolean => /database (table )?is locked/i.test(messageOf(error));
