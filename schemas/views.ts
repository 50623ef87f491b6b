// What the outside sees: the shapes in HTTP answers and in frames.
import { type Static, Type } from 'typebox';
import { Privacy } from './choices.ts';
import { EmailStatus } from './mail.ts';
import { Attachment } from './media.ts';
import { Preview } from './previews.ts';
import { HistoryVisibility, Id, nullable, Position, PresenceStatus, Time } from './values.ts';

const closed = { additionalProperties: false } as const;

export const Reaction = Type.Object({ emoji: Type.String(), userIds: Type.Array(Id) }, closed);
export type Reaction = Static<typeof Reaction>;

export const Message = Type.Object(
  {
    id: Id,
    conversationId: Id,
    senderId: Id,
    content: Type.String(),
    attachments: Type.Array(Attachment),
    replyTo: nullable(Id),
    mentions: Type.Array(Id),
    reactions: Type.Array(Reaction),
    isRead: Type.Boolean(),
    position: Position,
    createdAt: Time,
    editedAt: nullable(Time),
    deletedAt: nullable(Time),
    /** Of a pinned message. */
    pinnedAt: nullable(Time),
    /** Of its links; they come later than the message, and go with it or with the link. */
    previews: Type.Array(Preview),
  },
  { ...closed, $id: 'Message' },
);
export type Message = Static<typeof Message>;

/** A text that a message had from then on, until the next one. */
export const MessageVersion = Type.Object(
  {
    content: Type.String(),
    attachments: Type.Array(Attachment),
    mentions: Type.Array(Id),
    from: Time,
  },
  closed,
);
export type MessageVersion = Static<typeof MessageVersion>;

export const MessageVersions = Type.Object(
  {
    items: Type.Array(MessageVersion, {
      description: 'oldest first, the present text last; none of a deleted message',
    }),
    deletedAt: nullable(Time),
  },
  closed,
);
export type MessageVersions = Static<typeof MessageVersions>;

/** Somebody who has read a message, and when they first had. */
export const MessageRead = Type.Object({ userId: Id, at: Time }, closed);
export type MessageRead = Static<typeof MessageRead>;

/** A message with everything that it ever was: what a moment of it is folded out of. */
export const PastMessage = Type.Object(
  {
    message: Message,
    versions: Type.Array(MessageVersion, { description: 'as in its edit history' }),
    reactions: Type.Array(
      Type.Object({ emoji: Type.String(), userId: Id, isOn: Type.Boolean(), at: Time }, closed),
      { description: 'given and taken back, in that order' },
    ),
  },
  closed,
);
export type PastMessage = Static<typeof PastMessage>;

export const ConversationThen = Type.Object(
  {
    name: nullable(Type.String()),
    pictureUrl: nullable(Type.String()),
    members: Type.Array(Type.Object({ userId: Id, isAdmin: Type.Boolean(), joinedAt: Time }, closed), {
      description: 'at most 100, admins first',
    }),
    memberCount: Type.Integer({ minimum: 0 }),
  },
  closed,
);
export type ConversationThen = Static<typeof ConversationThen>;

const thenOrNull = nullable(ConversationThen);

/** A page of history; `conversation` only when a time was asked for. */
export const HistoryPage = Type.Object(
  {
    items: Type.Array(Message),
    nextCursor: nullable(Type.String()),
    conversation: Type.Optional(thenOrNull),
  },
  closed,
);
export type HistoryPage = Static<typeof HistoryPage>;

/** What one event did: the name that it gave, who came, who went. */
export const ConversationChange = Type.Object(
  {
    position: Position,
    at: Time,
    name: Type.Optional(nullable(Type.String())),
    joined: Type.Array(Id),
    left: Type.Array(Id),
  },
  closed,
);
export type ConversationChange = Static<typeof ConversationChange>;

export const PlaybackPage = Type.Object(
  {
    items: Type.Array(PastMessage),
    nextCursor: nullable(Type.String()),
    conversation: thenOrNull,
    changes: Type.Array(ConversationChange),
  },
  closed,
);
export type PlaybackPage = Static<typeof PlaybackPage>;

export const Member = Type.Object(
  { userId: Id, isAdmin: Type.Boolean(), joinedAt: Time, readPosition: Position },
  closed,
);
export type Member = Static<typeof Member>;

export const Conversation = Type.Object(
  {
    id: Id,
    isGroup: Type.Boolean(),
    name: nullable(Type.String()),
    pictureUrl: nullable(Type.String()),
    historyVisibility: HistoryVisibility,
    members: Type.Array(Member),
    memberCount: Type.Integer({ minimum: 0 }),
    lastMessage: nullable(Message),
    unreadCount: Type.Integer({ minimum: 0 }),
    mentionCount: Type.Integer({ minimum: 0 }),
    createdAt: Time,
    updatedAt: Time,
  },
  closed,
);
export type Conversation = Static<typeof Conversation>;

/** Where in `message.content`, in UTF-16 units, a word stands that was searched for. */
export const Highlight = Type.Object(
  { start: Type.Integer({ minimum: 0 }), length: Type.Integer({ minimum: 1 }) },
  closed,
);
export type Highlight = Static<typeof Highlight>;

export const SearchHit = Type.Object(
  { message: Message, conversation: Conversation, highlights: Type.Array(Highlight) },
  closed,
);
export type SearchHit = Static<typeof SearchHit>;

export const SearchResult = Type.Object(
  {
    items: Type.Array(SearchHit),
    nextCursor: nullable(Type.String()),
    total: Type.Integer({
      minimum: 0,
      description: 'how many fit; exact below 10,000, which means "or more"',
    }),
    indexedThrough: Type.String({
      format: 'date-time',
      description: 'everything said up to this moment can be found',
    }),
  },
  closed,
);
export type SearchResult = Static<typeof SearchResult>;

const count = Type.Integer({ minimum: 0 });
const StatisticsSums = Type.Object(
  {
    messages: count,
    reactions: count,
    activePeople: Type.Integer({ minimum: 0, description: 'who sent or reacted' }),
    newPeople: Type.Integer({ minimum: 0, description: 'who joined for the first time, or registered' }),
    responses: Type.Integer({ minimum: 0, description: 'answers to another person' }),
    medianResponseMs: nullable(Type.Integer({ minimum: 0, description: 'to within a tenth' })),
    p90ResponseMs: nullable(Type.Integer({ minimum: 0, description: 'to within a tenth' })),
  },
  closed,
);
export type StatisticsSums = Static<typeof StatisticsSums>;

export const Statistics = Type.Object(
  {
    from: Time,
    to: Time,
    granularity: Type.Enum(['hour', 'day']),
    timeZone: Type.String(),
    totals: StatisticsSums,
    series: Type.Array(Type.Object({ at: Time, ...StatisticsSums.properties }, closed), {
      description: 'every day or hour of the stretch, each with the moment at which it begins',
    }),
    hoursOfWeek: Type.Array(count, {
      minItems: 168,
      maxItems: 168,
      description: 'messages by hour of the week in that time zone, Monday 0:00 first',
    }),
    people: Type.Array(Type.Object({ userId: Id, messages: count }, closed), {
      description: 'who wrote most',
    }),
    conversations: Type.Array(
      Type.Object(
        { id: Id, name: nullable(Type.String()), isGroup: Type.Boolean(), messages: count },
        closed,
      ),
      { description: 'where most was written; empty for one conversation' },
    ),
    countedThrough: Type.String({
      format: 'date-time',
      description: 'everything that happened up to this moment is counted',
    }),
  },
  closed,
);
export type Statistics = Static<typeof Statistics>;

/** The person's own settings: an open object of their clients, bounded in size. */
export const Preferences = Type.Record(Type.String({ maxLength: 64 }), Type.Unknown(), { maxProperties: 50 });

export const User = Type.Object(
  {
    id: Id,
    username: Type.String(),
    profilePicUrl: nullable(Type.String()),
    status: PresenceStatus,
    lastOnline: nullable(Time),
    createdAt: Time,
    /** A program that somebody answers for. */
    isBot: Type.Optional(Type.Literal(true)),
    /** What the person says of oneself, while it holds. */
    statusText: Type.Optional(Type.String()),
    statusUntil: Type.Optional(Time),
    /** Only to oneself. */
    email: Type.Optional(nullable(Type.String())),
    emailStatus: Type.Optional(nullable(EmailStatus)),
    preferences: Type.Optional(Preferences),
    privacy: Type.Optional(Privacy),
    isInstanceAdmin: Type.Optional(Type.Boolean()),
  },
  closed,
);
export type User = Static<typeof User>;

export const InstanceAdmin = Type.Object(
  {
    userId: Id,
    username: Type.String(),
    grantedAt: Time,
    grantedBy: Type.Union([Id, Type.Null()], {
      description: 'null: as the first account, or on the terminal',
    }),
  },
  closed,
);
export type InstanceAdmin = Static<typeof InstanceAdmin>;

export const Session = Type.Object(
  {
    id: Id,
    device: Type.String(),
    createdAt: Time,
    lastUsedAt: Time,
    current: Type.Boolean(),
  },
  closed,
);
export type Session = Static<typeof Session>;

export const SignedIn = Type.Object(
  { user: User, accessToken: Type.String(), expiresIn: Type.Integer({ description: 'seconds' }) },
  closed,
);
export type SignedIn = Static<typeof SignedIn>;

export const Problem = Type.Object(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String(),
    code: Type.String(),
    errors: Type.Optional(
      Type.Array(Type.Object({ path: Type.String(), message: Type.String() }, closed), { maxItems: 20 }),
    ),
  },
  closed,
);
export type Problem = Static<typeof Problem>;
