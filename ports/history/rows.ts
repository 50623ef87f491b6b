// From the rows of a table back to the rows of the product. One reader for each dialect: times are kept differently.
import type { PreviewRow } from '../../schemas/previews.ts';
import type {
  ConversationRow,
  MemberRow,
  MessageRow,
  PinRow,
  ReactionRow,
  ReadMarkRow,
  UserRow,
} from '../../schemas/rows.ts';
import type { Dialect } from '../sql/dialect.ts';
import { kindOf } from '../sql/kinds.ts';
import type {
  ConversationTable,
  MemberTable,
  MessageTable,
  PinTable,
  PreviewTable,
  ReactionTable,
  ReadMarkTable,
  UserTable,
} from './tables.ts';

export class RowReader {
  readonly #dialect: Dialect;

  constructor(dialect: Dialect) {
    this.#dialect = dialect;
  }

  time(kept: string): string {
    return this.#dialect.fromTime(kept);
  }

  keptTime(time: string): string {
    return this.#dialect.toTime(time);
  }

  #optional(kept: string | null): string | null {
    return kept === null ? null : this.#dialect.fromTime(kept);
  }

  user(row: Omit<UserTable, 'name_folded' | 'position'>): UserRow {
    return {
      id: row.id,
      username: row.username,
      profilePicUrl: row.profile_pic_url,
      ...kindOf(row.kind),
      createdAt: this.time(row.created_at),
      rev: row.rev,
    };
  }

  conversation(row: Omit<ConversationTable, 'position'>): ConversationRow {
    return {
      id: row.id,
      isGroup: row.is_group === 1,
      name: row.name,
      pictureUrl: row.picture_url,
      historyVisibility: row.history_visibility as ConversationRow['historyVisibility'],
      createdBy: row.created_by,
      createdAt: this.time(row.created_at),
      updatedAt: this.time(row.updated_at),
      rev: row.rev,
    };
  }

  member(row: Omit<MemberTable, 'position' | 'listing'>): MemberRow {
    return {
      conversationId: row.conversation_id,
      userId: row.user_id,
      isAdmin: row.is_admin === 1,
      active: row.active === 1,
      joinedAt: this.time(row.joined_at),
      joinedPosition: row.joined_position,
      leftPosition: row.left_position,
      spans: row.spans === '[]' ? [] : (JSON.parse(row.spans) as MemberRow['spans']),
      rev: row.rev,
    };
  }

  message(row: MessageTable): MessageRow {
    return {
      id: row.id,
      conversationId: row.conversation_id,
      senderId: row.sender_id,
      position: row.position,
      content: row.content,
      attachments: JSON.parse(row.attachments) as MessageRow['attachments'],
      replyTo: row.reply_to,
      mentions: JSON.parse(row.mentions) as MessageRow['mentions'],
      createdAt: this.time(row.created_at),
      editedAt: this.#optional(row.edited_at),
      deletedAt: this.#optional(row.deleted_at),
      rev: row.rev,
    };
  }

  reaction(row: ReactionTable): ReactionRow {
    return {
      conversationId: row.conversation_id,
      messageId: row.message_id,
      userId: row.user_id,
      emoji: row.emoji,
      active: row.active === 1,
      at: this.time(row.reacted_at),
      rev: row.rev,
    };
  }

  pin(row: PinTable): PinRow {
    return {
      conversationId: row.conversation_id,
      messageId: row.message_id,
      userId: row.user_id,
      active: row.active === 1,
      at: this.time(row.pinned_at),
      rev: row.rev,
    };
  }

  preview(row: PreviewTable): PreviewRow {
    return {
      id: row.id,
      conversationId: row.conversation_id,
      messageId: row.message_id,
      senderId: row.sender_id,
      messagePosition: row.message_position,
      url: row.url,
      siteName: row.site_name,
      title: row.title,
      description: row.description,
      image: row.image === null ? null : (JSON.parse(row.image) as PreviewRow['image']),
      active: row.active === 1,
      at: this.time(row.added_at),
      rev: row.rev,
    };
  }

  mark(row: ReadMarkTable): ReadMarkRow {
    return {
      conversationId: row.conversation_id,
      userId: row.user_id,
      position: row.position,
      at: this.time(row.read_at),
      rev: row.position,
    };
  }
}
