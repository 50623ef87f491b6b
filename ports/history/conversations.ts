// Reading conversations: whole states in one snapshot, members, marks.
import { sql } from 'kysely';
import type { ConversationRow } from '../../schemas/rows.ts';
import type { TopicName } from '../../schemas/topics.ts';
import { isId } from '../../schemas/values.ts';
import { decodeCursor, isCount, pageOf } from '../cursors.ts';
import { type Database, snapshot } from '../sql/database.ts';
import { inLists } from '../sql/lists.ts';
import type { HistoryReader, Standing } from './port.ts';
import { appliedOf } from './positions.ts';
import type { RowReader } from './rows.ts';
import { listingFormer } from './shapes.ts';
import type { HistoryTables } from './tables.ts';

type Reading = Pick<
  HistoryReader,
  | 'conversation'
  | 'heads'
  | 'memberships'
  | 'belongings'
  | 'changedMarks'
  | 'readByAllOthers'
  | 'readPosition'
  | 'standings'
  | 'members'
>;

const topic: TopicName = 'chat.conversations';
/**
 * People and conversations are asked for in two lists, which MariaDB plans much faster than alternatives of pairs; where all of
 * these people are in all of these conversations, that is the square of it.
 */
const pairsMax = 50;

export const conversationReading = (db: Database<HistoryTables>, rows: RowReader): Reading => ({
  conversation: (id) =>
    snapshot(db, async (trx) => {
      const applied = await appliedOf(trx, topic);
      const head = await trx.selectFrom('conversations').selectAll().where('id', '=', id).executeTakeFirst();
      if (!head) return { stored: null, applied, marks: [] };
      const members = await trx
        .selectFrom('conversation_users')
        .selectAll()
        .where('conversation_id', '=', id)
        .execute();
      const marks = await trx
        .selectFrom('read_marks')
        .selectAll()
        .where('conversation_id', '=', id)
        .execute();
      const stored = {
        conversation: rows.conversation(head),
        members: members.map((row) => rows.member(row)),
      };
      return { stored, applied, marks: marks.map((row) => rows.mark(row)) };
    }),

  heads: async (ids) => {
    const found: ConversationRow[] = [];
    for (const some of inLists([...new Set(ids)])) {
      const heads = await db.read.selectFrom('conversations').selectAll().where('id', 'in', some).execute();
      found.push(...heads.map((row) => rows.conversation(row)));
    }
    return found;
  },

  memberships: (userId) =>
    snapshot(db, async (trx) => {
      const applied = await appliedOf(trx, topic);
      const found = await trx
        .selectFrom('conversation_users as u')
        .innerJoin('conversation_activity as a', 'a.conversation_id', 'u.conversation_id')
        .selectAll('u')
        .select('a.changed')
        .where('u.user_id', '=', userId)
        .execute();
      return {
        memberships: found.map((row) => ({ member: rows.member(row), changed: row.changed })),
        applied,
      };
    }),

  belongings: async (userId) => {
    const found = await db.read
      .selectFrom('conversation_users as u')
      .innerJoin('conversations as c', 'c.id', 'u.conversation_id')
      .selectAll('u')
      .select(['c.name', 'c.is_group', 'c.history_visibility'])
      .select((eb) =>
        eb
          .selectFrom('messages as m')
          .select((of) => of.fn.min('m.position').as('first'))
          .whereRef('m.conversation_id', '=', 'u.conversation_id')
          .as('first'),
      )
      .where('u.user_id', '=', userId)
      .where('u.listing', '<', listingFormer)
      .execute();
    return found.map((row) => ({
      member: rows.member(row),
      conversation: {
        name: row.name,
        isGroup: row.is_group === 1,
        historyVisibility: row.history_visibility as ConversationRow['historyVisibility'],
      },
      firstPosition: row.first,
    }));
  },

  changedMarks: async (conversationId, since) => {
    const found = await db.read
      .selectFrom('read_marks')
      .selectAll()
      .where('conversation_id', '=', conversationId)
      .where('changed', '>', since)
      .execute();
    return found.map((row) => rows.mark(row));
  },

  readByAllOthers: async (conversationId, exceptUserId) => {
    const found = await db.read
      .selectFrom('conversation_users as u')
      .leftJoin('read_marks as r', (join) =>
        join.onRef('r.conversation_id', '=', 'u.conversation_id').onRef('r.user_id', '=', 'u.user_id'),
      )
      .select(sql<number | null>`MIN(COALESCE(r.position, 0))`.as('least'))
      .where('u.conversation_id', '=', conversationId)
      .where('u.listing', '<', listingFormer)
      .where('u.user_id', '!=', exceptUserId)
      .executeTakeFirst();
    return found?.least ?? Number.POSITIVE_INFINITY;
  },

  readPosition: async (conversationId, userId) => {
    const found = await db.read
      .selectFrom('read_marks')
      .select('position')
      .where('conversation_id', '=', conversationId)
      .where('user_id', '=', userId)
      .executeTakeFirst();
    return found?.position ?? 0;
  },

  standings: async (asked) => {
    const found: Standing[] = [];
    for (const some of inLists(asked, pairsMax)) {
      const members = await db.read
        .selectFrom('conversation_users as u')
        .innerJoin('conversations as c', 'c.id', 'u.conversation_id')
        .leftJoin('read_marks as r', (join) =>
          join.onRef('r.conversation_id', '=', 'u.conversation_id').onRef('r.user_id', '=', 'u.user_id'),
        )
        .selectAll('u')
        .select(['c.is_group', 'c.history_visibility', 'r.position as read_position'])
        .where('u.conversation_id', 'in', [...new Set(some.map(({ conversationId }) => conversationId))])
        .where('u.user_id', 'in', [...new Set(some.map(({ userId }) => userId))])
        .execute();
      const wanted = new Set(some.map(({ userId, conversationId }) => `${userId} ${conversationId}`));
      for (const row of members) {
        if (!wanted.has(`${row.user_id} ${row.conversation_id}`)) continue;
        found.push({
          member: rows.member(row),
          conversation: {
            id: row.conversation_id,
            isGroup: row.is_group === 1,
            historyVisibility: row.history_visibility as ConversationRow['historyVisibility'],
          },
          readPosition: row.read_position ?? 0,
        });
      }
    }
    return found;
  },

  members: async (conversationId, { limit, cursor }) => {
    const from =
      cursor === undefined
        ? undefined
        : decodeCursor<[number, number, string]>(cursor, [isCount, isCount, isId]);
    let query = db.read
      .selectFrom('conversation_users as u')
      .leftJoin('read_marks as r', (join) =>
        join.onRef('r.conversation_id', '=', 'u.conversation_id').onRef('r.user_id', '=', 'u.user_id'),
      )
      .selectAll('u')
      .select('r.position as read_position')
      .where('u.conversation_id', '=', conversationId)
      .where('u.listing', '<', listingFormer);
    if (from) {
      const [listing, joined, userId] = from;
      query = query.where(({ and, or, eb }) =>
        or([
          eb('u.listing', '>', listing),
          and([eb('u.listing', '=', listing), eb('u.joined_position', '>', joined)]),
          and([
            eb('u.listing', '=', listing),
            eb('u.joined_position', '=', joined),
            eb('u.user_id', '>', userId),
          ]),
        ]),
      );
    }
    const found = await query
      .orderBy('u.listing')
      .orderBy('u.joined_position')
      .orderBy('u.user_id')
      .limit(limit + 1)
      .execute();
    const page = pageOf(found, limit, (row) => [row.listing, row.joined_position, row.user_id]);
    const items = page.items.map((row) => ({ ...rows.member(row), readPosition: row.read_position ?? 0 }));
    return { items, nextCursor: page.nextCursor };
  },
});
