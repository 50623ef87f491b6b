// When, why and how people are told of what they have not seen: their preferences, their devices, and what became of it.
import { type Static, Type } from 'typebox';
import { limits } from './limits.ts';
import { Id, nullable, Time } from './values.ts';

const closed = { additionalProperties: false } as const;

/** What a message is to somebody, the weightiest first. */
export const noticeKinds = ['mention', 'direct', 'keyword', 'group', 'reaction'] as const;
export type NoticeKind = (typeof noticeKinds)[number];
export const noticeChannels = ['push', 'email'] as const;
export type NoticeChannel = (typeof noticeChannels)[number];

/** Why somebody was not told, or not yet. Words for them are the client's. */
export const notToldReasons = [
  /** Known from the message alone. */
  'imported',
  'too_old',
  'deleted',
  /** About the person. */
  'own_message',
  'not_a_member',
  'nothing',
  'muted',
  'only_mentions',
  'large_group',
  'already_read',
  'no_channel',
  /** About one way to tell them. */
  'kind_off',
  'delivered',
  /** What was found right before it would have been sent, or after. */
  'left',
  'signed_out',
  'gone',
  'nothing_to_send',
  'gave_up',
  'superseded',
] as const;
export type NotToldReason = (typeof notToldReasons)[number];

/** Why something comes later than at once. */
export const laterReasons = ['set_time', 'quiet_hours', 'digest', 'rate', 'retry'] as const;
export type LaterReason = (typeof laterReasons)[number];

export const noticeStates = ['waiting', 'sent', 'cleared', 'dropped', 'failed'] as const;
export type NoticeState = (typeof noticeStates)[number];

const clock = '^([01][0-9]|2[0-3]):[0-5][0-9]$';
const ClockTime = Type.String({ pattern: clock, minLength: 5, maxLength: 5, description: 'hh:mm' });
const TimeZone = Type.String({ minLength: 1, maxLength: 64, description: 'IANA, such as Asia/Ho_Chi_Minh' });
export const Language = Type.Union([Type.Literal('en'), Type.Literal('vi')]);
const KindChoice = Type.Object({ push: Type.Boolean(), email: Type.Boolean() }, closed);
const Kinds = Type.Object(
  {
    mention: KindChoice,
    direct: KindChoice,
    keyword: KindChoice,
    group: KindChoice,
    reaction: KindChoice,
  },
  { ...closed, description: 'where a conversation has no `notify` of its own' },
);
const QuietHours = Type.Object(
  {
    from: ClockTime,
    to: ClockTime,
    days: Type.Array(Type.Integer({ minimum: 0, maximum: 6 }), {
      maxItems: 7,
      uniqueItems: true,
      description: 'on which they begin; 0 is Sunday',
    }),
    mentionsPass: Type.Boolean(),
  },
  { ...closed, description: 'what falls into them comes at their end. `to` before `from`: over midnight' },
);
const AfterSeconds = Type.Object(
  {
    push: Type.Integer({ minimum: 0, maximum: 3_600 }),
    email: Type.Integer({ minimum: 60, maximum: 86_400 }),
  },
  { ...closed, description: 'how long a message may stay unread before this channel tells of it' },
);
const Digest = Type.Object(
  { at: ClockTime },
  { ...closed, description: 'a daily e-mail of what is unread and no other e-mail told of' },
);
const Keyword = Type.String({ minLength: 1, maxLength: limits.keywordLengthMax, pattern: '\\S' });
const Keywords = Type.Array(Keyword, {
  maxItems: limits.keywordsMax,
  description: 'words that are told of like mentions; case and accents as written do not matter',
});

export const NotificationPreferences = Type.Object(
  {
    kinds: Kinds,
    keywords: Keywords,
    quietHours: nullable(QuietHours),
    timeZone: TimeZone,
    language: Language,
    afterSeconds: AfterSeconds,
    digest: nullable(Digest),
    showContent: Type.Boolean({ description: 'names and texts in pushes' }),
  },
  closed,
);
export type NotificationPreferences = Static<typeof NotificationPreferences>;

/** What is left out stays as it is, also inside `kinds` and `afterSeconds`. */
export const NotificationPreferencesBody = Type.Object(
  {
    kinds: Type.Optional(
      Type.Partial(
        Type.Object(
          {
            mention: Type.Partial(KindChoice, closed),
            direct: Type.Partial(KindChoice, closed),
            keyword: Type.Partial(KindChoice, closed),
            group: Type.Partial(KindChoice, closed),
            reaction: Type.Partial(KindChoice, closed),
          },
          closed,
        ),
        closed,
      ),
    ),
    keywords: Type.Optional(Keywords),
    quietHours: Type.Optional(nullable(QuietHours)),
    timeZone: Type.Optional(TimeZone),
    language: Type.Optional(Language),
    afterSeconds: Type.Optional(Type.Partial(AfterSeconds, closed)),
    digest: Type.Optional(nullable(Digest)),
    showContent: Type.Optional(Type.Boolean()),
  },
  closed,
);
export type NotificationPreferencesBody = Static<typeof NotificationPreferencesBody>;

export const usualPreferences: NotificationPreferences = {
  kinds: {
    mention: { push: true, email: true },
    direct: { push: true, email: true },
    keyword: { push: true, email: false },
    group: { push: true, email: false },
    reaction: { push: false, email: false },
  },
  keywords: [],
  quietHours: null,
  timeZone: 'UTC',
  language: 'en',
  afterSeconds: { push: 15, email: 900 },
  digest: null,
  showContent: false,
};

export const preferred = (
  before: NotificationPreferences,
  body: NotificationPreferencesBody,
): NotificationPreferences => ({
  ...before,
  ...body,
  kinds: Object.fromEntries(
    noticeKinds.map((kind) => [kind, { ...before.kinds[kind], ...body.kinds?.[kind] }]),
  ) as NotificationPreferences['kinds'],
  afterSeconds: { ...before.afterSeconds, ...body.afterSeconds },
  keywords: body.keywords ?? before.keywords,
});

/** What the browser's `PushSubscription.toJSON()` gives. */
export const SubscriptionBody = Type.Object(
  {
    endpoint: Type.String({ minLength: 10, maxLength: 2048, pattern: '^https?://' }),
    expirationTime: Type.Optional(nullable(Type.Number())),
    keys: Type.Object(
      {
        p256dh: Type.String({ minLength: 80, maxLength: 100, pattern: '^[A-Za-z0-9_-]+={0,2}$' }),
        auth: Type.String({ minLength: 16, maxLength: 32, pattern: '^[A-Za-z0-9_-]+={0,2}$' }),
      },
      closed,
    ),
  },
  closed,
);
export type SubscriptionBody = Static<typeof SubscriptionBody>;

/** Of a device. Its address and keys are told to nobody. */
export const Subscription = Type.Object(
  {
    id: Id,
    sessionId: Id,
    current: Type.Boolean({ description: 'of the device that asks' }),
    device: nullable(Type.String({ description: 'as in the list of devices; null: it was signed out' })),
    host: Type.String({ description: 'of the push service' }),
    createdAt: Time,
    lastSentAt: nullable(Time),
  },
  closed,
);
export type Subscription = Static<typeof Subscription>;

export const PushKey = Type.Object(
  { publicKey: nullable(Type.String({ description: 'VAPID, base64url; null: there is no push here' })) },
  closed,
);

export const TestNoticeBody = Type.Object(
  { channel: Type.Optional(Type.Enum([...noticeChannels], { default: 'push' })) },
  closed,
);
export const TestNotice = Type.Object(
  {
    id: Id,
    channel: Type.Enum([...noticeChannels]),
    state: Type.Enum([...noticeStates], { description: '`waiting`: it was not sent within some seconds' }),
    reason: nullable(Type.String()),
  },
  closed,
);
export type TestNotice = Static<typeof TestNotice>;

export const ExplainedNotice = Type.Object(
  {
    id: nullable(Id),
    kind: nullable(Type.Enum([...noticeKinds])),
    channel: nullable(Type.Enum([...noticeChannels], { description: 'null: it holds for all of them' })),
    sessionId: nullable(Id),
    device: nullable(Type.String()),
    state: Type.Enum([...noticeStates], {
      description:
        'waiting: it will be told at `dueAt` unless it is read before; sent; cleared: sent, and taken back since it was read; dropped: not told; failed: it could not be sent',
    }),
    reason: nullable(Type.Enum([...notToldReasons, ...laterReasons])),
    dueAt: nullable(Time),
    settledAt: nullable(Time),
    attempts: Type.Integer({ minimum: 0 }),
  },
  closed,
);
export type ExplainedNotice = Static<typeof ExplainedNotice>;

export const NotificationExplanation = Type.Object(
  {
    messageId: Id,
    conversationId: Id,
    decidedAt: nullable(Time),
    state: Type.Enum(['decided', 'not_yet', 'not_kept'], {
      description:
        'not_yet: the notifications part has not come so far; not_kept: from before it was here, or longer ago than decisions are kept',
    }),
    items: Type.Array(ExplainedNotice),
  },
  { ...closed, description: 'what was decided about telling the caller of a message, and what became of it' },
);
export type NotificationExplanation = Static<typeof NotificationExplanation>;

export const ExplainQuery = Type.Object({ messageId: Id }, closed);

// What chat.notifications carries.

/** Of the lists above. Not the lists themselves: a new reason is no new version. */
const Word = Type.String({ pattern: '^[a-z_]{1,32}$', minLength: 1, maxLength: 32 });

const Told = Type.Object(
  {
    id: Id,
    userId: Id,
    kind: Word,
    channel: Word,
    /** Null: the person, on no device in particular. */
    sessionId: nullable(Id),
    dueAt: Time,
    later: nullable(Word),
  },
  closed,
);
const NotTold = Type.Object(
  {
    reason: Word,
    channel: nullable(Word),
    userIds: Type.Array(Id, { maxItems: 1_000 }),
  },
  closed,
);

/** About one message, for everybody in its conversation. In parts where it is long. */
export const NotificationDecided = Type.Object(
  {
    messageId: Id,
    conversationId: Id,
    eventId: Id,
    told: Type.Array(Told, { maxItems: 1_000 }),
    notTold: Type.Array(NotTold, { maxItems: 100 }),
    /** Why all members that are not named were not told, and how many they are. */
    rest: nullable(Type.Object({ reason: Word, count: Type.Integer({ minimum: 1 }) }, closed)),
    part: Type.Integer({ minimum: 1 }),
    parts: Type.Integer({ minimum: 1 }),
  },
  closed,
);
export type NotificationDecided = Static<typeof NotificationDecided>;

/** What became of notices of one person in one conversation, by one channel. */
export const NotificationSettled = Type.Object(
  {
    userId: Id,
    channel: Word,
    sessionId: nullable(Id),
    noticeIds: Type.Array(Id, { minItems: 1, maxItems: 1_000 }),
    state: Word,
    reason: nullable(Word),
    attempts: Type.Integer({ minimum: 0 }),
  },
  closed,
);
export type NotificationSettled = Static<typeof NotificationSettled>;
