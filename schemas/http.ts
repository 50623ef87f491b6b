// What HTTP requests carry. Answers are in views.ts.
import { type Static, Type } from 'typebox';
import { choiceFields } from './choices.ts';
import { limits } from './limits.ts';
import { AttachmentRefs } from './media.ts';
import {
  Content,
  Emoji,
  HistoryVisibility,
  Id,
  nullable,
  Position,
  PresenceStatus,
  Time,
  Username,
} from './values.ts';
import { Preferences } from './views.ts';

const closed = { additionalProperties: false } as const;
const Password = Type.String({ minLength: limits.passwordLengthMin, maxLength: limits.passwordLengthMax });
const Email = Type.String({
  minLength: 3,
  maxLength: 254,
  pattern: '^[^\\s@<>"]+@[^\\s@<>"]+$',
});
const Name = Type.String({ minLength: 1, maxLength: limits.nameLengthMax });
const PictureUrl = Type.String({ maxLength: 2048, pattern: '^(https?://|/api/media/)' });
/** An own upload that is a picture; null takes the picture away. Not together with an address. */
const PictureMediaId = Type.Optional(nullable(Id));

export const RegisterBody = Type.Object(
  { username: Username, password: Password, email: Type.Optional(Email) },
  closed,
);
export type RegisterBody = Static<typeof RegisterBody>;

/** No bounds that would tell a guesser anything; an over-long password is simply wrong. */
export const SignInBody = Type.Object(
  { username: Type.String({ maxLength: 256 }), password: Type.String({ maxLength: 1024 }) },
  closed,
);
export type SignInBody = Static<typeof SignInBody>;

export const ProfileBody = Type.Object(
  {
    username: Type.Optional(Username),
    profilePicUrl: Type.Optional(nullable(PictureUrl)),
    pictureMediaId: PictureMediaId,
    status: Type.Optional(PresenceStatus),
    email: Type.Optional(nullable(Email)),
    /** The present one, with an address. */
    password: Type.Optional(Type.String({ maxLength: 1024 })),
    preferences: Type.Optional(Preferences),
    ...choiceFields,
  },
  { ...closed, minProperties: 1 },
);
export type ProfileBody = Static<typeof ProfileBody>;

export const PasswordBody = Type.Object(
  { current: Type.String({ maxLength: 1024 }), next: Password },
  closed,
);
export type PasswordBody = Static<typeof PasswordBody>;

export const EraseBody = Type.Object(
  { password: Type.String({ maxLength: 1024 }), deleteMessages: Type.Optional(Type.Boolean()) },
  closed,
);
export type EraseBody = Static<typeof EraseBody>;

export const CreateConversationBody = Type.Object(
  {
    isGroup: Type.Boolean(),
    name: Type.Optional(nullable(Name)),
    memberIds: Type.Array(Id, { maxItems: limits.membersPerChangeMax, uniqueItems: true }),
  },
  closed,
);
export type CreateConversationBody = Static<typeof CreateConversationBody>;

export const ChangeConversationBody = Type.Object(
  {
    name: Type.Optional(Name),
    pictureUrl: Type.Optional(nullable(PictureUrl)),
    pictureMediaId: PictureMediaId,
    historyVisibility: Type.Optional(HistoryVisibility),
  },
  { ...closed, minProperties: 1 },
);
export type ChangeConversationBody = Static<typeof ChangeConversationBody>;

export const AddMemberBody = Type.Object({ userId: Id, isAdmin: Type.Optional(Type.Boolean()) }, closed);
export type AddMemberBody = Static<typeof AddMemberBody>;

export const ChangeMemberBody = Type.Object({ isAdmin: Type.Boolean() }, closed);
export type ChangeMemberBody = Static<typeof ChangeMemberBody>;

export const SendBody = Type.Object(
  {
    ref: Id,
    content: Content,
    replyTo: Type.Optional(nullable(Id)),
    attachments: Type.Optional(AttachmentRefs),
  },
  closed,
);
export type SendBody = Static<typeof SendBody>;

export const EditBody = Type.Object({ content: Content }, closed);
export type EditBody = Static<typeof EditBody>;

export const IdParams = Type.Object({ id: Id }, closed);
export const MemberParams = Type.Object({ id: Id, userId: Id }, closed);
export const PreviewParams = Type.Object({ id: Id, previewId: Id }, closed);
export const ReactionParams = Type.Object({ id: Id, emoji: Emoji }, closed);

const Limit = Type.Integer({ minimum: 1, maximum: limits.pageSizeMax, default: limits.pageSizeDefault });
const Cursor = Type.String({ minLength: 1, maxLength: 4096 });

export const PageQuery = Type.Object({ limit: Type.Optional(Limit), cursor: Type.Optional(Cursor) }, closed);
const uuid = '[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}';
export const UsersQuery = Type.Object(
  {
    q: Type.Optional(Type.String({ maxLength: limits.searchTextLengthMax })),
    ids: Type.Optional(
      Type.String({
        maxLength: 37 * limits.pageSizeMax - 1,
        pattern: `^${uuid}(,${uuid}){0,${limits.pageSizeMax - 1}}$`,
        description: 'these people, by id, separated by commas; not with `q` or `cursor`',
      }),
    ),
    limit: Type.Optional(Limit),
    cursor: Type.Optional(Cursor),
  },
  closed,
);
const TimeZone = Type.String({
  maxLength: 64,
  pattern: '^[A-Za-z0-9_+/-]+$',
  description: 'IANA name; UTC when left out',
});
/** A moment, or a day, month or year of the caller's time zone. */
const SearchTime = Type.String({
  pattern: '^\\d{4}(-\\d{2}(-\\d{2}(T\\d{2}:\\d{2}(:\\d{2}(\\.\\d{1,9})?)?(Z|[+-]\\d{2}:\\d{2}))?)?)?$',
  maxLength: 40,
});
export const SearchQuery = Type.Object(
  {
    q: Type.Optional(
      Type.String({
        maxLength: limits.searchQueryLengthMax,
        description:
          'words, "phrases", -without, and the operators from: in: before: after: on: has: is:reply mentions:',
      }),
    ),
    conversationId: Type.Optional(Id),
    senderId: Type.Optional(Id),
    from: Type.Optional(SearchTime),
    to: Type.Optional(SearchTime),
    has: Type.Optional(Type.Enum(['link', 'file', 'image'])),
    isReply: Type.Optional(Type.Boolean()),
    mentions: Type.Optional(Id),
    timeZone: Type.Optional(TimeZone),
    sort: Type.Optional(
      Type.Enum(['best', 'newest'], {
        description: 'best, when left out: how well it fits comes first, and the newest within',
      }),
    ),
    limit: Type.Optional(Limit),
    cursor: Type.Optional(Cursor),
  },
  closed,
);
export type SearchQuery = Static<typeof SearchQuery>;
const Moment = Type.String({
  pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.\\d{1,9})?(Z|[+-]\\d{2}:\\d{2})$',
  maxLength: 40,
  description: 'RFC 3339 with Z or an offset',
});
/** `before`, `after` and `since` exclude each other. */
export const HistoryQuery = Type.Object(
  {
    before: Type.Optional(Position),
    after: Type.Optional(Position),
    since: Type.Optional(Time),
    at: Type.Optional(Moment),
    limit: Type.Optional(Limit),
  },
  closed,
);
/** `before`, `after` and `at` exclude each other. */
export const PlaybackQuery = Type.Omit(HistoryQuery, ['since'], closed);
export type HistoryAsked = { before?: string; after?: string; since?: string; at?: string; limit: number };

/** At most 400 days at once, by the hour 31. */
export const StatisticsQuery = Type.Object(
  {
    from: Type.Optional(SearchTime),
    /** Exclusive; now when left out. */
    to: Type.Optional(SearchTime),
    granularity: Type.Optional(Type.Enum(['hour', 'day'])),
    timeZone: Type.Optional(TimeZone),
  },
  closed,
);
export type StatisticsQuery = Static<typeof StatisticsQuery>;
