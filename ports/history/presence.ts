// Who was last online when: one line for each person, moved by the presence consumer.
import { type Database, runAll, transaction } from '../sql/database.ts';
import type { KeptPresenceRow, PresenceHistory } from './port.ts';
import { advance, claimPartition } from './positions.ts';
import type { HistoryTables } from './tables.ts';

export const presenceHistory = (db: Database<HistoryTables>): PresenceHistory => ({
  claim: (topic, partition, epoch) => claimPartition(db, topic, partition, epoch),

  commit: async ({ rows, ...step }) => {
    const newest = new Map<string, (typeof rows)[number]>();
    for (const row of rows) {
      if (row.position > (newest.get(row.userId)?.position ?? 0)) newest.set(row.userId, row);
    }
    const statements = db.dialect.upsert({
      table: 'user_presence',
      columns: ['user_id', 'status', 'last_online', 'position'],
      newerBy: 'position',
      set: ['status', 'last_online', 'position'],
      rows: [...newest.values()].map(({ userId, status, at, position }) => [
        userId,
        status,
        db.dialect.toTime(at),
        position,
      ]),
    });
    await transaction(db, async (trx) => {
      if (await advance(db, trx, step)) await runAll(trx, statements);
    });
  },

  rows: async (query) => {
    const all = db.read.selectFrom('user_presence').selectAll();
    const found =
      'userIds' in query
        ? query.userIds.length === 0
          ? []
          : await all.where('user_id', 'in', query.userIds).execute()
        : await all.where('user_id', '>', query.after).orderBy('user_id').limit(query.limit).execute();
    return found.map((row) => ({
      userId: row.user_id,
      status: row.status as KeptPresenceRow['status'],
      at: db.dialect.fromTime(row.last_online),
      position: row.position,
    }));
  },

  notOffline: async () => {
    const rows = await db.read
      .selectFrom('user_presence')
      .selectAll()
      .where('status', 'in', ['online', 'away'])
      .execute();
    return rows.map((row) => ({
      userId: row.user_id,
      status: row.status as 'online' | 'away',
      at: db.dialect.fromTime(row.last_online),
      position: row.position,
    }));
  },
});
