// Bots, their tokens and webhooks: what is asked over HTTP and what is answered.
import { type Static, Type } from 'typebox';
import { limits } from './limits.ts';
import { Id, nullable, Position, Time, Username } from './values.ts';

const closed = { additionalProperties: false } as const;

/** Scanners of leaked secrets look for it. 256 random bits follow. */
export const botTokenPrefix = 'cvb_';
export const botTokenPattern = /^cvb_[A-Za-z0-9_-]{43}$/;

/** What a token may be good for. Never more than what its bot is a member of. */
export const botScopes = [
  'messages:read',
  'messages:write',
  'reactions:write',
  'conversations:read',
  'conversations:write',
  'people:read',
] as const;
export type BotScope = (typeof botScopes)[number];

export const webhookTypes = [
  'message.sent',
  'message.edited',
  'message.deleted',
  'reaction.changed',
  'member.added',
  'member.changed',
  'member.removed',
] as const;
export type WebhookType = (typeof webhookTypes)[number];

const Name = Type.String({ minLength: 1, maxLength: limits.nameLengthMax });
const Scope = Type.Enum([...botScopes]);
const Scopes = Type.Array(Scope, { minItems: 1, maxItems: botScopes.length, uniqueItems: true });

export const Bot = Type.Object(
  {
    id: Id,
    username: Type.String(),
    profilePicUrl: nullable(Type.String()),
    ownerId: Type.Union([Id, Type.Null()], {
      description: 'null: whoever made it has deleted their account',
    }),
    createdAt: Time,
  },
  closed,
);
export type Bot = Static<typeof Bot>;

export const BotToken = Type.Object(
  {
    id: Id,
    name: Type.String(),
    scopes: Type.Array(Scope),
    createdAt: Time,
    lastUsedAt: Type.Union([Time, Type.Null()], { description: 'to within a minute' }),
    expiresAt: nullable(Time),
  },
  closed,
);
export type BotToken = Static<typeof BotToken>;

export const NewBotToken = Type.Object(
  { ...BotToken.properties, token: Type.String({ description: 'shown this once' }) },
  closed,
);
export type NewBotToken = Static<typeof NewBotToken>;

/** What a token says of itself. */
export const CurrentBot = Type.Object({ bot: Bot, token: BotToken }, closed);
export type CurrentBot = Static<typeof CurrentBot>;

export const BotBody = Type.Object({ username: Username }, closed);
export type BotBody = Static<typeof BotBody>;

export const BotTokenBody = Type.Object(
  { name: Name, scopes: Scopes, expiresAt: Type.Optional(nullable(Time)) },
  closed,
);
export type BotTokenBody = Static<typeof BotTokenBody>;

export const BotTokenParams = Type.Object({ id: Id, tokenId: Id }, closed);

export const BotsQuery = Type.Object(
  { all: Type.Optional(Type.Enum(['true', 'false'], { description: 'everybody’s, for instance admins' })) },
  closed,
);

export const IncomingHook = Type.Object(
  {
    id: Id,
    name: Type.String(),
    botId: Id,
    conversationId: Id,
    isDisabled: Type.Boolean(),
    createdBy: Id,
    createdAt: Time,
    lastUsedAt: Type.Union([Time, Type.Null()], { description: 'to within a minute' }),
  },
  closed,
);
export type IncomingHook = Static<typeof IncomingHook>;

export const NewIncomingHook = Type.Object(
  {
    ...IncomingHook.properties,
    path: Type.String({ description: 'what is posted to at this server; shown this once' }),
  },
  closed,
);
export type NewIncomingHook = Static<typeof NewIncomingHook>;

export const IncomingHookBody = Type.Object(
  {
    name: Name,
    conversationId: Id,
    botId: Type.Optional(
      Type.Union([Id, Type.Null()], {
        description: 'left out: a new bot of that name; of a one-to-one conversation its bot',
      }),
    ),
  },
  closed,
);
export type IncomingHookBody = Static<typeof IncomingHookBody>;

export const IncomingHookChange = Type.Object(
  { name: Type.Optional(Name), isDisabled: Type.Optional(Type.Boolean()) },
  { ...closed, minProperties: 1 },
);
export type IncomingHookChange = Static<typeof IncomingHookChange>;

export const HooksQuery = Type.Object(
  { conversationId: Type.Optional(Id), botId: Type.Optional(Id) },
  closed,
);
export type HooksQuery = Static<typeof HooksQuery>;

export const HookPostParams = Type.Object(
  { id: Id, secret: Type.String({ minLength: 1, maxLength: 128 }) },
  closed,
);

/** Other chats' integrations send more than this; what is not named here is passed over. */
export const HookPostBody = Type.Object({
  text: Type.Optional(Type.String({ maxLength: limits.contentLengthMax })),
  content: Type.Optional(Type.String({ maxLength: limits.contentLengthMax })),
  username: Type.Optional(Type.String({ maxLength: limits.nameLengthMax })),
  ref: Type.Optional(
    Type.String({ minLength: 1, maxLength: 200, description: 'the same one again is the same message' }),
  ),
  attachments: Type.Optional(
    Type.Array(
      Type.Object({
        pretext: Type.Optional(Type.String({ maxLength: limits.contentLengthMax })),
        title: Type.Optional(Type.String({ maxLength: limits.contentLengthMax })),
        title_link: Type.Optional(Type.String({ maxLength: 2048 })),
        text: Type.Optional(Type.String({ maxLength: limits.contentLengthMax })),
        fallback: Type.Optional(Type.String({ maxLength: limits.contentLengthMax })),
      }),
      { maxItems: 20 },
    ),
  ),
});
export type HookPostBody = Static<typeof HookPostBody>;

const HookType = Type.Enum([...webhookTypes]);
const Url = Type.String({ minLength: 1, maxLength: 2048, pattern: '^https?://' });
const Types = Type.Array(HookType, { minItems: 1, maxItems: webhookTypes.length, uniqueItems: true });

export const Webhook = Type.Object(
  {
    id: Id,
    name: Type.String(),
    botId: Id,
    conversationId: Type.Union([Id, Type.Null()], { description: 'null: all conversations of the bot' }),
    url: Type.String(),
    types: Type.Array(HookType),
    includeOwn: Type.Boolean({ description: 'what the bot itself does, too' }),
    state: Type.Enum(['active', 'paused']),
    pausedAt: nullable(Time),
    reason: Type.Union([Type.Enum(['by_hand', 'gone', 'failing', 'refused']), Type.Null()], {
      description: 'gone: it answered 410; failing: for days; refused: an address that is not asked',
    }),
    failingSince: nullable(Time),
    lastSuccessAt: nullable(Time),
    waiting: Type.Integer({ minimum: 0, description: 'deliveries to be made' }),
    oldestWaitingAt: nullable(Time),
    dead: Type.Integer({ minimum: 0, description: 'deliveries that were given up and are kept' }),
    replaying: Type.Boolean(),
    createdBy: Id,
    createdAt: Time,
  },
  closed,
);
export type Webhook = Static<typeof Webhook>;

export const NewWebhook = Type.Object(
  { ...Webhook.properties, secret: Type.String({ description: 'whsec_..., shown this once' }) },
  closed,
);
export type NewWebhook = Static<typeof NewWebhook>;

export const WebhookBody = Type.Object(
  {
    name: Name,
    botId: Id,
    conversationId: Type.Optional(nullable(Id)),
    url: Url,
    types: Types,
    includeOwn: Type.Optional(Type.Boolean()),
  },
  closed,
);
export type WebhookBody = Static<typeof WebhookBody>;

export const WebhookChange = Type.Object(
  {
    name: Type.Optional(Name),
    url: Type.Optional(Url),
    types: Type.Optional(Types),
    includeOwn: Type.Optional(Type.Boolean()),
    state: Type.Optional(
      Type.Enum(['active', 'paused'], {
        description: 'active again: what happened meanwhile is sent, in order',
      }),
    ),
  },
  { ...closed, minProperties: 1 },
);
export type WebhookChange = Static<typeof WebhookChange>;

/** One of them; neither is refused. */
export const ReplayBody = Type.Object(
  {
    since: Type.Optional(Time),
    conversationId: Type.Optional(Id),
    position: Type.Optional(Position),
  },
  closed,
);
export type ReplayBody = Static<typeof ReplayBody>;

export const WebhookDelivery = Type.Object(
  {
    id: Type.String({ description: 'webhook-id' }),
    type: Type.String(),
    conversationId: nullable(Id),
    position: nullable(Position),
    at: Time,
    state: Type.Enum(['delivered', 'failed', 'waiting', 'dead']),
    attempts: Type.Integer({ minimum: 0 }),
    status: Type.Union([Type.Integer(), Type.Null()], { description: 'what the receiver answered' }),
    error: nullable(Type.String()),
    durationMs: nullable(Type.Integer({ minimum: 0 })),
  },
  closed,
);
export type WebhookDelivery = Static<typeof WebhookDelivery>;

export const DeliveriesQuery = Type.Object(
  { state: Type.Optional(Type.Enum(['recent', 'waiting', 'dead'])) },
  closed,
);

export const DeadReplayBody = Type.Object(
  { id: Type.Optional(Type.String({ minLength: 1, maxLength: 64, description: 'left out: all of them' })) },
  closed,
);
export type DeadReplayBody = Static<typeof DeadReplayBody>;

export const TestResult = Type.Object(
  {
    status: nullable(Type.Integer()),
    error: nullable(Type.String()),
    durationMs: Type.Integer({ minimum: 0 }),
  },
  closed,
);
export type TestResult = Static<typeof TestResult>;
