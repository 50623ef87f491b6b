// What a person keeps for themselves, the same on each of their devices and nobody else's business: settings of
// conversations, drafts, saved messages. Private, so no event carries it.
import { type Static, Type } from 'typebox';
import { limits } from './limits.ts';
import { Id, nullable, Position, Time } from './values.ts';

const closed = { additionalProperties: false } as const;

export const ConversationSettings = Type.Object(
  {
    pinned: Type.Optional(Type.Boolean()),
    archived: Type.Optional(Type.Boolean()),
    mutedUntil: Type.Optional(Type.Union([Time, Type.Literal('forever')])),
    notify: Type.Optional(
      Type.Union([Type.Literal('all'), Type.Literal('mentions'), Type.Literal('nothing')]),
    ),
    unreadFrom: Type.Optional(Position),
  },
  {
    ...closed,
    description: '`unreadFrom`: the position of the first message that its reader has marked unread again',
  },
);
export type ConversationSettings = Static<typeof ConversationSettings>;

/** What has not been sent yet. White space and line ends stay as they were typed. */
export const Draft = Type.Object(
  { content: Type.String({ maxLength: limits.contentLengthMax }), replyTo: nullable(Id) },
  closed,
);
export type Draft = Static<typeof Draft>;

export const SavedMessage = Type.Object({ conversationId: Id, at: Time }, closed);
export type SavedMessage = Static<typeof SavedMessage>;

/** Every kind with the shape of its value. The key of `conversation` and `draft` is a conversation, of `saved` a message. */
export const personalValues = {
  conversation: ConversationSettings,
  draft: Draft,
  saved: SavedMessage,
} as const;
export type PersonalKind = keyof typeof personalValues;
export type PersonalValue = Static<(typeof personalValues)[PersonalKind]>;

export const PersonalKind = Type.Union([
  Type.Literal('conversation'),
  Type.Literal('draft'),
  Type.Literal('saved'),
]);

const PersonalRev = Type.Integer({
  minimum: 0,
  description: 'counts every change of this person, in all kinds together',
});

const itemOf = <K extends PersonalKind>(kind: K) =>
  Type.Object(
    {
      kind: Type.Literal(kind),
      key: Id,
      /** Null: it was removed. */
      value: nullable(personalValues[kind]),
      /** 0 only in the answer to a removal of what was never there. */
      rev: PersonalRev,
      updatedAt: Time,
    },
    closed,
  );

export const PersonalItem = Type.Union([itemOf('conversation'), itemOf('draft'), itemOf('saved')], {
  description: '`value` null: removed',
});
export type PersonalItem = Static<typeof PersonalItem>;

export const PersonalChanges = Type.Object(
  {
    items: Type.Array(PersonalItem, { description: 'in the order in which they were changed' }),
    nextCursor: nullable(Type.String()),
    isWhole: Type.Boolean({
      description: 'this page begins the list of everything there is: forget what you had, then take it',
    }),
    rev: Type.Integer({
      minimum: 0,
      description: 'where to ask on from (`since`) once `nextCursor` has been null',
    }),
  },
  closed,
);
export type PersonalChanges = Static<typeof PersonalChanges>;

const Rev = Type.String({ pattern: '^(0|[1-9][0-9]{0,14})$', description: 'a `rev`' });
export const PersonalQuery = Type.Object(
  {
    since: Type.Optional(Rev),
    limit: Type.Optional(
      Type.Integer({ minimum: 1, maximum: limits.pageSizeMax, default: limits.pageSizeDefault }),
    ),
    cursor: Type.Optional(Type.String({ minLength: 1, maxLength: 4096 })),
  },
  closed,
);
export const PersonalBaseQuery = Type.Object({ base: Type.Optional(Rev) }, closed);
