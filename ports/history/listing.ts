// A person's list of conversations, and single entries of it: a fixed number of statements for a whole page.
import { CompiledQuery, type Kysely } from 'kysely';
import { limits } from '../../schemas/limits.ts';
import type { ConversationRow, MemberRow } from '../../schemas/rows.ts';
import { isId } from '../../schemas/values.ts';
import { decodeCursor, isTime, pageOf } from '../cursors.ts';
import type { Database } from '../sql/database.ts';
import type { Dialect } from '../sql/dialect.ts';
import { inLists } from '../sql/lists.ts';
import { whole } from './messages.ts';
import type { HistoryReader, ListedConversation, StoredMessage } from './port.ts';
import type { RowReader } from './rows.ts';
import { listingFormer } from './shapes.ts';
import type { HistoryTables, MemberTable, MessageTable } from './tables.ts';
import { rangesOf, visibleToMember } from './windows.ts';

type Reading = Pick<HistoryReader, 'list' | 'listed' | 'views'>;
type Db = Kysely<HistoryTables>;
type Value = string | number;

/** One reader of one conversation. */
type Entry = {
  conversation: ConversationRow;
  member: MemberRow;
  readPosition: number;
  changed: number;
  memberCount: number;
};

/** Branches of one statement; SQLite takes 500. */
const branchesMax = 100;

export const listReading = ({ read: db, dialect }: Database<HistoryTables>, rows: RowReader): Reading => {
  const entries = db
    .selectFrom('conversation_users as u')
    .innerJoin('conversation_activity as a', 'a.conversation_id', 'u.conversation_id')
    .leftJoin('read_marks as r', (join) =>
      join.onRef('r.conversation_id', '=', 'u.conversation_id').onRef('r.user_id', '=', 'u.user_id'),
    )
    .selectAll('u')
    .select(['a.changed', 'a.active_at', 'a.member_count', 'r.position as read_position'])
    .where('u.listing', '<', listingFormer);
  type Row = Awaited<ReturnType<typeof entries.execute>>[number];

  const entriesOf = async (found: Row[]): Promise<Entry[]> => {
    const conversations = new Map<string, ConversationRow>();
    for (const ids of inLists([...new Set(found.map((row) => row.conversation_id))])) {
      const heads = await db.selectFrom('conversations').selectAll().where('id', 'in', ids).execute();
      for (const head of heads) conversations.set(head.id, rows.conversation(head));
    }
    return found.flatMap((row) => {
      const conversation = conversations.get(row.conversation_id);
      if (!conversation) return [];
      const { changed, member_count: memberCount, read_position } = row;
      return [
        { conversation, member: rows.member(row), readPosition: read_position ?? 0, changed, memberCount },
      ];
    });
  };

  return {
    list: async (userId, { limit, cursor }) => {
      const from = cursor === undefined ? undefined : decodeCursor<[string, string]>(cursor, [isTime, isId]);
      let query = entries.where('u.user_id', '=', userId);
      if (from) {
        const [time, id] = from;
        const activeAt = rows.keptTime(time);
        query = query.where(({ and, or, eb }) =>
          or([
            eb('a.active_at', '<', activeAt),
            and([eb('a.active_at', '=', activeAt), eb('u.conversation_id', '<', id)]),
          ]),
        );
      }
      const found = await query
        .orderBy('a.active_at', 'desc')
        .orderBy('u.conversation_id', 'desc')
        .limit(limit + 1)
        .execute();
      const { items, nextCursor } = pageOf(found, limit, (row) => [
        rows.time(row.active_at),
        row.conversation_id,
      ]);
      return { items: await complete(db, dialect, rows, await entriesOf(items)), nextCursor };
    },

    listed: async (userId, conversationIds) => {
      const found: Row[] = [];
      for (const some of inLists([...new Set(conversationIds)])) {
        const query = entries.where('u.user_id', '=', userId).where('u.conversation_id', 'in', some);
        found.push(...(await query.execute()));
      }
      const listed = await complete(db, dialect, rows, await entriesOf(found));
      return new Map(listed.map((one) => [one.conversation.id, one]));
    },

    views: async (conversationId, userIds) => {
      const found: Row[] = [];
      for (const some of inLists([...new Set(userIds)])) {
        const query = entries.where('u.conversation_id', '=', conversationId).where('u.user_id', 'in', some);
        found.push(...(await query.execute()));
      }
      const listed = await complete(db, dialect, rows, await entriesOf(found));
      return new Map(listed.map((one) => [one.member.userId, one]));
    },
  };
};

const complete = async (
  db: Db,
  dialect: Dialect,
  rows: RowReader,
  entries: Entry[],
): Promise<ListedConversation[]> => {
  const [shown, last, unread, mentioned] = await Promise.all([
    shownMembers(db, dialect, rows, entries),
    lastMessages(db, dialect, rows, entries),
    counts(db, entries, unreadBranch),
    counts(db, entries, mentionBranch),
  ]);
  return entries.map((entry, i) => {
    const { conversation, member, readPosition, changed, memberCount } = entry;
    const others = shown.get(conversation.id)?.filter((other) => other.userId !== member.userId) ?? [];
    return {
      conversation,
      member,
      members: [{ ...member, readPosition }, ...others].slice(0, limits.membersShownMax),
      memberCount,
      changed,
      lastMessage: last[i] ?? null,
      unreadCount: unread[i] ?? 0,
      mentionCount: mentioned[i] ?? 0,
    };
  });
};

/** Every branch is a short range of an index, and all of them are one statement. */
const union = async <R>(db: Db, branch: string, all: Value[][]): Promise<R[]> => {
  const found: R[] = [];
  for (const some of inLists(all, branchesMax)) {
    const text = some.map(() => branch).join(' UNION ALL ');
    found.push(...(await db.executeQuery<R>(CompiledQuery.raw(text, some.flat()))).rows);
  }
  return found;
};

const shownMembers = async (db: Db, dialect: Dialect, rows: RowReader, entries: Entry[]) => {
  const ids = [...new Set(entries.map(({ conversation }) => conversation.id))];
  const branch = dialect.branch(`
    SELECT u.*, r.position AS read_position FROM conversation_users u
    LEFT JOIN read_marks r ON r.conversation_id = u.conversation_id AND r.user_id = u.user_id
    WHERE u.conversation_id = ? AND u.listing < ${listingFormer}
    ORDER BY u.listing, u.joined_position, u.user_id LIMIT ${limits.membersShownMax}`);
  type Row = MemberTable & { read_position: number | null };
  const found = await union<Row>(
    db,
    branch,
    ids.map((id) => [id]),
  );
  const shown = new Map<string, (MemberRow & { readPosition: number })[]>(ids.map((id) => [id, []]));
  for (const row of found) {
    shown.get(row.conversation_id)?.push({ ...rows.member(row), readPosition: row.read_position ?? 0 });
  }
  return shown;
};

/** Of each entry the newest message that its reader may see. */
const lastMessages = async (
  db: Db,
  dialect: Dialect,
  rows: RowReader,
  entries: Entry[],
): Promise<(StoredMessage | null)[]> => {
  const branch = dialect.branch(`
    SELECT ? AS entry, m.* FROM messages m
    WHERE m.conversation_id = ? AND m.position >= ? AND m.position < ?
    ORDER BY m.position DESC LIMIT 1`);
  const windows = entries.flatMap(({ conversation, member }, i) =>
    rangesOf(visibleToMember(conversation.historyVisibility, member)).map(([from, to]) => [
      i,
      conversation.id,
      from,
      to,
    ]),
  );
  const newest: (MessageTable | undefined)[] = [];
  for (const row of await union<MessageTable & { entry: number }>(db, branch, windows)) {
    if (row.position > (newest[row.entry]?.position ?? 0)) newest[row.entry] = row;
  }
  const kept = newest.filter((row) => row !== undefined);
  const stored = new Map((await whole(db, rows, kept)).map((message) => [message.message.id, message]));
  return entries.map((_, i) => stored.get(newest[i]?.id ?? '') ?? null);
};

const unreadBranch = {
  text: `SELECT ? AS entry, COUNT(*) AS found FROM messages m
    WHERE m.conversation_id = ? AND m.position >= ? AND m.position < ?
    AND m.sender_id <> ? AND m.deleted_at IS NULL`,
  values: (i: number, conversationId: string, reader: string, from: number, to: number): Value[] => [
    i,
    conversationId,
    from,
    to,
    reader,
  ],
};

const mentionBranch = {
  text: `SELECT ? AS entry, COUNT(*) AS found FROM mentions t
    INNER JOIN messages m ON m.conversation_id = t.conversation_id AND m.position = t.position
      AND m.written = t.written
    WHERE t.conversation_id = ? AND t.user_id = ? AND t.position >= ? AND t.position < ?
    AND m.sender_id <> ? AND m.deleted_at IS NULL`,
  values: (i: number, conversationId: string, reader: string, from: number, to: number): Value[] => [
    i,
    conversationId,
    reader,
    from,
    to,
    reader,
  ],
};

/** Of each entry how many there are of others, visible, not deleted, after the reader's mark. */
const counts = async (db: Db, entries: Entry[], branch: typeof unreadBranch): Promise<number[]> => {
  const windows = entries.flatMap(({ conversation, member, readPosition }, i) =>
    rangesOf(visibleToMember(conversation.historyVisibility, member), readPosition + 1).map(([from, to]) =>
      branch.values(i, conversation.id, member.userId, from, to),
    ),
  );
  const sums: number[] = [];
  for (const { entry, found } of await union<{ entry: number; found: number }>(db, branch.text, windows)) {
    sums[entry] = (sums[entry] ?? 0) + Number(found);
  }
  return sums;
};
