// What the last look before telling has to know, asked for everybody who is told at once: a few lists, however many they are.
import type { Accounts, ConversationChoices } from '../../ports/accounts/port.ts';
import { reasonOf } from '../../ports/errors.ts';
import type { HistoryReader } from '../../ports/history/port.ts';
import type { Notice, NotificationStore } from '../../ports/notifications/port.ts';
import type { Confirmed, Presence } from '../../ports/presence/port.ts';
import type { NoticeChannel } from '../../schemas/notifications.ts';
import { type CandidateSources, reached, subscriptionsOf } from './candidates.ts';
import { isAboutMessages, rates, type Seen } from './checking.ts';

export type LookSources = Pick<CandidateSources, 'people' | 'channels' | 'partitionOf' | 'logger'> & {
  history: Pick<HistoryReader, 'messages' | 'standings'>;
  accounts: Pick<Accounts, 'sessions'> & ConversationChoices;
  queue: Pick<NotificationStore['queue'], 'sentSince'>;
  presence: Pick<Presence, 'confirmed'>;
};

export const lookFor = async (
  sources: LookSources,
  notices: readonly Notice[],
  nowMs: number,
): Promise<Seen> => {
  const { history, accounts, people, queue, channels, partitionOf } = sources;
  const pushed = notices.filter(({ channel }) => channel === 'push');
  const mail = notices.filter(({ channel }) => channel === 'email');
  const about = notices.filter(isAboutMessages);
  const places = new Map(
    about.map(({ userId, conversationId }) => [`${userId} ${conversationId}`, { userId, conversationId }]),
  );
  const sentBy = (name: NoticeChannel): Promise<Map<string, number>> =>
    queue.sentSince(
      idsOf(about, ({ channel, userId }) => (channel === name ? userId : null)),
      name,
      nowMs - rates[name].withinMs,
    );
  const [
    preferences,
    subscriptions,
    mailed,
    push,
    email,
    sessions,
    confirmed,
    messages,
    standings,
    settings,
  ] = await Promise.all([
    people.preferences(idsOf(notices, userOf)),
    subscriptionsOf(sources, idsOf(pushed, userOf)),
    reached(sources, idsOf(mail, userOf)),
    sentBy('push'),
    sentBy('email'),
    accounts.sessions(idsOf(pushed, userOf), new Date(nowMs).toISOString()),
    confirmedBy(
      sources,
      idsOf(pushed, ({ sessionId }) => sessionId),
    ),
    history.messages(idsOf(about, ({ messageId }) => messageId)),
    history.standings([...places.values()]),
    accounts.conversationSettings(
      idsOf(about, userOf),
      idsOf(about, ({ conversationId }) => conversationId),
    ),
  ]);
  return {
    channels: new Set(channels.map(({ name }) => name)),
    preferences,
    subscriptions,
    mailed,
    sent: { push, email },
    sessions: new Set(sessions.map(({ id }) => id)),
    confirmed,
    messages: new Map(messages.map(({ message }) => [message.id, message])),
    standings: new Map(
      standings.map((standing) => [`${standing.member.userId} ${standing.conversation.id}`, standing]),
    ),
    settings,
    partitionOf,
  };
};

const userOf = ({ userId }: Notice): string => userId;

const idsOf = (notices: readonly Notice[], idOf: (notice: Notice) => string | null): string[] => [
  ...new Set(notices.flatMap((notice) => idOf(notice) ?? [])),
];

/** While nobody can say what a device has, it has nothing: told once too often is better than not. */
const confirmedBy = async (
  { presence, logger }: LookSources,
  sessionIds: string[],
): Promise<Map<string, Confirmed>> => {
  try {
    return await presence.confirmed(sessionIds);
  } catch (error) {
    logger.warn({ reason: reasonOf(error) }, 'nobody can say what devices have; they are told as if away');
    return new Map();
  }
};
