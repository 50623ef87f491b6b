// What shows which file: a projection of the log, beside what is known of the files.
import type { Transaction } from 'kysely';
import { OutsideError } from '../errors.ts';
import { type Database, runAll, transaction } from '../sql/database.ts';
import { inLists } from '../sql/lists.ts';
import { appliedIn, Positions } from '../sql/positions.ts';
import type { MediaUse, MediaUses } from './port.ts';
import type { MediaTables } from './tables.ts';

type Trx = Transaction<MediaTables>;

const table = 'media_uses';
const positions = 'media_positions';

const otherLog = (epoch: string, other: string | undefined): OutsideError =>
  new OutsideError(
    'media_other_log',
    'never',
    `What shows which file was made from the log ${other}, and this is the log ${epoch}. Put back the log that belongs to these files, or empty media_positions and media_uses so that it is made anew.`,
  );

export const mediaUses = (db: Database<MediaTables>): MediaUses => {
  const kept = new Positions(db, positions, otherLog);
  return {
    claim: (topic, partition, epoch) => kept.claim(topic, partition, epoch),
    applied: (topic) => appliedIn(db.read, positions, topic),
    commit: ({ changes, ...step }) =>
      transaction(db, async (trx) => {
        if (!(await kept.advance(trx, step))) return;
        const touched = new Set<string>();
        for (const change of changes) for (const id of await take(db, trx, change)) touched.add(id);
        for (const ids of inLists([...touched])) await settle(trx, ids);
      }),
  };
};

/** Answers the files whose uses may be others now. */
const take = async (
  { dialect }: Database<MediaTables>,
  trx: Trx,
  { source, rev, mediaIds }: MediaUse,
): Promise<string[]> => {
  const before = await trx
    .selectFrom(table)
    .select('media_id')
    .where('source', '=', source)
    .where('rev', '<', rev)
    .where('active', '=', 1)
    .execute();
  const gone = before.map((row) => row.media_id).filter((id) => !mediaIds.includes(id));
  if (gone.length > 0)
    await trx
      .updateTable(table)
      .set({ active: 0, rev })
      .where('source', '=', source)
      .where('rev', '<', rev)
      .where('media_id', 'in', gone)
      .execute();
  const columns = ['media_id', 'source', 'rev', 'active'];
  const rows = mediaIds.map((id) => [id, source, rev, 1]);
  await runAll(trx, dialect.upsert({ table, columns, rows, newerBy: 'rev', set: ['active', 'rev'] }));
  return [...gone, ...mediaIds];
};

const settle = async (trx: Trx, ids: string[]): Promise<void> => {
  const found = await trx
    .selectFrom(table)
    .select('media_id')
    .distinct()
    .where('media_id', 'in', ids)
    .where('active', '=', 1)
    .execute();
  const shown = new Set(found.map((row) => row.media_id));
  const set = async (state: number, which: string[]) => {
    if (which.length > 0)
      await trx.updateTable('media').set({ shown: state }).where('id', 'in', which).execute();
  };
  await set(1, [...shown]);
  await set(
    2,
    ids.filter((id) => !shown.has(id)),
  );
};
