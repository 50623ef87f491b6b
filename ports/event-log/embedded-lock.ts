// One process per data folder. The lock is SQLite's own, on a file of its own: it ends with the process, however that
// ends, so nothing stale is left to clean up.
import { join } from 'node:path';
import { OutsideError, reasonOf } from '../errors.ts';
import { isBusy, openSqlite, type Sqlite } from '../sqlite.ts';

/** Keep what is returned open for as long as the folder is ours. */
export const lockFolder = (dir: string): Sqlite => {
  let db: Sqlite | undefined;
  try {
    db = openSqlite(join(dir, 'lock.db'), { synchronous: 'NORMAL', busyTimeoutMs: 300, journal: 'DELETE' });
    db.exec('PRAGMA locking_mode=EXCLUSIVE; BEGIN EXCLUSIVE;');
    return db;
  } catch (error) {
    db?.close();
    const cause = error instanceof Error ? (error.cause ?? error) : error;
    if (!isBusy(cause)) throw error;
    const text = `The data folder ${dir} is in use by another process (${reasonOf(cause)}). Stop that one, or give this one a DATA_DIR of its own. To run several processes on the same data, set KAFKA_BROKERS and MYSQL_URL.`;
    throw new OutsideError('data_dir_in_use', 'never', text, error);
  }
};
