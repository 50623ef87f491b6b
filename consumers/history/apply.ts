// From an event at its place to the rows that it changes. Pure: no clock, no database, no random. The history consumer
// runs it into SQL and every gateway runs it onto sockets, so what is stored and what is shown cannot disagree.
import type { ConversationEvent, UserEvent } from '../../schemas/events.ts';
import type { Change, ConversationRow, MemberRow, MessageRow } from '../../schemas/rows.ts';

/** `position`: the event's place, offset + 1. Shapes: one Change for each row, whole rows only. */
export const apply = (event: ConversationEvent | UserEvent, position: number): Change[] => {
  switch (event.type) {
    case 'user.registered':
    case 'user.changed':
      return [{ table: 'users', key: event.data.user.id, position, row: event.data.user }];
    case 'conversation.created':
      return [
        conversation(event.data.conversation, position, event.time),
        ...event.data.members.map((row) => member(row, position, event.time)),
      ];
    case 'conversation.changed':
      return [conversation(event.data.conversation, position, event.time)];
    case 'member.added':
      return event.data.members.map((row) => member(row, position, event.time));
    case 'member.changed':
    case 'member.removed':
      return [member(event.data.member, position, event.time)];
    case 'message.sent':
    case 'message.edited':
    case 'message.deleted':
      return [message(event.data.message, position)];
    case 'reaction.changed': {
      const row = event.data.reaction;
      return [{ table: 'reactions', key: `${row.messageId}/${row.userId}/${row.emoji}`, position, row }];
    }
    case 'pin.changed': {
      const row = event.data.pin;
      return [{ table: 'pins', key: row.messageId, position, row }];
    }
    case 'preview.changed': {
      const row = event.data.preview;
      return [{ table: 'previews', key: row.id, position, row }];
    }
    case 'read.marked': {
      const row = event.data.read;
      return [{ table: 'read_marks', key: `${row.conversationId}/${row.userId}`, position, row }];
    }
    default:
      throw new Error(`apply has no case for ${JSON.stringify(event satisfies never)}`);
  }
};

const conversation = (row: ConversationRow, position: number, at: string): Change => ({
  table: 'conversations',
  key: row.id,
  position,
  at,
  row,
});

/** Place 0 stands for the event's own place, which its writer could not know. */
const member = (row: MemberRow, position: number, at: string): Change => ({
  table: 'conversation_users',
  key: `${row.conversationId}/${row.userId}`,
  position,
  at,
  row: {
    ...row,
    joinedPosition: row.joinedPosition || position,
    leftPosition: row.leftPosition === 0 ? position : row.leftPosition,
  },
});

const message = (row: MessageRow, position: number): Change => ({
  table: 'messages',
  key: row.id,
  position,
  row: row.position === 0 ? { ...row, position } : row,
});
