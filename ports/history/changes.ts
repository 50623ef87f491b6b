// From the changes of a batch to statements: few, in bulk, and in an order in which later ones see earlier ones.
import type { CompiledQuery } from 'kysely';
import { mediaIdIn } from '../../schemas/media.ts';
import type { Change } from '../../schemas/rows.ts';
import type { Dialect } from '../sql/dialect.ts';
import type { SqlValue } from '../sql/sqlite-protocol.ts';
import { shapes, type TableName, type TableShape } from './shapes.ts';

type Of<T extends TableName> = Extract<Change, { table: T }>;

/** Of several changes to one row only the newest counts; of equal revs the first. */
const collapsed = (changes: Change[]): Map<TableName, Map<string, Change>> => {
  const tables = new Map<TableName, Map<string, Change>>();
  for (const change of changes) {
    let rows = tables.get(change.table);
    if (!rows) {
      rows = new Map();
      tables.set(change.table, rows);
    }
    const kept = rows.get(change.key);
    if (!kept || change.row.rev > kept.row.rev) rows.set(change.key, change);
  }
  return tables;
};

export const statementsFor = (changes: Change[], dialect: Dialect): CompiledQuery[] => {
  const tables = collapsed(changes);
  const of = <T extends TableName>(table: T): Of<T>[] => [...(tables.get(table)?.values() ?? [])] as Of<T>[];
  const upsert = <T extends TableName>(table: T): CompiledQuery[] => {
    const shape = shapes[table] as unknown as TableShape<T>;
    const rows = of(table).map(({ row, position }) => shape.values(row as never, position, dialect));
    const set = shape.columns.filter((column) => !shape.fixed.includes(column));
    return dialect.upsert({ table, columns: shape.columns, newerBy: shape.newerBy, set, rows });
  };
  // Rows beside these do not depend on how events were batched: what is replaced in the same batch left its traces too.
  const all = <T extends TableName>(table: T): Of<T>[] =>
    changes.filter((change): change is Of<T> => change.table === table);
  return [
    ...upsert('users'),
    ...upsert('conversations'),
    ...upsert('conversation_users'),
    ...upsert('messages'),
    ...mentions(all('messages'), dialect),
    ...media(all('messages'), all('conversations'), all('previews'), dialect),
    ...upsert('reactions'),
    ...upsert('pins'),
    ...upsert('previews'),
    ...touched([...all('reactions'), ...all('pins'), ...all('previews')], dialect),
    ...upsert('read_marks'),
    ...activity(changes, dialect),
  ];
};

/** One for each person named; those of a row that was not taken, or is replaced later, count nowhere. */
const mentions = (changes: Of<'messages'>[], dialect: Dialect): CompiledQuery[] => {
  const rows = changes.flatMap(({ row, position }) =>
    [...new Set(row.mentions)].map((userId) => [row.conversationId, userId, row.position, position]),
  );
  const columns = ['conversation_id', 'user_id', 'position', 'written'];
  return dialect.insertNew({ table: 'mentions', columns, rows });
};

/** Of a row that was not taken, or is replaced later, they count nowhere, like mentions. */
const media = (
  messages: Of<'messages'>[],
  conversations: Of<'conversations'>[],
  previews: Of<'previews'>[],
  dialect: Dialect,
): CompiledQuery[] => {
  const rows: SqlValue[][] = messages.flatMap(({ row }) =>
    [...new Set(row.attachments.map(({ mediaId }) => mediaId))].map((mediaId) => [
      mediaId,
      row.id,
      row.conversationId,
      row.position,
    ]),
  );
  for (const { row } of conversations) {
    const mediaId = mediaIdIn(row.pictureUrl);
    if (mediaId) rows.push([mediaId, row.id, row.id, 0]);
  }
  for (const { row } of previews)
    if (row.image) rows.push([row.image.mediaId, row.messageId, row.conversationId, row.messagePosition]);
  const columns = ['media_id', 'message_id', 'conversation_id', 'position'];
  return dialect.insertNew({ table: 'message_media', columns, rows });
};

/** Whoever resyncs must get a message again when a reaction to it, its pin or a preview has come or gone. */
const touched = (
  changes: (Of<'reactions'> | Of<'pins'> | Of<'previews'>)[],
  dialect: Dialect,
): CompiledQuery[] => {
  const places = new Map<string, number>();
  for (const { row, position } of changes) {
    places.set(row.messageId, Math.max(position, places.get(row.messageId) ?? 0));
  }
  return dialect.raiseWhere({ table: 'messages', key: 'id', column: 'changed', rows: [...places] });
};

/** All in one form, so the later time is the greater text. */
const later = (a: string, b: string): string => {
  if (a > b) return a;
  return b;
};
const beforeAnything = '1970-01-01T00:00:00.000Z';

const activity = (changes: Change[], dialect: Dialect): CompiledQuery[] => {
  const newest = new Map<string, { changed: number; activeAt: string }>();
  for (const { table, row, position } of changes) {
    if (table === 'users') continue;
    const id = table === 'conversations' ? row.id : row.conversationId;
    const kept = newest.get(id) ?? { changed: 0, activeAt: beforeAnything };
    const at = table === 'conversations' || table === 'messages' ? row.createdAt : beforeAnything;
    newest.set(id, {
      changed: Math.max(kept.changed, position),
      activeAt: later(at, kept.activeAt),
    });
  }
  const rows: SqlValue[][] = [...newest].map(([id, { changed, activeAt }]) => [
    id,
    changed,
    dialect.toTime(activeAt),
    0,
  ]);
  const columns = ['conversation_id', 'changed', 'active_at', 'member_count'];
  return dialect.raise({ table: 'conversation_activity', columns, raised: ['changed', 'active_at'], rows });
};

/** Conversations whose members must be counted again. */
export const recounted = (changes: Change[]): string[] => [
  ...new Set(
    changes.flatMap((change) => (change.table === 'conversation_users' ? [change.row.conversationId] : [])),
  ),
];

/** Messages of which a preview may stand beside a deletion, whichever came first. */
export const previewed = (changes: Change[]): string[] => [
  ...new Set(
    changes.flatMap((change) => {
      if (change.table === 'previews') return [change.row.messageId];
      return change.table === 'messages' && change.row.deletedAt !== null ? [change.key] : [];
    }),
  ),
];
