// Reading messages: by id, by page, and what changed.
import { type Kysely, type SelectQueryBuilder, sql } from 'kysely';
import { mediaIdIn } from '../../schemas/media.ts';
import { inLists } from '../sql/lists.ts';
import { lastPlaceBy } from './past.ts';
import type { HistoryReader, StoredMessage } from './port.ts';
import type { RowReader } from './rows.ts';
import type { HistoryTables, MessageTable } from './tables.ts';
import { type Range, rangesOf } from './windows.ts';

type Reading = Pick<
  HistoryReader,
  'message' | 'messages' | 'page' | 'changedMessages' | 'pinned' | 'messageIds' | 'mediaPlaces'
>;
type Query = SelectQueryBuilder<HistoryTables, 'messages', MessageTable>;

/** Ranges asked for together. Almost everybody has one; who left and came back often has more. */
const rangesMax = 4;

export const messageReading = (db: Kysely<HistoryTables>, rows: RowReader): Reading => ({
  message: async (id) => (await byIds(db, rows, [id]))[0] ?? null,
  messages: (ids) => byIds(db, rows, ids),

  page: async ({ conversationId, visible, before, after, sentBy, limit }) => {
    const forward = after !== undefined;
    const last = sentBy === undefined ? null : await lastPlaceBy(db, conversationId, sentBy);
    const ends = [before, ...(last === null ? [] : [last + 1])].filter((end) => end !== undefined);
    const ranges = rangesOf(
      visible,
      forward ? after + 1 : 0,
      ends.length > 0 ? Math.min(...ends) : undefined,
    );
    const found = await inRanges(ranges, limit, forward, (range, wanted) => {
      const query = between(db, conversationId, range, forward).limit(wanted);
      return sentBy === undefined ? query : query.where('created_at', '<=', rows.keptTime(sentBy));
    });
    return whole(db, rows, forward ? found : found.reverse());
  },

  changedMessages: async ({ conversationId, visible, since, after, limit }) => {
    // Old messages that an edit or a reaction changed are few: found by the change. What came after `since` is new
    // altogether: found by its place.
    const old = await inRanges(rangesOf(visible, after + 1, since + 1), limit, true, (range, wanted) =>
      changedBetween(db, conversationId, range, since).limit(wanted),
    );
    const ranges = rangesOf(visible, Math.max(after, since) + 1);
    const fresh = await inRanges(ranges, limit - old.length, true, (range, wanted) =>
      between(db, conversationId, range, true).limit(wanted),
    );
    return whole(db, rows, [...old, ...fresh]);
  },

  pinned: async (conversationId, limit) => {
    const found = await db
      .selectFrom('pins')
      .innerJoin('messages', 'messages.id', 'pins.message_id')
      .selectAll('messages')
      .where('pins.conversation_id', '=', conversationId)
      .where('active', '=', 1)
      .where('deleted_at', 'is', null)
      .orderBy('pins.position', 'desc')
      .limit(limit)
      .execute();
    return whole(db, rows, found);
  },

  mediaPlaces: async (mediaId, userId, limit) => {
    const found = await db
      .selectFrom('message_media as m')
      .innerJoin('conversation_users as u', (join) =>
        join.onRef('u.conversation_id', '=', 'm.conversation_id').on('u.user_id', '=', userId),
      )
      .leftJoin('messages as t', 't.id', 'm.message_id')
      .leftJoin('conversations as c', 'c.id', 'm.message_id')
      .leftJoin('previews as p', (join) =>
        join.onRef('p.message_id', '=', 'm.message_id').on('p.image_id', '=', mediaId).on('p.active', '=', 1),
      )
      .select([
        'm.conversation_id',
        'm.message_id',
        'm.position',
        't.attachments',
        'c.picture_url',
        'p.id as preview_id',
      ])
      .where('m.media_id', '=', mediaId)
      .where('t.deleted_at', 'is', null)
      .limit(limit)
      .execute();
    return found
      .filter(
        (row) =>
          row.attachments?.includes(mediaId) ||
          row.preview_id !== null ||
          mediaIdIn(row.picture_url) === mediaId,
      )
      .map((row) => ({
        conversationId: row.conversation_id,
        messageId: row.message_id,
        position: row.position,
      }));
  },

  messageIds: async ({ after, limit }) => {
    const found = await db
      .selectFrom('messages')
      .select('id')
      .where('id', '>', after)
      .orderBy('id')
      .limit(limit)
      .execute();
    return found.map((row) => row.id);
  },
});

const between = (
  db: Kysely<HistoryTables>,
  conversationId: string,
  [from, to]: Range,
  ascending: boolean,
): Query =>
  db
    .selectFrom('messages')
    .selectAll()
    .where('conversation_id', '=', conversationId)
    .where('position', '>=', from)
    .where('position', '<', to)
    .orderBy('position', ascending ? 'asc' : 'desc');

/** The sum keeps the planners of both databases from walking through the conversation by place. */
const place = sql<number>`(position + 0)`;

const changedBetween = (
  db: Kysely<HistoryTables>,
  conversationId: string,
  [from, to]: Range,
  since: number,
): Query =>
  db
    .selectFrom('messages')
    .selectAll()
    .where('conversation_id', '=', conversationId)
    .where('changed', '>', since)
    .where(place, '>=', from)
    .where(place, '<', to)
    .orderBy(place, 'asc');

/** Up to `limit` rows out of the ranges, in the wanted direction. */
const inRanges = async (
  ranges: Range[],
  limit: number,
  ascending: boolean,
  query: (range: Range, wanted: number) => Query,
): Promise<MessageTable[]> => {
  const found: MessageTable[] = [];
  if (limit <= 0) return found;
  for (const some of inLists(ascending ? ranges : ranges.toReversed(), rangesMax)) {
    const branches = some.map((range) => query(range, limit));
    const rows = await Promise.all(branches.map((branch) => branch.execute()));
    found.push(...rows.flat());
    if (found.length >= limit) return found.slice(0, limit);
  }
  return found;
};

const byIds = async (
  db: Kysely<HistoryTables>,
  rows: RowReader,
  ids: readonly string[],
): Promise<StoredMessage[]> => {
  const found: MessageTable[] = [];
  for (const some of inLists([...new Set(ids)])) {
    found.push(...(await db.selectFrom('messages').selectAll().where('id', 'in', some).execute()));
  }
  return whole(db, rows, found);
};

/**
 * With reactions, pin and previews. All leave their place in `changed`, so that a message to which nothing has happened since it was
 * sent is not asked about: that is nearly every one.
 */
export const whole = async (
  db: Kysely<HistoryTables>,
  rows: RowReader,
  messages: MessageTable[],
): Promise<StoredMessage[]> => {
  const stored = new Map<string, StoredMessage>(
    messages.map((row) => [
      row.id,
      {
        message: rows.message(row),
        changed: Math.max(row.position, row.changed),
        reactions: [],
        pin: null,
        previews: [],
      },
    ]),
  );
  const touched = messages.filter((row) => row.changed > 0).map((row) => row.id);
  for (const ids of inLists(touched)) {
    const reactions = await db
      .selectFrom('reactions')
      .selectAll()
      .where('message_id', 'in', ids)
      .orderBy('position')
      .execute();
    for (const row of reactions) stored.get(row.message_id)?.reactions.push(rows.reaction(row));
    for (const row of await db.selectFrom('pins').selectAll().where('message_id', 'in', ids).execute()) {
      const pinned = stored.get(row.message_id);
      if (pinned) pinned.pin = rows.pin(row);
    }
    const previews = db.selectFrom('previews').selectAll().where('message_id', 'in', ids);
    for (const row of await previews.execute()) stored.get(row.message_id)?.previews.push(rows.preview(row));
  }
  return [...stored.values()];
};
