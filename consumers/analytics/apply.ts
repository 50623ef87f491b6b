// From an admitted event to what analytics keeps of it. Pure. Times are those of the thing itself: an imported message
// counts in the year in which it was written.
import type { ConversationEvent, UserEvent } from '../../schemas/events.ts';
import type { MemberRow, MessageRow } from '../../schemas/rows.ts';

/** The shape of ports/analytics AnalyticsChange, in words of ours. */
export type Counted =
  | { kind: 'conversation'; id: string; isGroup: boolean; position: number }
  | { kind: 'joined'; conversationId: string; userId: string; at: string; position: number }
  | {
      kind: 'message';
      conversationId: string;
      id: string;
      senderId: string;
      at: string;
      replyTo: string | null;
      position: number;
      rev: number;
      isDeleted: boolean;
    }
  | {
      kind: 'reaction';
      conversationId: string;
      messageId: string;
      userId: string;
      emoji: string;
      at: string;
      position: number;
      rev: number;
      isActive: boolean;
    }
  | { kind: 'person'; id: string; at: string; rev: number; isPlaceholder: boolean };

/** `position`: the event's place. What happened at a time that no clock shows is not counted. */
export const applyAnalytics = (event: ConversationEvent | UserEvent, position: number): Counted[] => {
  switch (event.type) {
    case 'user.registered':
    case 'user.changed': {
      const { id, createdAt, rev, kind } = event.data.user;
      const at = clockTime(createdAt);
      return at ? [{ kind: 'person', id, at, rev, isPlaceholder: kind === 'placeholder' }] : [];
    }
    case 'conversation.created': {
      const { id, isGroup } = event.data.conversation;
      return [{ kind: 'conversation', id, isGroup, position }, ...joined(event.data.members, position)];
    }
    case 'member.added':
      return joined(event.data.members, position);
    case 'message.sent':
    case 'message.edited':
    case 'message.deleted':
      return message(event.data.message, position);
    case 'reaction.changed': {
      const { conversationId, messageId, userId, emoji, rev, active } = event.data.reaction;
      const at = clockTime(event.data.reaction.at);
      const reaction = { conversationId, messageId, userId, emoji, position, rev, isActive: active };
      return at ? [{ kind: 'reaction', ...reaction, at }] : [];
    }
    default:
      return [];
  }
};

/** Coming back is no joining: who is known there already stays as they were, which the store sees to. */
const joined = (rows: MemberRow[], position: number): Counted[] =>
  rows.flatMap(({ conversationId, userId, joinedAt, joinedPosition }) => {
    const at = clockTime(joinedAt);
    return at ? [{ kind: 'joined', conversationId, userId, at, position: joinedPosition || position }] : [];
  });

const message = (row: MessageRow, position: number): Counted[] => {
  const { conversationId, id, senderId, replyTo, rev } = row;
  const at = clockTime(row.createdAt);
  const kept = { conversationId, id, senderId, replyTo, rev, position: row.position || position };
  return at ? [{ kind: 'message', ...kept, at, isDeleted: row.deletedAt !== null }] : [];
};

const firstYear = Date.UTC(1000, 0);
/** Events are only checked for the form of a time. "February 30" is what the calendar makes of it. */
const clockTime = (time: string): string | null => {
  const ms = Date.parse(time);
  return ms >= firstYear ? new Date(ms).toISOString() : null;
};
