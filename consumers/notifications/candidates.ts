// What has to be known about those who may be told, asked for many at once. Most people cannot be told by anything, so
// that is asked first, and about them nothing more.
import type { ConversationChoices } from '../../ports/accounts/port.ts';
import { reasonOf } from '../../ports/errors.ts';
import type { Channel, NotificationStore, PushSubscription } from '../../ports/notifications/port.ts';
import type { Confirmed, Presence, Status } from '../../ports/presence/port.ts';
import { usualPreferences } from '../../schemas/notifications.ts';
import type { Logger } from '../projection.ts';
import type { Candidate, Device } from './decide.ts';
import type { Asked } from './happenings.ts';

export type CandidateSources = {
  people: Pick<NotificationStore['people'], 'preferences' | 'subscriptions'>;
  channels: readonly Pick<Channel, 'name' | 'reaches'>[];
  settings: ConversationChoices;
  presence: Pick<Presence, 'confirmed' | 'live'>;
  partitionOf(conversationId: string): number;
  logger: Pick<Logger, 'warn'>;
};

/** A device that was heard within this is taken for connected: it is heard every three seconds. */
export const connectedMs = 8_000;

/** Of a person in one conversation. */
export type Candidates = {
  /** Whom anything can tell; the others are not even looked at. */
  reachable: ReadonlySet<string>;
  of(userId: string, asked: Asked, readPosition: number): Candidate;
};

export const candidatesFor = async (sources: CandidateSources, asked: Asked[]): Promise<Candidates> => {
  const { people, settings, partitionOf } = sources;
  const everybody = [...new Set(asked.flatMap((one) => one.people))];
  const conversations = [...new Set(asked.map(({ happening }) => happening.conversationId))];
  const subscriptions = await subscriptionsOf(sources, everybody);
  const mailed = await reached(sources, everybody);
  const reachable = everybody.filter((userId) => subscriptions.has(userId) || mailed.has(userId));
  const [preferences, chosen, seen] = await Promise.all([
    people.preferences(reachable),
    settings.conversationSettings(reachable, conversations),
    whoIsHere(
      sources,
      reachable,
      [...subscriptions.values()].flat().map(({ sessionId }) => sessionId),
    ),
  ]);
  const of: Candidates['of'] = (userId, { happening }, readPosition) => {
    const partition = partitionOf(happening.conversationId);
    const devices = (subscriptions.get(userId) ?? []).map(({ sessionId }): Device => {
      const confirmed = seen.confirmed.get(sessionId);
      return {
        sessionId,
        confirmed: confirmed?.places[partition] ?? 0,
        isConnected: confirmed !== undefined && confirmed.agoMs <= connectedMs,
      };
    });
    const status = seen.live.get(userId) ?? 'offline';
    return {
      userId,
      isMember: true,
      readPosition,
      settings: chosen.get(`${userId} ${happening.conversationId}`) ?? {},
      preferences: preferences.get(userId) ?? usualPreferences,
      devices,
      isHere: status !== 'offline' || devices.some(({ isConnected }) => isConnected),
      hasEmail: mailed.has(userId),
    };
  };
  return { reachable: new Set(reachable), of };
};

/** By person. */
export const subscriptionsOf = async (
  { people, channels }: Pick<CandidateSources, 'people' | 'channels'>,
  userIds: string[],
): Promise<Map<string, PushSubscription[]>> => {
  const found = new Map<string, PushSubscription[]>();
  if (!channels.some(({ name }) => name === 'push')) return found;
  for (const subscription of await people.subscriptions(userIds)) {
    const own = found.get(subscription.userId);
    if (own) own.push(subscription);
    else found.set(subscription.userId, [subscription]);
  }
  return found;
};

/** Whom e-mail reaches. */
export const reached = async (
  { channels }: Pick<CandidateSources, 'channels'>,
  userIds: string[],
): Promise<Set<string>> => {
  const mail = channels.find(({ name }) => name === 'email');
  return mail?.reaches && userIds.length > 0 ? mail.reaches(userIds) : new Set();
};

/** While nobody can say who is here, nobody is: told once too often is better than not. */
const whoIsHere = async (
  { presence, logger }: CandidateSources,
  userIds: string[],
  sessionIds: string[],
): Promise<{ confirmed: Map<string, Confirmed>; live: Map<string, Status> }> => {
  if (userIds.length === 0) return { confirmed: new Map(), live: new Map() };
  try {
    const [confirmed, live] = await Promise.all([presence.confirmed(sessionIds), presence.live(userIds)]);
    return { confirmed, live };
  } catch (error) {
    logger.warn({ reason: reasonOf(error) }, 'nobody can say what devices have; people are told as if away');
    return { confirmed: new Map(), live: new Map() };
  }
};
