// What happened. CloudEvents 1.0 JSON; one entry a type; `dataversion` counts the shapes that its data has had.
import { type Static, Type } from 'typebox';
import { NotificationDecided, NotificationSettled } from './notifications.ts';
import { PersonalKind } from './personal.ts';
import { PreviewRow } from './previews.ts';
import {
  ConversationRow,
  MemberRow,
  MessageRow,
  PinRow,
  PresenceRow,
  ReactionRow,
  ReadMarkRow,
  UserRow,
} from './rows.ts';
import type { TopicName } from './topics.ts';
import { Id, nullable, Position, Rev, Time } from './values.ts';

const closed = { additionalProperties: false } as const;
const members = Type.Array(MemberRow, { minItems: 1, maxItems: 1001 });

/** Every event type: its topic, the current version of its data and that data's shape. */
export const eventTypes = {
  'conversation.created': {
    topic: 'chat.conversations',
    version: 1,
    data: Type.Object({ conversation: ConversationRow, members }, closed),
  },
  'conversation.changed': {
    topic: 'chat.conversations',
    version: 1,
    data: Type.Object({ conversation: ConversationRow }, closed),
  },
  'member.added': { topic: 'chat.conversations', version: 1, data: Type.Object({ members }, closed) },
  'member.changed': {
    topic: 'chat.conversations',
    version: 1,
    data: Type.Object({ member: MemberRow }, closed),
  },
  'member.removed': {
    topic: 'chat.conversations',
    version: 1,
    data: Type.Object({ member: MemberRow }, closed),
  },
  'message.sent': {
    topic: 'chat.conversations',
    version: 2,
    data: Type.Object({ message: MessageRow }, closed),
  },
  'message.edited': {
    topic: 'chat.conversations',
    version: 2,
    data: Type.Object({ message: MessageRow }, closed),
  },
  'message.deleted': {
    topic: 'chat.conversations',
    version: 2,
    data: Type.Object({ message: MessageRow }, closed),
  },
  'reaction.changed': {
    topic: 'chat.conversations',
    version: 1,
    data: Type.Object({ reaction: ReactionRow }, closed),
  },
  'pin.changed': { topic: 'chat.conversations', version: 1, data: Type.Object({ pin: PinRow }, closed) },
  /** By the system (actor null) when it has read the page behind a link; by a person to remove it. */
  'preview.changed': {
    topic: 'chat.conversations',
    version: 1,
    data: Type.Object({ preview: PreviewRow }, closed),
  },
  'read.marked': {
    topic: 'chat.conversations',
    version: 1,
    data: Type.Object({ read: ReadMarkRow }, closed),
  },
  'user.registered': { topic: 'chat.users', version: 2, data: Type.Object({ user: UserRow }, closed) },
  'user.changed': { topic: 'chat.users', version: 2, data: Type.Object({ user: UserRow }, closed) },
  'presence.changed': {
    topic: 'chat.presence',
    version: 1,
    data: Type.Object({ presence: PresenceRow }, closed),
  },
  'typing.started': {
    topic: 'chat.signals',
    version: 1,
    data: Type.Object({ conversationId: Id, userId: Id }, closed),
  },
  /** A device of this person has everything up to this position. Short-lived: who was away meanwhile learns it by reading. */
  'delivery.noted': {
    topic: 'chat.signals',
    version: 1,
    data: Type.Object({ conversationId: Id, userId: Id, position: Position }, closed),
  },
  /** A device was signed out: every gateway closes its sockets. Subject: the user. */
  'session.revoked': {
    topic: 'chat.signals',
    version: 1,
    data: Type.Object({ sessionId: Id }, closed),
  },
  /** A person changed something of their own on one device: the others ask for it. Never what it is. Subject: the user. */
  'personal.changed': {
    topic: 'chat.signals',
    version: 1,
    data: Type.Object({ kind: PersonalKind, key: Id, rev: Rev }, closed),
  },
  /** Who is told of a message, when and by what; who is not, and why. Subject: the conversation. */
  'notification.decided': { topic: 'chat.notifications', version: 1, data: NotificationDecided },
  /** What became of it. Subject: the conversation. */
  'notification.settled': { topic: 'chat.notifications', version: 1, data: NotificationSettled },
  /** Something of a person's account is different: their devices, and gateways that know some of it, ask again. Subject: the user. */
  'account.changed': {
    topic: 'chat.signals',
    version: 1,
    data: Type.Object({}, closed),
  },
} as const satisfies Record<string, { topic: TopicName; version: number; data: Type.TSchema }>;

export type EventType = keyof typeof eventTypes;
export type EventData<T extends EventType> = Static<(typeof eventTypes)[T]['data']>;

/** The envelope around the data, the same for every type. */
export const Envelope = Type.Object({
  specversion: Type.Literal('1.0'),
  id: Id,
  source: Type.String({ maxLength: 200 }),
  type: Type.String({ maxLength: 100 }),
  subject: Id,
  time: Time,
  dataversion: Type.Integer({ minimum: 1 }),
  actor: nullable(Id),
  traceparent: Type.Optional(Type.String({ maxLength: 55 })),
  data: Type.Unknown(),
});

type EventOf<T extends EventType> = {
  specversion: '1.0';
  id: string;
  source: string;
  type: T;
  /** The ordering key: conversation id or user id. */
  subject: string;
  time: string;
  dataversion: number;
  /** Who did it; null for the system itself. */
  actor: string | null;
  traceparent?: string;
  data: EventData<T>;
};

/** Any event in its newest shape. Switch on `type`. */
export type ChatEvent = { [T in EventType]: EventOf<T> }[EventType];
export type ConversationEvent = Extract<
  ChatEvent,
  {
    type:
      | 'conversation.created'
      | 'conversation.changed'
      | 'member.added'
      | 'member.changed'
      | 'member.removed'
      | 'message.sent'
      | 'message.edited'
      | 'message.deleted'
      | 'reaction.changed'
      | 'pin.changed'
      | 'preview.changed'
      | 'read.marked';
  }
>;
export type UserEvent = Extract<ChatEvent, { type: 'user.registered' | 'user.changed' }>;
