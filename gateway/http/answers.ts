// What routes declare as their answers. Shapes have one definition each in the API page, referred to by name.
import type { TSchema } from 'typebox';
import {
  Bot,
  BotToken,
  CurrentBot,
  IncomingHook,
  NewBotToken,
  NewIncomingHook,
  NewWebhook,
  TestResult,
  Webhook,
  WebhookDelivery,
} from '../../schemas/bots.ts';
import { Unsubscribed } from '../../schemas/mail.ts';
import { Attachment, Media, MediaLimits, MediaLinks, Upload } from '../../schemas/media.ts';
import {
  ExplainedNotice,
  NotificationExplanation,
  NotificationPreferences,
  PushKey,
  Subscription,
  TestNotice,
} from '../../schemas/notifications.ts';
import {
  InspectedEvent,
  OperationsOverview,
  OperatorDeadLetter,
  OperatorOrder,
} from '../../schemas/operations.ts';
import { PersonalChanges, PersonalItem } from '../../schemas/personal.ts';
import {
  Conversation,
  ConversationChange,
  ConversationThen,
  HistoryPage,
  InstanceAdmin,
  Member,
  Message,
  MessageRead,
  MessageVersion,
  MessageVersions,
  PastMessage,
  PlaybackPage,
  Problem,
  SearchHit,
  SearchResult,
  Session,
  SignedIn,
  Statistics,
  User,
} from '../../schemas/views.ts';
import { problemType } from './problem.ts';

type Json = Record<string, unknown>;
const named: Record<string, TSchema> = {
  Message,
  MessageRead,
  MessageVersion,
  MessageVersions,
  PastMessage,
  Attachment,
  Media,
  Upload,
  MediaLinks,
  MediaLimits,
  Member,
  Conversation,
  ConversationThen,
  ConversationChange,
  HistoryPage,
  PlaybackPage,
  SearchHit,
  SearchResult,
  User,
  InstanceAdmin,
  OperationsOverview,
  OperatorDeadLetter,
  OperatorOrder,
  InspectedEvent,
  Session,
  SignedIn,
  Unsubscribed,
  Statistics,
  Bot,
  BotToken,
  NewBotToken,
  CurrentBot,
  IncomingHook,
  NewIncomingHook,
  Webhook,
  NewWebhook,
  WebhookDelivery,
  TestResult,
  PersonalItem,
  PersonalChanges,
  NotificationPreferences,
  NotificationExplanation,
  ExplainedNotice,
  Subscription,
  PushKey,
  TestNotice,
  Problem,
};

/** A plain copy in which every named shape inside another one is a reference. */
const plain = (value: unknown, isRoot: boolean): unknown => {
  if (Array.isArray(value)) return value.map((item) => plain(item, false));
  if (typeof value !== 'object' || value === null) return value;
  const name = isRoot ? undefined : Object.keys(named).find((key) => named[key] === value);
  if (name) return { $ref: `${name}#` };
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== '$id')
      .map(([key, inner]) => [key, plain(inner, false)]),
  );
};

export const components: Json[] = Object.entries(named).map(([name, schema]) => ({
  $id: name,
  title: name,
  ...(plain(schema, true) as Json),
}));

export const one = (name: string): Json => ({ $ref: `${name}#` });
export const pageOf = (name: string): Json => ({
  type: 'object',
  properties: {
    items: { type: 'array', items: one(name) },
    nextCursor: { anyOf: [{ type: 'string' }, { type: 'null' }] },
  },
  required: ['items', 'nextCursor'],
  additionalProperties: false,
});
export const nothing: Json = { type: 'null' };

const problems: Record<number, string> = {
  400: 'The input is not valid; `errors` says where',
  401: 'Not signed in, or the token is forged or has expired',
  403: 'Signed in, without the right',
  404: 'Not there, or not for the caller to know of',
  405: 'No such method here; `Allow` names those there are',
  409: 'The state of things does not allow it',
  413: 'The body is too large',
  415: 'The body is not JSON',
  422: 'Well formed, but it refers to something that does not exist',
  429: 'Too many requests; `Retry-After` says how long to wait',
  431: 'The headers are too large',
  500: 'A fault of ours',
  503: 'Something is away; `Retry-After` says when to try again',
};

/** The route's own answers with a word about each, and every way in which it can say no. */
export const answers = (
  own: Record<number, [description: string, schema: Json]>,
): Record<number, unknown> => {
  const all: Record<number, unknown> = {};
  for (const [status, [description, schema]] of Object.entries(own))
    all[Number(status)] =
      schema === nothing
        ? { description, ...nothing }
        : { description, content: { 'application/json': { schema } } };
  for (const [status, description] of Object.entries(problems))
    all[Number(status)] = { description, content: { [problemType]: { schema: one('Problem') } } };
  return all;
};
