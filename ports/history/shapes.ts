// From the rows of the product to the columns of their tables.
import type { Change, MemberRow } from '../../schemas/rows.ts';
import type { Dialect } from '../sql/dialect.ts';
import { keptKind } from '../sql/kinds.ts';
import type { SqlValue } from '../sql/sqlite-protocol.ts';
import { foldName } from './fold.ts';
import type { HistoryTables } from './tables.ts';

export type TableName = Change['table'];
type Row<T extends TableName> = Extract<Change, { table: T }>['row'];

export type TableShape<T extends TableName> = {
  newerBy: keyof HistoryTables[T] & string;
  /** Never replaced: keys, and a message's first place. */
  fixed: readonly (keyof HistoryTables[T] & string)[];
  columns: readonly (keyof HistoryTables[T] & string)[];
  values(row: Row<T>, position: number, dialect: Dialect): SqlValue[];
};

export const listingAdmin = 0;
export const listingMember = 1;
export const listingFormer = 2;
const listingOf = ({ active, isAdmin }: MemberRow): number => {
  if (!active) return listingFormer;
  return isAdmin ? listingAdmin : listingMember;
};

const optional = (time: string | null, dialect: Dialect): string | null =>
  time === null ? null : dialect.toTime(time);

/** Of each table its columns, and the values of a row in that order. */
export const shapes: { [T in TableName]: TableShape<T> } = {
  users: {
    newerBy: 'rev',
    fixed: ['id'],
    columns: ['id', 'username', 'name_folded', 'profile_pic_url', 'kind', 'created_at', 'rev', 'position'],
    values: (row, position, dialect) => [
      row.id,
      row.username,
      foldName(row.username),
      row.profilePicUrl,
      keptKind(row),
      dialect.toTime(row.createdAt),
      row.rev,
      position,
    ],
  },
  conversations: {
    newerBy: 'rev',
    fixed: ['id'],
    columns: [
      'id',
      'is_group',
      'name',
      'picture_url',
      'history_visibility',
      'created_by',
      'created_at',
      'updated_at',
      'rev',
      'position',
    ],
    values: (row, position, dialect) => [
      row.id,
      Number(row.isGroup),
      row.name,
      row.pictureUrl,
      row.historyVisibility,
      row.createdBy,
      dialect.toTime(row.createdAt),
      dialect.toTime(row.updatedAt),
      row.rev,
      position,
    ],
  },
  conversation_users: {
    newerBy: 'rev',
    fixed: ['conversation_id', 'user_id'],
    columns: [
      'conversation_id',
      'user_id',
      'is_admin',
      'active',
      'listing',
      'joined_at',
      'joined_position',
      'left_position',
      'spans',
      'rev',
      'position',
    ],
    values: (row, position, dialect) => [
      row.conversationId,
      row.userId,
      Number(row.isAdmin),
      Number(row.active),
      listingOf(row),
      dialect.toTime(row.joinedAt),
      row.joinedPosition,
      row.leftPosition,
      JSON.stringify(row.spans),
      row.rev,
      position,
    ],
  },
  messages: {
    newerBy: 'rev',
    fixed: ['conversation_id', 'position', 'id'],
    columns: [
      'conversation_id',
      'position',
      'id',
      'sender_id',
      'content',
      'attachments',
      'mentions',
      'reply_to',
      'created_at',
      'edited_at',
      'deleted_at',
      'rev',
      'written',
      'changed',
    ],
    values: (row, position, dialect) => [
      row.conversationId,
      row.position,
      row.id,
      row.senderId,
      row.content,
      JSON.stringify(row.attachments),
      JSON.stringify(row.mentions),
      row.replyTo,
      dialect.toTime(row.createdAt),
      optional(row.editedAt, dialect),
      optional(row.deletedAt, dialect),
      row.rev,
      position,
      // What came after the sending; see MessageTable.
      row.rev === 1 ? 0 : position,
    ],
  },
  reactions: {
    newerBy: 'rev',
    fixed: ['message_id', 'user_id', 'emoji'],
    columns: ['conversation_id', 'message_id', 'user_id', 'emoji', 'active', 'reacted_at', 'rev', 'position'],
    values: (row, position, dialect) => [
      row.conversationId,
      row.messageId,
      row.userId,
      row.emoji,
      Number(row.active),
      dialect.toTime(row.at),
      row.rev,
      position,
    ],
  },
  pins: {
    newerBy: 'rev',
    fixed: ['message_id', 'conversation_id'],
    columns: ['message_id', 'conversation_id', 'user_id', 'active', 'pinned_at', 'rev', 'position'],
    values: (row, position, dialect) => [
      row.messageId,
      row.conversationId,
      row.userId,
      Number(row.active),
      dialect.toTime(row.at),
      row.rev,
      position,
    ],
  },
  previews: {
    newerBy: 'rev',
    fixed: ['message_id', 'id', 'conversation_id', 'sender_id', 'message_position'],
    columns: [
      'message_id',
      'id',
      'conversation_id',
      'sender_id',
      'message_position',
      'url',
      'site_name',
      'title',
      'description',
      'image',
      'image_id',
      'active',
      'added_at',
      'rev',
      'position',
    ],
    values: (row, position, dialect) => [
      row.messageId,
      row.id,
      row.conversationId,
      row.senderId,
      row.messagePosition,
      row.url,
      row.siteName,
      row.title,
      row.description,
      row.image && JSON.stringify(row.image),
      row.image?.mediaId ?? null,
      Number(row.active),
      dialect.toTime(row.at),
      row.rev,
      position,
    ],
  },
  read_marks: {
    newerBy: 'position',
    fixed: ['conversation_id', 'user_id'],
    columns: ['conversation_id', 'user_id', 'position', 'read_at', 'changed'],
    values: (row, position, dialect) => [
      row.conversationId,
      row.userId,
      row.position,
      dialect.toTime(row.at),
      position,
    ],
  },
};
