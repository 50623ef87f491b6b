// What is known of files, over any database of ports/sql.
import type { ExpressionBuilder, Transaction } from 'kysely';
import { type Database, ping, runAll, transaction } from '../sql/database.ts';
import { inLists } from '../sql/lists.ts';
import type { MediaRecord, MediaRecords, MediaState, NewMedia } from './port.ts';
import type { MediaTable, MediaTables } from './tables.ts';
import { mediaUses } from './uses.ts';

type Db = Database<MediaTables>;
type Trx = Transaction<MediaTables>;

const instance = 'instance';
const shownNever = 0;
const shownNoMore = 2;

const columns = [
  'id',
  'owner_id',
  'name',
  'state',
  'upload',
  'room',
  'created_at',
  'touched_at',
  'shown',
  'content_type',
  'size',
  'sha256',
  'width',
  'height',
  'duration_ms',
  'placeholder',
  'has_variants',
] as const;

export const mediaRecords = (db: Db): MediaRecords => {
  const { dialect, read } = db;

  const recordOf = (row: MediaTable): MediaRecord => ({
    id: row.id,
    ownerId: row.owner_id,
    name: row.name,
    state: row.state as MediaState,
    upload: row.upload,
    room: row.room,
    createdAt: dialect.fromTime(row.created_at),
    file:
      row.content_type === null || row.size === null || row.sha256 === null
        ? null
        : {
            contentType: row.content_type,
            size: row.size,
            sha256: row.sha256,
            width: row.width,
            height: row.height,
            durationMs: row.duration_ms,
            placeholder: row.placeholder,
            hasVariants: row.has_variants === 1,
          },
  });

  const valuesOf = (media: NewMedia, state: MediaState, file: MediaRecord['file'], touchedAt: string) => [
    media.id,
    media.ownerId,
    media.name,
    state,
    null,
    media.room,
    dialect.toTime(media.createdAt),
    dialect.toTime(touchedAt),
    shownNever,
    file?.contentType ?? null,
    file?.size ?? null,
    file?.sha256 ?? null,
    file?.width ?? null,
    file?.height ?? null,
    file?.durationMs ?? null,
    file?.placeholder ?? null,
    Number(file?.hasVariants ?? false),
  ];

  /** The row as it is, kept from others until the transaction ends. */
  const locked = (trx: Trx, id: string): Promise<MediaTable | undefined> => {
    const query = trx.selectFrom('media').selectAll().where('id', '=', id);
    return (dialect.locksRows ? query.forUpdate() : query).executeTakeFirst();
  };

  /** Both lines are there afterwards, and locked: always in one order, so that nobody waits in a circle. */
  const roomOf = async (trx: Trx, ownerId: string): Promise<{ person: number; all: number }> => {
    const rows = [ownerId, instance].map((holder) => [holder, 0]);
    await runAll(trx, dialect.insertNew({ table: 'media_room', columns: ['holder', 'bytes'], rows }));
    const one = async (holder: string) => {
      const query = trx.selectFrom('media_room').select('bytes').where('holder', '=', holder);
      return (await (dialect.locksRows ? query.forUpdate() : query).executeTakeFirstOrThrow()).bytes;
    };
    const person = await one(ownerId);
    return { person, all: await one(instance) };
  };

  const addRoom = async (trx: Trx, ownerId: string, bytes: number): Promise<void> => {
    if (bytes === 0) return;
    for (const holder of [ownerId, instance])
      await trx
        .updateTable('media_room')
        .set((eb) => ({ bytes: eb('bytes', '+', bytes) }))
        .where('holder', '=', holder)
        .execute();
  };

  const isShown = async (trx: Trx, ids: string[]): Promise<Set<string>> => {
    const rows = await trx
      .selectFrom('media_uses')
      .select('media_id')
      .distinct()
      .where('media_id', 'in', ids)
      .where('active', '=', 1)
      .execute();
    return new Set(rows.map((row) => row.media_id));
  };

  return {
    uses: mediaUses(db),

    begin: (media, { personBytesMax, instanceBytesMax }) =>
      transaction(db, async (trx) => {
        const { person, all } = await roomOf(trx, media.ownerId);
        if (personBytesMax > 0 && person + media.room > personBytesMax) return 'person_full';
        if (instanceBytesMax > 0 && all + media.room > instanceBytesMax) return 'instance_full';
        await addRoom(trx, media.ownerId, media.room);
        const rows = [valuesOf(media, 'uploading', null, media.createdAt)];
        await runAll(trx, dialect.insertNew({ table: 'media', columns, rows }));
        return 'begun';
      }),

    named: async (id, upload) => {
      const [{ numUpdatedRows }] = (await db.write
        .updateTable('media')
        .set({ upload })
        .where('id', '=', id)
        .where('state', '=', 'uploading')
        .execute()) as [{ numUpdatedRows: bigint }];
      return numUpdatedRows > 0n;
    },

    ready: (id, file) =>
      transaction(db, async (trx) => {
        const row = await locked(trx, id);
        if (row?.state !== 'uploading') return false;
        await trx
          .updateTable('media')
          .set({
            state: 'ready',
            upload: null,
            name: file.name,
            room: file.room,
            content_type: file.contentType,
            size: file.size,
            sha256: file.sha256,
            width: file.width,
            height: file.height,
            duration_ms: file.durationMs,
            placeholder: file.placeholder,
            has_variants: Number(file.hasVariants),
          })
          .where('id', '=', id)
          .execute();
        await addRoom(trx, row.owner_id, file.room - row.room);
        return true;
      }),

    find: async (ids) => {
      const found: MediaRecord[] = [];
      for (const some of inLists([...new Set(ids)])) {
        const rows = await read.selectFrom('media').selectAll().where('id', 'in', some).execute();
        found.push(...rows.map(recordOf));
      }
      return found;
    },

    touch: async (ids, now) => {
      if (ids.length === 0) return [];
      await db.write
        .updateTable('media')
        .set({ touched_at: dialect.toTime(now) })
        .where('id', 'in', ids)
        .where('state', '=', 'ready')
        .execute();
      const rows = await db.write
        .selectFrom('media')
        .selectAll()
        .where('id', 'in', ids)
        .where('state', '=', 'ready')
        .execute();
      return rows.map(recordOf);
    },

    ofOwner: async (ownerId, { after, limit }) => {
      const rows = await read
        .selectFrom('media')
        .selectAll()
        .where('owner_id', '=', ownerId)
        .where('id', '>', after)
        .where('state', '=', 'ready')
        .orderBy('id')
        .limit(limit)
        .execute();
      return rows.map(recordOf);
    },

    used: async (ownerId) => {
      const rows = await read
        .selectFrom('media_room')
        .selectAll()
        .where('holder', 'in', [ownerId, instance])
        .execute();
      const of = (holder: string) => rows.find((row) => row.holder === holder)?.bytes ?? 0;
      return { person: of(ownerId), instance: of(instance) };
    },

    takeRemovable: async ({ abandonedBefore, unusedBefore, unseenBefore, limit }) => {
      const old = (
        eb: ExpressionBuilder<MediaTables, 'media'>,
        state: MediaState,
        shown: number,
        by: string,
      ) =>
        eb.and([eb('state', '=', state), eb('shown', '=', shown), eb('touched_at', '<', dialect.toTime(by))]);
      const wanted = (trx: Trx) =>
        trx
          .selectFrom('media')
          .select(['id', 'state'])
          .where((eb) =>
            eb.or([
              eb('state', '=', 'removing'),
              eb.and([eb('state', '=', 'uploading'), eb('created_at', '<', dialect.toTime(abandonedBefore))]),
              old(eb, 'ready', shownNoMore, unusedBefore),
              old(eb, 'ready', shownNever, unseenBefore),
            ]),
          )
          .orderBy('id')
          .limit(limit);
      return transaction(db, async (trx) => {
        const query = wanted(trx);
        const rows = await (dialect.locksRows ? query.forUpdate() : query).execute();
        if (rows.length === 0) return [];
        const shown = await isShown(
          trx,
          rows.map(({ id }) => id),
        );
        const ids = rows.filter(({ id, state }) => state !== 'ready' || !shown.has(id)).map(({ id }) => id);
        if (ids.length > 0)
          await trx.updateTable('media').set({ state: 'removing' }).where('id', 'in', ids).execute();
        return ids;
      });
    },

    giveUp: (id) =>
      transaction(db, async (trx) => {
        const row = await locked(trx, id);
        if (!row) return false;
        const isFree =
          row.state === 'ready' && row.shown === shownNever && !(await isShown(trx, [id])).has(id);
        if (row.state === 'ready' && !isFree) return false;
        await trx.updateTable('media').set({ state: 'removing' }).where('id', '=', id).execute();
        return true;
      }),

    removed: (id) =>
      transaction(db, async (trx) => {
        const row = await locked(trx, id);
        if (row?.state !== 'removing') return;
        await trx.deleteFrom('media').where('id', '=', id).execute();
        await addRoom(trx, row.owner_id, -row.room);
      }),

    page: async ({ after, limit }) => {
      const rows = await read
        .selectFrom('media')
        .selectAll()
        .where('id', '>', after)
        .where('state', '=', 'ready')
        .orderBy('id')
        .limit(limit)
        .execute();
      return rows.map(recordOf);
    },

    takeMoved: (records) =>
      transaction(db, async (trx) => {
        for (const record of records) {
          if (await locked(trx, record.id)) continue;
          await roomOf(trx, record.ownerId);
          const now = new Date().toISOString();
          const rows = [valuesOf(record, 'ready', record.file, now)];
          await runAll(trx, dialect.insertNew({ table: 'media', columns, rows }));
          await addRoom(trx, record.ownerId, record.room);
        }
      }),

    ping: () => ping(db),
    close: () => db.close(),
  };
};
