// Reading what was: former texts and reactions of messages, who was a member and what a conversation was called.
import { type Kysely, sql } from 'kysely';
import { limits } from '../../schemas/limits.ts';
import type { MessageRow } from '../../schemas/rows.ts';
import { isId } from '../../schemas/values.ts';
import { decodeCursor, pageOf } from '../cursors.ts';
import { inLists } from '../sql/lists.ts';
import type { ConversationChange, HistoryReader, MessagePast } from './port.ts';
import type { RowReader } from './rows.ts';
import { listingFormer } from './shapes.ts';
import type { HistoryTables } from './tables.ts';
import { dayOf } from './versions.ts';

type Reading = Pick<HistoryReader, 'pasts' | 'conversationAt' | 'changesBetween' | 'readsOf'>;
type Db = Kysely<HistoryTables>;

/** More membership changes than this between two messages are cut off, as are more texts or reactions of one page. */
const changesMax = 2_000;
const textsMax = 1_000;
const reactionsMax = 5_000;

/** Of each message the newest so many. */
const newest = sql<number>`ROW_NUMBER() OVER (PARTITION BY message_id ORDER BY rev DESC)`.as('nth');

export const pastReading = (db: Db, rows: RowReader): Reading => ({
  pasts: async (ids) => {
    const pasts = new Map<string, MessagePast>(ids.map((id) => [id, { versions: [], reactions: [] }]));
    for (const some of inLists([...pasts.keys()])) {
      const texts = await db
        .selectFrom(
          db
            .selectFrom('message_versions')
            .selectAll()
            .select(newest)
            .where('message_id', 'in', some)
            .as('v'),
        )
        .selectAll()
        .where('nth', '<', limits.versionsShownMax)
        .orderBy('message_id')
        .orderBy('rev')
        .limit(textsMax)
        .execute();
      for (const row of texts)
        pasts.get(row.message_id)?.versions.push({
          content: row.content,
          attachments: JSON.parse(row.attachments) as MessageRow['attachments'],
          mentions: JSON.parse(row.mentions) as MessageRow['mentions'],
          since: rows.time(row.since),
        });
      const [former, present] = await Promise.all(
        (['reaction_versions', 'reactions'] as const).map((table) =>
          db
            .selectFrom(table)
            .selectAll()
            .where('message_id', 'in', some)
            .orderBy('position', 'desc')
            .limit(reactionsMax)
            .execute(),
        ),
      );
      const reactions = [...(former ?? []), ...(present ?? [])];
      for (const row of reactions.sort((a, b) => a.position - b.position))
        pasts.get(row.message_id)?.reactions.push(rows.reaction(row));
    }
    return pasts;
  },

  readsOf: async ({ conversationId, position }, { limit, cursor }) => {
    const [after = ''] = cursor === undefined ? [] : decodeCursor<[string]>(cursor, [isId]);
    const found = await db
      .selectFrom('read_marks as m')
      .innerJoin('conversation_users as u', (join) =>
        join.onRef('u.conversation_id', '=', 'm.conversation_id').onRef('u.user_id', '=', 'm.user_id'),
      )
      .select(['m.user_id', 'm.read_at'])
      .select((eb) =>
        eb
          .selectFrom('read_versions as v')
          .select('v.read_at')
          .whereRef('v.conversation_id', '=', 'm.conversation_id')
          .whereRef('v.user_id', '=', 'm.user_id')
          .where('v.position', '>=', position)
          .orderBy('v.position')
          .limit(1)
          .as('first_at'),
      )
      .where('m.conversation_id', '=', conversationId)
      .where('m.position', '>=', position)
      .where('m.user_id', '>', after)
      .where('u.listing', '<', listingFormer)
      .orderBy('m.user_id')
      .limit(limit + 1)
      .execute();
    const page = pageOf(found, limit, (row) => [row.user_id]);
    const items = page.items.map((row) => ({
      userId: row.user_id,
      at: rows.time(row.first_at ?? row.read_at),
    }));
    return { items, nextCursor: page.nextCursor };
  },

  conversationAt: async (conversationId, cut, { limit, memberId }) => {
    const counts = (table: 'v' | 'n' | 'c') =>
      'time' in cut
        ? sql<boolean>`${sql.ref(`${table}.since`)} <= ${rows.keptTime(cut.time)}`
        : sql<boolean>`${sql.ref(`${table}.position`)} <= ${cut.place}`;
    const head = await db
      .selectFrom('conversation_versions as c')
      .selectAll()
      .where('c.conversation_id', '=', conversationId)
      .where(counts('c'))
      .orderBy('c.rev', 'desc')
      .limit(1)
      .executeTakeFirst();
    if (!head) return null;
    const there = db
      .selectFrom('member_versions as v')
      .where('v.conversation_id', '=', conversationId)
      .where('v.active', '=', 1)
      .where(counts('v'))
      .where(({ not, exists, selectFrom }) =>
        not(
          exists(
            selectFrom('member_versions as n')
              .select('n.rev')
              .whereRef('n.conversation_id', '=', 'v.conversation_id')
              .whereRef('n.user_id', '=', 'v.user_id')
              .whereRef('n.rev', '>', 'v.rev')
              .where(counts('n')),
          ),
        ),
      );
    if (memberId !== null) {
      const own = await there.select('v.user_id').where('v.user_id', '=', memberId).executeTakeFirst();
      if (!own) return null;
    }
    const counted = await there.select(({ fn }) => fn.countAll().as('found')).executeTakeFirst();
    const members = await there
      .selectAll('v')
      .orderBy('v.is_admin', 'desc')
      .orderBy('v.joined_position')
      .orderBy('v.user_id')
      .limit(limit)
      .execute();
    return {
      name: head.name,
      pictureUrl: head.picture_url,
      memberCount: Number(counted?.found ?? 0),
      members: members.map((row) => ({
        userId: row.user_id,
        isAdmin: row.is_admin === 1,
        joinedAt: rows.time(row.joined_at),
      })),
    };
  },

  changesBetween: async (conversationId, [from, to]) => {
    const found = new Map<number, ConversationChange>();
    const at = (place: number, since: string): ConversationChange => {
      const known = found.get(place) ?? { position: place, at: rows.time(since), joined: [], left: [] };
      found.set(place, known);
      return known;
    };
    const names = await db
      .selectFrom('conversation_versions')
      .select(['name', 'since', 'position'])
      .where('conversation_id', '=', conversationId)
      .where('position', '>=', from)
      .where('position', '<', to)
      .orderBy('rev')
      .limit(changesMax)
      .execute();
    for (const { name, since, position } of names) at(position, since).name = name;
    const members = await db
      .selectFrom('member_versions')
      .select(['user_id', 'active', 'joined_position', 'since', 'position'])
      .where('conversation_id', '=', conversationId)
      .where('position', '>=', from)
      .where('position', '<', to)
      .orderBy('position')
      .limit(changesMax)
      .execute();
    for (const { user_id, active, joined_position, since, position } of members) {
      if (active === 0) at(position, since).left.push(user_id);
      else if (joined_position === position) at(position, since).joined.push(user_id);
    }
    return [...found.values()].sort((a, b) => a.position - b.position);
  },
});

/** No message sent by then stands behind this place. Null: nothing is known of days that far back. */
export const lastPlaceBy = async (db: Db, conversationId: string, time: string): Promise<number | null> => {
  const found = await db
    .selectFrom('message_days')
    .select(({ fn }) => fn.max('last_position').as('last'))
    .where('conversation_id', '=', conversationId)
    .where('sent_on', '<=', dayOf(time))
    .executeTakeFirst();
  return found?.last ?? null;
};
