// The one place where a database's own errors become ours.
import { isOutsideError, OutsideError, reasonOf } from '../errors.ts';
import { isBusy, isDiskFull } from '../sqlite.ts';
import type { SqliteFault } from './sqlite-protocol.ts';

const fieldOf = (error: unknown, name: string): unknown =>
  typeof error === 'object' && error !== null && name in error
    ? (error as Record<string, unknown>)[name]
    : undefined;

/** SQLITE_CONSTRAINT_UNIQUE, _PRIMARYKEY, _ROWID. */
const sqliteDuplicate = new Set([2067, 1555, 2579]);

export const sqliteFault = (error: unknown, file: string): SqliteFault => {
  if (isOutsideError(error)) return { code: error.code, retry: error.retry, message: error.message };
  const reason = reasonOf(error);
  if (isDiskFull(error)) {
    return { code: 'sql_full', retry: 'later', message: `The disk of ${file} is full: make room.` };
  }
  if (isBusy(error)) return { code: 'sql_unavailable', retry: 'later', message: `${file}: ${reason}` };
  if (sqliteDuplicate.has(Number(fieldOf(error, 'errcode'))) || /UNIQUE constraint failed/.test(reason)) {
    return { code: 'sql_duplicate', retry: 'never', message: `${file}: ${reason}` };
  }
  return { code: 'sql_failed', retry: 'never', message: `${file}: ${reason}` };
};

/** By number, because MariaDB and MySQL share numbers and not all names. */
const errnoUnavailable = new Set([
  1020, // the row has changed since the snapshot
  1040, // too many connections
  1053, // server shutdown
  1158, // network: reading
  1159,
  1160,
  1161,
  1203, // too many connections of this user
  1205, // lock wait
  1213, // deadlock
  1290, // read only for now (failover)
  1317, // interrupted
  1792, // read only transaction (failover)
  1836, // read only mode
  1927, // connection killed
  1969, // statement took too long (MariaDB)
  2006, // gone away
  2013, // lost
  3024, // statement took too long (MySQL)
  4031, // disconnected for inactivity
]);
const errnoFull = new Set([1021, 1114]);
const errnoDuplicate = new Set([1062, 1586]);
const codesUnavailable =
  /^(PROTOCOL_|ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOST|ENET|HANDSHAKE_|POOL_CLOSED|ERR_STREAM)/;

export const mysqlError = (error: unknown): OutsideError => {
  if (isOutsideError(error)) return error;
  const errno = Number(fieldOf(error, 'errno') ?? 0);
  const code = String(fieldOf(error, 'code') ?? '');
  const reason = `The database: ${reasonOf(error) || code}`;
  if (errnoFull.has(errno)) return new OutsideError('sql_full', 'later', reason, error);
  if (errnoDuplicate.has(errno)) return new OutsideError('sql_duplicate', 'never', reason, error);
  const away =
    errnoUnavailable.has(errno) ||
    codesUnavailable.test(code) ||
    /closed state|Pool is closed/.test(reasonOf(error));
  return away
    ? new OutsideError('sql_unavailable', 'later', reason, error)
    : new OutsideError('sql_failed', 'never', reason, error);
};

export const isDuplicate = (error: unknown): boolean =>
  isOutsideError(error) && error.code === 'sql_duplicate';

/** The server has undone the whole transaction because of another: it may be run again at once. */
export const isDeadlock = (error: unknown): boolean =>
  isOutsideError(error) && [1213, 1020].includes(Number(fieldOf(error.cause, 'errno')));

/** Refusals after which the connection itself is as good as before. */
const errnoHarmless = new Set([1020, 1205, 1213, 1290, 1792, 1836, 1969, 3024]);

/** False: nobody knows what state the connection is in, so nobody may use it again. */
export const leavesConnectionUsable = (error: OutsideError): boolean =>
  error.code !== 'sql_unavailable' || errnoHarmless.has(Number(fieldOf(error.cause, 'errno')));
