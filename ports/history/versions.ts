// What a commit is about to replace is kept: the texts of edited messages, reactions that change, how far people had read,
// and every state of members and names. Plain messages cost nothing here but a line for each day.
import type { CompiledQuery, Transaction } from 'kysely';
import type { Change } from '../../schemas/rows.ts';
import { runAll } from '../sql/database.ts';
import type { Dialect } from '../sql/dialect.ts';
import { inLists } from '../sql/lists.ts';
import type { SqlValue } from '../sql/sqlite-protocol.ts';
import { shapes } from './shapes.ts';
import type { HistoryTables } from './tables.ts';

type Trx = Transaction<HistoryTables>;
type Of<T extends Change['table']> = Extract<Change, { table: T }>;

const of = <T extends Change['table']>(changes: Change[], table: T): Of<T>[] =>
  changes.filter((change): change is Of<T> => change.table === table);

/** Those of rows that may replace another one; the rest is new, or late. */
const replacing = <C extends Change>(changes: C[]): Map<string, C[]> => {
  const found = new Map<string, C[]>();
  for (const { key, row } of changes) if (row.rev > 1) found.set(key, []);
  if (found.size > 0) for (const change of changes) found.get(change.key)?.push(change);
  return found;
};

/**
 * In the transaction of the rows, before them. What it writes does not depend on how events were batched: of every row
 * each state that was there until a newer one came.
 */
export const keepFormer = async (trx: Trx, dialect: Dialect, changes: Change[]): Promise<void> => {
  await keepTexts(trx, dialect, replacing(of(changes, 'messages')));
  await keepReactions(trx, dialect, replacing(of(changes, 'reactions')));
  await keepMarks(trx, dialect, replacing(of(changes, 'read_marks')));
};

const textColumns = [
  'message_id',
  'rev',
  'conversation_id',
  'content',
  'attachments',
  'mentions',
  'since',
  'written',
] as const;

const keepTexts = async (trx: Trx, dialect: Dialect, edits: Map<string, Of<'messages'>[]>) => {
  if (edits.size === 0) return;
  const kept = new Map<string, { rev: number; row: SqlValue[] | null }>();
  for (const ids of inLists([...edits.keys()])) {
    const rows = await trx.selectFrom('messages').selectAll().where('id', 'in', ids).execute();
    for (const row of rows) {
      const text = [row.id, row.rev, row.conversation_id, row.content, row.attachments, row.mentions];
      const since = row.edited_at ?? row.created_at;
      kept.set(row.id, { rev: row.rev, row: row.deleted_at ? null : [...text, since, row.written] });
    }
  }
  const former: SqlValue[][] = [];
  const deleted: string[] = [];
  for (const [id, changes] of edits) {
    let now = kept.get(id);
    let texts: SqlValue[][] = [];
    for (const { row, position } of changes) {
      if (now && row.rev <= now.rev) continue;
      if (now?.row) texts.push(now.row);
      if (row.deletedAt) {
        // Deleting is a promise: what the message once said goes too.
        texts = [];
        deleted.push(id);
      }
      now = { rev: row.rev, row: row.deletedAt ? null : textOf(row, position, dialect) };
    }
    former.push(...texts);
  }
  for (const ids of inLists(deleted))
    await trx.deleteFrom('message_versions').where('message_id', 'in', ids).execute();
  await runAll(trx, dialect.insertNew({ table: 'message_versions', columns: textColumns, rows: former }));
};

const textOf = (row: Of<'messages'>['row'], position: number, dialect: Dialect): SqlValue[] => [
  row.id,
  row.rev,
  row.conversationId,
  row.content,
  JSON.stringify(row.attachments),
  JSON.stringify(row.mentions),
  dialect.toTime(row.editedAt ?? row.createdAt),
  position,
];

const keepReactions = async (trx: Trx, dialect: Dialect, given: Map<string, Of<'reactions'>[]>) => {
  if (given.size === 0) return;
  const { columns, values } = shapes.reactions;
  const messageIds = [...new Set([...given.values()].map(([first]) => first?.row.messageId as string))];
  const kept = new Map<string, { rev: number; row: SqlValue[] }>();
  for (const ids of inLists(messageIds)) {
    const rows = await trx.selectFrom('reactions').selectAll().where('message_id', 'in', ids).execute();
    for (const row of rows) {
      const key = `${row.message_id}/${row.user_id}/${row.emoji}`;
      if (given.has(key)) kept.set(key, { rev: row.rev, row: columns.map((column) => row[column]) });
    }
  }
  const former: SqlValue[][] = [];
  for (const [key, changes] of given) {
    let now = kept.get(key);
    for (const { row, position } of changes) {
      if (now && row.rev <= now.rev) continue;
      if (now) former.push(now.row);
      now = { rev: row.rev, row: values(row, position, dialect) };
    }
  }
  await runAll(trx, dialect.insertNew({ table: 'reaction_versions', columns, rows: former }));
};

/** Alternatives of one statement. */
const marksAtOnce = 100;

const keepMarks = async (trx: Trx, dialect: Dialect, moved: Map<string, Of<'read_marks'>[]>) => {
  if (moved.size === 0) return;
  const { columns, values } = shapes.read_marks;
  const kept = new Map<string, { rev: number; row: SqlValue[] }>();
  const marks = [...moved.values()].flatMap(([first]) => (first ? [first.row] : []));
  for (const some of inLists(marks, marksAtOnce)) {
    const rows = await trx
      .selectFrom('read_marks')
      .selectAll()
      .where(({ eb, and, or }) =>
        or(
          some.map(({ conversationId, userId }) =>
            and([eb('conversation_id', '=', conversationId), eb('user_id', '=', userId)]),
          ),
        ),
      )
      .execute();
    for (const row of rows) {
      const key = `${row.conversation_id}/${row.user_id}`;
      kept.set(key, { rev: row.position, row: columns.map((column) => row[column]) });
    }
  }
  const former: SqlValue[][] = [];
  for (const [key, changes] of moved) {
    let now = kept.get(key);
    for (const { row, position } of changes) {
      if (now && row.rev <= now.rev) continue;
      if (now) former.push(now.row);
      now = { rev: row.rev, row: values(row, position, dialect) };
    }
  }
  await runAll(trx, dialect.insertNew({ table: 'read_versions', columns, rows: former }));
};

/** Statements for what is kept whole: each state of a member and of a name, and up to where each day reaches. */
export const versionStatements = (changes: Change[], dialect: Dialect): CompiledQuery[] => [
  ...dialect.insertNew({
    table: 'member_versions',
    columns: [
      'conversation_id',
      'user_id',
      'rev',
      'is_admin',
      'active',
      'joined_at',
      'joined_position',
      'since',
      'position',
    ],
    rows: of(changes, 'conversation_users').map(({ row, position, at }) => [
      row.conversationId,
      row.userId,
      row.rev,
      Number(row.isAdmin),
      Number(row.active),
      dialect.toTime(row.joinedAt),
      row.joinedPosition,
      dialect.toTime(at),
      position,
    ]),
  }),
  ...dialect.insertNew({
    table: 'conversation_versions',
    columns: ['conversation_id', 'rev', 'name', 'picture_url', 'since', 'position'],
    rows: of(changes, 'conversations').map(({ row, position, at }) => [
      row.id,
      row.rev,
      row.name,
      row.pictureUrl,
      dialect.toTime(at),
      position,
    ]),
  }),
  ...days(of(changes, 'messages'), dialect),
];

export const dayOf = (time: string): string => time.slice(0, 10);

const days = (changes: Of<'messages'>[], dialect: Dialect): CompiledQuery[] => {
  const last = new Map<string, [conversationId: string, day: string, place: number]>();
  for (const { row } of changes) {
    const day = dayOf(row.createdAt);
    const key = `${row.conversationId}/${day}`;
    const known = last.get(key);
    if (!known || known[2] < row.position) last.set(key, [row.conversationId, day, row.position]);
  }
  return dialect.raise({
    table: 'message_days',
    columns: ['conversation_id', 'sent_on', 'last_position'],
    raised: ['last_position'],
    rows: [...last.values()],
  });
};
