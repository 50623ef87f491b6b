// What the projections keep. An event carries the whole row that it changes; what repeats is a row of its own.
import { type Static, Type } from 'typebox';
import { Attachment } from './media.ts';
import type { PreviewRow } from './previews.ts';
import {
  Emoji,
  HistoryVisibility,
  Id,
  nullable,
  Place,
  PresenceStatus,
  Rev,
  Time,
  Username,
} from './values.ts';

const closed = { additionalProperties: false } as const;

export const UserRow = Type.Object(
  {
    id: Id,
    username: Username,
    profilePicUrl: nullable(Type.String({ maxLength: 2048 })),
    /** `placeholder`: a person who wrote in an imported history and never signed in here. */
    kind: Type.Union([Type.Literal('person'), Type.Literal('placeholder')]),
    /** A program that somebody answers for. It has no password. */
    isBot: Type.Optional(Type.Literal(true)),
    createdAt: Time,
    rev: Rev,
  },
  closed,
);
export type UserRow = Static<typeof UserRow>;

export const ConversationRow = Type.Object(
  {
    id: Id,
    isGroup: Type.Boolean(),
    name: nullable(Type.String({ minLength: 1, maxLength: 100 })),
    pictureUrl: nullable(Type.String({ maxLength: 2048 })),
    historyVisibility: HistoryVisibility,
    createdBy: Id,
    createdAt: Time,
    updatedAt: Time,
    rev: Rev,
  },
  closed,
);
export type ConversationRow = Static<typeof ConversationRow>;

/** How often a person can come back to a conversation: every stretch stays in the row. */
export const spansMax = 1000;

/** A half-open stretch of places [from, to) during which someone was a member. */
export const Span = Type.Tuple([Place, Place]);
export type Span = Static<typeof Span>;

/**
 * One person in one conversation. In an event `joinedPosition` 0 (of an addition) and `leftPosition` 0 (of a removal)
 * mean "this event's own place", which nobody knows before the append; apply fills it in.
 */
export const MemberRow = Type.Object(
  {
    conversationId: Id,
    userId: Id,
    isAdmin: Type.Boolean(),
    active: Type.Boolean(),
    joinedAt: Time,
    joinedPosition: Place,
    leftPosition: nullable(Place),
    /** Earlier memberships, oldest first. */
    spans: Type.Array(Span, { maxItems: spansMax }),
    rev: Rev,
  },
  closed,
);
export type MemberRow = Static<typeof MemberRow>;

export const MessageRow = Type.Object(
  {
    id: Id,
    conversationId: Id,
    senderId: Id,
    /** 0 in `message.sent`: the event's own place. Edits and deletions carry the place of the original. */
    position: Place,
    content: Type.String({ maxLength: 16_000 }),
    attachments: Type.Array(Attachment, { maxItems: 10 }),
    replyTo: nullable(Id),
    mentions: Type.Array(Id, { maxItems: 50 }),
    createdAt: Time,
    editedAt: nullable(Time),
    deletedAt: nullable(Time),
    rev: Rev,
  },
  closed,
);
export type MessageRow = Static<typeof MessageRow>;

export const ReactionRow = Type.Object(
  {
    conversationId: Id,
    messageId: Id,
    userId: Id,
    emoji: Emoji,
    active: Type.Boolean(),
    at: Time,
    rev: Rev,
  },
  closed,
);
export type ReactionRow = Static<typeof ReactionRow>;

/** A message that is put where everybody finds it, or was. One row a message, whoever pinned it last. */
export const PinRow = Type.Object(
  { conversationId: Id, messageId: Id, userId: Id, active: Type.Boolean(), at: Time, rev: Rev },
  closed,
);
export type PinRow = Static<typeof PinRow>;

/** How far someone has read. Its rev is the position itself: a monotone maximum. */
export const ReadMarkRow = Type.Object(
  { conversationId: Id, userId: Id, position: Place, at: Time, rev: Rev },
  closed,
);
export type ReadMarkRow = Static<typeof ReadMarkRow>;

export const PresenceRow = Type.Object({ userId: Id, status: PresenceStatus, at: Time }, closed);
export type PresenceRow = Static<typeof PresenceRow>;

/**
 * One row that became different. Taken only where `row.rev` is newer than the kept row's, so redelivery and late
 * duplicates are harmless. `position` is the place of the causing event, `at` its time, where the row itself has none.
 */
export type Change =
  | { table: 'users'; key: string; position: number; row: UserRow }
  | { table: 'conversations'; key: string; position: number; at: string; row: ConversationRow }
  | { table: 'conversation_users'; key: string; position: number; at: string; row: MemberRow }
  | { table: 'messages'; key: string; position: number; row: MessageRow }
  | { table: 'reactions'; key: string; position: number; row: ReactionRow }
  | { table: 'pins'; key: string; position: number; row: PinRow }
  | { table: 'previews'; key: string; position: number; row: PreviewRow }
  | { table: 'read_marks'; key: string; position: number; row: ReadMarkRow };
