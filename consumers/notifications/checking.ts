// The last look before somebody is told: what was decided is as old as the wait, and much may have happened since.
import type { Accounts, ConversationChoices } from '../../ports/accounts/port.ts';
import { reasonOf } from '../../ports/errors.ts';
import type { HistoryReader, Standing } from '../../ports/history/port.ts';
import type { Channel, Notice, NotificationStore, PushSubscription } from '../../ports/notifications/port.ts';
import type { Confirmed, Presence } from '../../ports/presence/port.ts';
import { maySee, stateOf } from '../../producers/state.ts';
import {
  type LaterReason,
  type NotificationPreferences,
  type NotToldReason,
  usualPreferences,
} from '../../schemas/notifications.ts';
import type { ConversationRow, MessageRow } from '../../schemas/rows.ts';
import type { Logger } from '../projection.ts';
import { connectedMs } from './candidates.ts';
import { isWanted, silencedBy, spared } from './decide.ts';

export type CheckSources = {
  history: Pick<HistoryReader, 'messages' | 'standings'>;
  accounts: Pick<Accounts, 'sessions'> & ConversationChoices;
  people: Pick<NotificationStore['people'], 'preferences' | 'subscription' | 'unsubscribe'>;
  queue: Pick<NotificationStore['queue'], 'sentSince'>;
  presence: Pick<Presence, 'confirmed'>;
  channels: readonly Channel[];
  partitionOf(conversationId: string): number;
  logger: Pick<Logger, 'warn'>;
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
/** How many sendings a person gets by a channel in a while, and how long what is too much waits. */
const rates = {
  push: { max: 20, withinMs: 60_000, waitMs: 20_000 },
  email: { max: 12, withinMs: 3_600_000, waitMs: 900_000 },
};

/** `notices`: of one ear, at least one. */
export const check = async (sources: CheckSources, notices: Notice[], nowMs: number): Promise<Checked> => {
  const [first] = notices as [Notice];
  const { userId, channel, form } = first;
  const preferences = (await sources.people.preferences([userId])).get(userId) ?? usualPreferences;
  const way = await wayOf(sources, first, nowMs);
  const checked: Checked = {
    tell: [],
    drop: [],
    later: null,
    preferences,
    subscription: way.subscription,
  };
  if (way.reason) return { ...checked, drop: [{ reason: way.reason, notices }] };
  if (form === 'test') return { ...checked, tell: notices };
  if (form === 'clear') {
    const isLate = nowMs - first.madeMs > clearableMs;
    // A device that is connected hears it by its socket.
    const reason = isLate ? 'too_old' : way.isConnected ? 'delivered' : null;
    return reason ? { ...checked, drop: [{ reason, notices }] } : { ...checked, tell: notices };
  }
  const reasonOf = await reasons(sources, notices, preferences, way, nowMs);
  const dropped = new Map<NotToldReason, Notice[]>();
  for (const notice of notices) {
    const reason = reasonOf(notice);
    if (reason === null) checked.tell.push(notice);
    else dropped.set(reason, [...(dropped.get(reason) ?? []), notice]);
  }
  checked.drop = [...dropped].map(([reason, some]) => ({ reason, notices: some }));
  if (checked.tell.length > 0) checked.later = await laterOf(sources, checked, nowMs);
  return checked;

  async function laterOf({ queue }: CheckSources, { tell }: Checked, now: number): Promise<Checked['later']> {
    const times = tell.map(({ kind }) => spared(kind, preferences, now));
    if (times.every(({ later }) => later === 'quiet_hours'))
      return { dueMs: Math.min(...times.map(({ dueMs }) => dueMs)), reason: 'quiet_hours' };
    const { max, withinMs, waitMs } = rates[channel];
    return (await queue.sentSince(userId, channel, now - withinMs)) >= max
      ? { dueMs: now + waitMs, reason: 'rate' }
      : null;
  }
};

type Way = {
  reason: NotToldReason | null;
  subscription: PushSubscription | null;
  isConnected: boolean;
  confirmed: Confirmed | null;
};

/** Whether the device or the mailbox is still there. */
const wayOf = async (
  { accounts, people, channels, presence, logger }: CheckSources,
  { userId, channel, sessionId }: Notice,
  nowMs: number,
): Promise<Way> => {
  const none = { reason: null, subscription: null, isConnected: false, confirmed: null };
  const by = channels.find(({ name }) => name === channel);
  if (!by) return { ...none, reason: 'no_channel' };
  if (channel === 'email') {
    const reached = by.reaches ? (await by.reaches([userId])).has(userId) : false;
    return { ...none, reason: reached ? null : 'no_channel' };
  }
  const subscription = sessionId === null ? null : await people.subscription(sessionId);
  if (sessionId === null || subscription?.userId !== userId) return { ...none, reason: 'gone' };
  const sessions = await accounts.sessions(userId, new Date(nowMs).toISOString());
  if (!sessions.some(({ id }) => id === sessionId)) {
    await people.unsubscribe(userId, { sessionIds: [sessionId] });
    return { ...none, reason: 'signed_out' };
  }
  try {
    const confirmed = (await presence.confirmed([sessionId])).get(sessionId) ?? null;
    const isConnected = confirmed !== null && confirmed.agoMs <= connectedMs;
    return { reason: null, subscription, isConnected, confirmed };
  } catch (error) {
    logger.warn({ reason: reasonOf(error) }, 'nobody can say what a device has; it is told as if away');
    return { ...none, subscription };
  }
};

const reasons = async (
  { history, accounts, partitionOf }: CheckSources,
  notices: Notice[],
  preferences: NotificationPreferences,
  { confirmed }: Way,
  nowMs: number,
): Promise<(notice: Notice) => NotToldReason | null> => {
  const [{ userId }] = notices as [Notice];
  const conversationIds = [...new Set(notices.map(({ conversationId }) => conversationId))];
  const [stored, standing, settings] = await Promise.all([
    history.messages([...new Set(notices.map(({ messageId }) => messageId))]),
    history.standings(userId, conversationIds),
    accounts.conversationSettings([userId], conversationIds),
  ]);
  const messages = new Map(stored.map(({ message }) => [message.id, message]));
  const standings = new Map(standing.map((one) => [one.conversation.id, one]));
  return ({ messageId, conversationId, kind, channel, form, madeMs }) => {
    const own = settings.get(`${userId} ${conversationId}`) ?? {};
    const message = messages.get(messageId);
    if (!message || message.deletedAt !== null) return 'deleted';
    const ended = endedBy(standings.get(conversationId), message, kind === 'reaction');
    if (ended) return ended;
    const place = message.position;
    if (
      channel === 'push' &&
      (confirmed?.places[partitionOf(conversationId)] ?? 0) >= place &&
      kind !== 'reaction'
    )
      return 'delivered';
    const silenced = silencedBy(kind, own, 0, nowMs);
    if (silenced) return silenced;
    if (form === 'notice' && !isWanted(kind, channel, preferences, own)) return 'kind_off';
    return nowMs - madeMs > tellableMs[channel] ? 'too_old' : null;
  };
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
