// By which browsers a person has signed in, each known by a hash of what it keeps.
import { type Database, runAll, transaction } from '../sql/database.ts';
import type { KnownDevices } from './port.ts';
import type { AccountTables } from './tables.ts';

const keptMax = 50;
const columns = ['user_id', 'hash', 'seen_at'] as const;

export const devicesPart = (db: Database<AccountTables>): KnownDevices => {
  const { dialect } = db;
  return {
    rememberDevice: (userId, hash, now) =>
      transaction(db, async (trx) => {
        const query = trx
          .selectFrom('known_devices')
          .select(['hash', 'seen_at'])
          .where('user_id', '=', userId)
          .orderBy('seen_at', 'desc');
        const rows = await query.execute();
        const seen = dialect.toTime(now);
        if (rows.some((row) => row.hash === hash)) {
          await trx
            .updateTable('known_devices')
            .set({ seen_at: seen })
            .where('user_id', '=', userId)
            .where('hash', '=', hash)
            .execute();
          return 'known';
        }
        const fresh = { table: 'known_devices', columns, rows: [[userId, hash, seen]] };
        await runAll(trx, dialect.insertNew(fresh));
        const unseen = rows.slice(keptMax - 1).map((row) => row.hash);
        if (unseen.length > 0)
          await trx
            .deleteFrom('known_devices')
            .where('user_id', '=', userId)
            .where('hash', 'in', unseen)
            .execute();
        return rows.length === 0 ? 'first' : 'new';
      }),
  };
};
