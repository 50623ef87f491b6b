// Opens a MySQL or MariaDB database. The pool makes connections when they are needed, so it heals by itself when the
// server comes back.
import { Kysely } from 'kysely';
import { createPool } from 'mysql2/promise';
import { OutsideError } from '../errors.ts';
import type { Database } from './database.ts';
import { mysql } from './dialect.ts';
import { type Migration, migrate } from './migrate.ts';
import { mysqlDialect } from './mysql-dialect.ts';

export type MysqlOptions = {
  /** `mysql://user:password@host:port/database` */
  url: string;
  connectionLimit?: number;
  queryTimeoutMs?: number;
  acquireTimeoutMs?: number;
};

export const openMysqlDatabase = async <T>(
  { url, connectionLimit = 10, queryTimeoutMs = 10_000, acquireTimeoutMs = 10_000 }: MysqlOptions,
  migrations: Migration[],
): Promise<Database<T>> => {
  const pool = createPool({
    ...addressOf(url),
    connectionLimit,
    maxIdle: connectionLimit,
    queueLimit: 1_000,
    supportBigNumbers: true,
    bigNumberStrings: false,
    // Times are taken as the server writes them and turned into RFC 3339 by us: no Date, no local zone in between.
    dateStrings: true,
    timezone: 'Z',
    charset: 'utf8mb4',
    connectTimeout: 5_000,
    enableKeepAlive: true,
  });
  const dialect = mysqlDialect(pool, { queryTimeoutMs, acquireTimeoutMs });
  const kysely = new Kysely<T>({ dialect });
  const db: Database<T> = { read: kysely, write: kysely, dialect: mysql, close: () => kysely.destroy() };
  try {
    await migrate(db, migrations);
    return db;
  } catch (error) {
    await db.close().catch(() => {});
    throw error;
  }
};

const addressOf = (url: string) => {
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch (error) {
    throw badUrl(error);
  }
  const database = decodeURIComponent(parsed.pathname.slice(1));
  if (!['mysql:', 'mariadb:'].includes(parsed.protocol) || !parsed.hostname || !database) throw badUrl();
  return {
    host: parsed.hostname.replace(/^\[|\]$/g, ''),
    port: Number(parsed.port || 3306),
    user: decodeURIComponent(parsed.username),
    password: decodeURIComponent(parsed.password),
    database,
  };
};

/** The address is not repeated: it holds a password. */
const badUrl = (cause?: unknown): OutsideError =>
  new OutsideError(
    'sql_bad_url',
    'never',
    'MYSQL_URL must look like mysql://user:password@host:3306/database',
    cause,
  );
