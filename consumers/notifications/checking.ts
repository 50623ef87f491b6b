// The last look before somebody is told: what was decided is as old as the wait, and much may have happened since. Pure:
// what is so now is given.
import type { Standing } from '../../ports/history/port.ts';
import { deviceOf, type Notice, type PushSubscription } from '../../ports/notifications/port.ts';
import type { Confirmed } from '../../ports/presence/port.ts';
import { maySee, stateOf } from '../../producers/state.ts';
import {
  type LaterReason,
  type NoticeChannel,
  type NotificationPreferences,
  type NotToldReason,
  usualPreferences,
} from '../../schemas/notifications.ts';
import type { ConversationSettings } from '../../schemas/personal.ts';
import type { ConversationRow, MessageRow } from '../../schemas/rows.ts';
import { connectedMs } from './candidates.ts';
import { isWanted, silencedBy, spared } from './decide.ts';

/** What is so at one moment. Who or what is in none of the lists has nothing of it. */
export type Seen = {
  channels: ReadonlySet<NoticeChannel>;
  /** By user id, as the next three. */
  preferences: ReadonlyMap<string, NotificationPreferences>;
  subscriptions: ReadonlyMap<string, readonly PushSubscription[]>;
  /** Whom e-mail reaches. */
  mailed: ReadonlySet<string>;
  /** How many sendings each device got within the time of `rates`, by `deviceOf`. */
  sent: Readonly<Record<NoticeChannel, ReadonlyMap<string, number>>>;
  /** Those that are signed in. */
  sessions: ReadonlySet<string>;
  /** By session. */
  confirmed: ReadonlyMap<string, Confirmed>;
  messages: ReadonlyMap<string, MessageRow>;
  /** By `<user id> <conversation id>`, as the next. */
  standings: ReadonlyMap<string, Standing>;
  settings: ReadonlyMap<string, ConversationSettings>;
  partitionOf(conversationId: string): number;
};

export type Checked = {
  /** What is still to be told. */
  tell: Notice[];
  drop: { reason: NotToldReason; notices: Notice[] }[];
  /** Of `tell`: not now. */
  later: { dueMs: number; reason: LaterReason } | null;
  preferences: NotificationPreferences;
  subscription: PushSubscription | null;
};

/** What was to be told longer ago than this is told no more. E-mail waits for nobody's phone. */
const tellableMs = { push: 24 * 3_600_000, email: 7 * 24 * 3_600_000 };
/** A phone that was away so long has been told everything else by then. */
const clearableMs = 3_600_000;
/** How many sendings a device or a mailbox gets in a while, and how long what is too much waits. */
export const rates = {
  push: { max: 20, withinMs: 60_000, waitMs: 20_000 },
  email: { max: 12, withinMs: 3_600_000, waitMs: 900_000 },
};

/** Nobody asks what a test is about, nor what is taken back. */
export const isAboutMessages = ({ form }: Notice): boolean => form === 'notice' || form === 'digest';

/** `notices`: of one ear, at least one. `underWay`: sendings to this device that nobody has counted yet. */
export const check = (seen: Seen, notices: Notice[], nowMs: number, underWay = 0): Checked => {
  const [first] = notices as [Notice];
  const preferences = seen.preferences.get(first.userId) ?? usualPreferences;
  const way = wayOf(seen, first);
  const tell: Notice[] = [];
  const dropped = new Map<NotToldReason, Notice[]>();
  for (const notice of notices) {
    const reason = way.reason ?? reasonOf(seen, notice, preferences, way.confirmed, nowMs);
    if (reason === null) tell.push(notice);
    else dropped.set(reason, [...(dropped.get(reason) ?? []), notice]);
  }
  return {
    tell,
    drop: [...dropped].map(([reason, some]) => ({ reason, notices: some })),
    later: laterOf(seen, tell, preferences, nowMs, underWay),
    preferences,
    subscription: way.subscription,
  };
};

type Way = {
  reason: NotToldReason | null;
  subscription: PushSubscription | null;
  confirmed: Confirmed | null;
};

/** Whether the device or the mailbox is still there. */
const wayOf = (seen: Seen, { userId, channel, sessionId }: Notice): Way => {
  const none = { reason: null, subscription: null, confirmed: null };
  if (!seen.channels.has(channel)) return { ...none, reason: 'no_channel' };
  if (channel === 'email') return { ...none, reason: seen.mailed.has(userId) ? null : 'no_channel' };
  const subscription = seen.subscriptions.get(userId)?.find((one) => one.sessionId === sessionId);
  if (!subscription) return { ...none, reason: 'gone' };
  if (!seen.sessions.has(subscription.sessionId)) return { ...none, reason: 'signed_out' };
  return { ...none, subscription, confirmed: seen.confirmed.get(subscription.sessionId) ?? null };
};

/** Why this one is told no more; null: it is. */
const reasonOf = (
  seen: Seen,
  notice: Notice,
  preferences: NotificationPreferences,
  confirmed: Confirmed | null,
  nowMs: number,
): NotToldReason | null => {
  const { userId, messageId, conversationId, kind, channel, form, madeMs } = notice;
  if (form === 'test') return null;
  if (form === 'clear') {
    if (nowMs - madeMs > clearableMs) return 'too_old';
    // A device that is connected hears it by its socket.
    return confirmed !== null && confirmed.agoMs <= connectedMs ? 'delivered' : null;
  }
  const own = seen.settings.get(`${userId} ${conversationId}`) ?? {};
  const message = seen.messages.get(messageId);
  if (!message || message.deletedAt !== null) return 'deleted';
  const isReaction = kind === 'reaction';
  const ended = endedBy(seen.standings.get(`${userId} ${conversationId}`), message, isReaction);
  if (ended) return ended;
  const place = confirmed?.places[seen.partitionOf(conversationId)] ?? 0;
  if (channel === 'push' && place >= message.position && !isReaction) return 'delivered';
  const silenced = silencedBy(kind, own, 0, nowMs);
  if (silenced) return silenced;
  if (form === 'notice' && !isWanted(kind, channel, preferences, own)) return 'kind_off';
  return nowMs - madeMs > tellableMs[channel] ? 'too_old' : null;
};

const endedBy = (
  standing: Standing | undefined,
  message: MessageRow,
  isReaction: boolean,
): NotToldReason | null => {
  if (!standing?.member.active) return 'left';
  const { conversation, member, readPosition } = standing;
  const state = stateOf(conversation as ConversationRow, [member]);
  if (!maySee(state, member.userId, message.position)) return 'left';
  return readPosition >= message.position && !isReaction ? 'already_read' : null;
};

/** `tell`: of one ear. A test and what is taken back waits for nothing. */
const laterOf = (
  seen: Seen,
  tell: Notice[],
  preferences: NotificationPreferences,
  nowMs: number,
  underWay: number,
): Checked['later'] => {
  const [first] = tell;
  if (!first || !isAboutMessages(first)) return null;
  const times = tell.map(({ kind }) => spared(kind, preferences, nowMs));
  if (times.every(({ later }) => later === 'quiet_hours'))
    return { dueMs: Math.min(...times.map(({ dueMs }) => dueMs)), reason: 'quiet_hours' };
  const { max, waitMs } = rates[first.channel];
  const sent = seen.sent[first.channel].get(deviceOf(first)) ?? 0;
  return sent + underWay >= max ? { dueMs: nowMs + waitMs, reason: 'rate' } : null;
};
