// From an event to what webhooks are told of it. Pure.
import type { WebhookType } from '../../schemas/bots.ts';
import type { ChatEvent } from '../../schemas/events.ts';
import type { MemberRow, MessageRow } from '../../schemas/rows.ts';

export type Told = {
  type: WebhookType;
  conversationId: string;
  /** Who did it; null: the system. */
  actorId: string | null;
  /** Whose content is in `data`. */
  messageId: string | null;
  /** Whom it is about, for an event about members. */
  memberIds: string[];
  /** It was brought in from elsewhere. */
  isImported: boolean;
  at: string;
  data: Record<string, unknown>;
};

/** Null: webhooks are not told of such events. `position`: the event's place. */
export const toldOf = (event: ChatEvent, position: number): Told | null => {
  const about = { conversationId: event.subject, actorId: event.actor, memberIds: [], at: event.time };
  switch (event.type) {
    case 'message.sent':
    case 'message.edited':
    case 'message.deleted': {
      const { message } = event.data;
      const isImported =
        event.type === 'message.sent' &&
        (event.actor !== message.senderId || message.createdAt !== event.time);
      const data = { message: messageView(message, position) };
      return { ...about, type: event.type, messageId: message.id, isImported, data };
    }
    case 'reaction.changed': {
      const { messageId, userId, emoji, active, at } = event.data.reaction;
      const data = { reaction: { messageId, userId, emoji, isOn: active, at } };
      return { ...about, type: event.type, messageId: null, isImported: false, data };
    }
    case 'member.added': {
      const { members } = event.data;
      return { ...aboutMembers(members), type: event.type, actorId: event.actor, at: event.time };
    }
    case 'member.changed':
    case 'member.removed':
      return { ...aboutMembers([event.data.member]), type: event.type, actorId: event.actor, at: event.time };
    default:
      return null;
  }
};

const messageView = (row: MessageRow, position: number) => ({
  id: row.id,
  conversationId: row.conversationId,
  senderId: row.senderId,
  content: row.content,
  attachments: row.attachments,
  replyTo: row.replyTo,
  mentions: row.mentions,
  position: String(row.position || position),
  createdAt: row.createdAt,
  editedAt: row.editedAt,
  deletedAt: row.deletedAt,
});

/** The same of a message that has been deleted since. */
export const silenced = (told: Told): Told => {
  const message = told.data.message as ReturnType<typeof messageView> | undefined;
  return message
    ? { ...told, data: { message: { ...message, content: '', attachments: [], mentions: [] } } }
    : told;
};

const aboutMembers = (members: MemberRow[]) => ({
  conversationId: members[0]?.conversationId ?? '',
  messageId: null,
  memberIds: members.map(({ userId }) => userId),
  isImported: false,
  data: {
    members: members.map(({ userId, isAdmin, joinedAt, active }) => ({
      userId,
      isAdmin,
      joinedAt,
      isMember: active,
    })),
  },
});

/** The body, always the same text for the same event. */
export const bodyOf = (id: string, told: Told, position: number): string =>
  JSON.stringify({
    id,
    type: told.type,
    timestamp: told.at,
    conversationId: told.conversationId,
    position: String(position),
    actorId: told.actorId,
    data: told.data,
  });
