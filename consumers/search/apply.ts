// From an admitted event to what the index keeps of it. Pure.
import type { ConversationEvent } from '../../schemas/events.ts';
import type { MessageRow } from '../../schemas/rows.ts';
import type { SearchHas } from '../../schemas/search-query.ts';

/** The shape of ports/search SearchChange, in words of ours. */
export type Indexed =
  | {
      kind: 'put';
      document: {
        id: string;
        rev: number;
        conversationId: string;
        position: number;
        senderId: string;
        at: string;
        content: string;
        mentions: string[];
        has: SearchHas[];
        isReply: boolean;
      };
    }
  | { kind: 'remove'; id: string; rev: number; at: string; position: number };

/** `position`: the event's place. Null: nothing that is searched for. */
export const applySearch = (event: ConversationEvent, position: number): Indexed | null => {
  switch (event.type) {
    case 'message.sent':
    case 'message.edited':
      return put(event.data.message, position);
    case 'message.deleted': {
      const { id, rev, createdAt, position: first } = event.data.message;
      return { kind: 'remove', id, rev, at: createdAt, position: first || position };
    }
    default:
      return null;
  }
};

const put = (row: MessageRow, position: number): Indexed => ({
  kind: 'put',
  document: {
    id: row.id,
    rev: row.rev,
    conversationId: row.conversationId,
    position: row.position || position,
    senderId: row.senderId,
    at: row.createdAt,
    content: row.content,
    mentions: row.mentions,
    has: hasOf(row),
    isReply: row.replyTo !== null,
  },
});

const hasOf = ({ content, attachments }: MessageRow): SearchHas[] => {
  const has: SearchHas[] = [];
  if (/\bhttps?:\/\/\S/i.test(content)) has.push('link');
  if (attachments.length > 0) has.push('file');
  if (attachments.some(({ contentType }) => contentType.startsWith('image/'))) has.push('image');
  return has;
};
