// Who is told of a message, when, by what, and who is not, and why. Pure: everything that it must know is given.
//
// On each device: at once when it names the person, after the set time else, and never where it has been delivered; by
// e-mail when it is still unread after that set time. Whatever was decided is looked at again right before it is done.
import { noticeId } from '../../schemas/ids.ts';
import { hasKeyword } from '../../schemas/keywords.ts';
import { limits } from '../../schemas/limits.ts';
import type {
  LaterReason,
  NoticeChannel,
  NoticeKind,
  NotificationPreferences,
  NotToldReason,
} from '../../schemas/notifications.ts';
import type { ConversationSettings } from '../../schemas/personal.ts';
import { nextAt, quietUntil } from './clock.ts';

/** What happened, as it concerns everybody. */
export type Happening = {
  type: 'message' | 'edit' | 'reaction';
  /** What it is told under: of an edit the message, so that nobody hears of the same mention twice. */
  cause: string;
  messageId: string;
  conversationId: string;
  /** Who did it. */
  actorId: string;
  /** Whom a reaction is for. */
  ownerId: string;
  position: number;
  atMs: number;
  mentions: readonly string[];
  /** Of `wordsOf`; made when somebody asks. */
  readonly words: string;
  isGroup: boolean;
  memberCount: number;
};

export type Device = {
  sessionId: string;
  /** The place up to which everything has reached it. */
  confirmed: number;
  isConnected: boolean;
};

export type Candidate = {
  userId: string;
  /** At the place of the happening. */
  isMember: boolean;
  readPosition: number;
  settings: ConversationSettings;
  preferences: NotificationPreferences;
  /** Those that push can reach. */
  devices: readonly Device[];
  /** A device of theirs is connected, whether push can reach it or not. */
  isHere: boolean;
  hasEmail: boolean;
};

export type Told = {
  told: true;
  id: string;
  userId: string;
  kind: NoticeKind;
  channel: NoticeChannel;
  sessionId: string | null;
  form: 'notice' | 'digest';
  dueMs: number;
  later: LaterReason | null;
};
export type NotTold = { told: false; userId: string; channel: NoticeChannel | null; reason: NotToldReason };
export type Decision = Told | NotTold;

/** What was said longer ago, by the log's and our clock, is told to nobody any more. */
export const freshForMs = 12 * 3_600_000;
/** How long a connected device may take to confirm what names its person. */
export const confirmGraceMs = 5_000;
/** Where nobody is connected there is nobody to wait for; this long a line may be broken. */
export const awayGraceMs = 3_000;

export const kindOf = (
  happening: Pick<Happening, 'type' | 'mentions' | 'isGroup' | 'words'>,
  userId: string,
  keywords: readonly string[],
): NoticeKind => {
  const { type, mentions, isGroup } = happening;
  if (type === 'reaction') return 'reaction';
  if (mentions.includes(userId)) return 'mention';
  if (!isGroup) return 'direct';
  return keywords.length > 0 && hasKeyword(happening.words, keywords) ? 'keyword' : 'group';
};

/** Why a kind of message is not told in a conversation at all; null: it is. */
export const silencedBy = (
  kind: NoticeKind,
  { mutedUntil, notify }: ConversationSettings,
  memberCount: number,
  nowMs: number,
): NotToldReason | null => {
  if (notify === 'nothing') return 'nothing';
  if (mutedUntil === 'forever' || (mutedUntil !== undefined && Date.parse(mutedUntil) > nowMs))
    return 'muted';
  const isNamed = kind === 'mention' || kind === 'keyword';
  if (notify === 'mentions' && !isNamed) return 'only_mentions';
  if (kind === 'group' && notify !== 'all' && memberCount > limits.toldGroupMembersMax) return 'large_group';
  return null;
};

/** Asking for all of a conversation is asking for it by push too. */
export const isWanted = (
  kind: NoticeKind,
  channel: NoticeChannel,
  { kinds }: NotificationPreferences,
  { notify }: ConversationSettings,
): boolean => kinds[kind][channel] || (channel === 'push' && notify === 'all' && kind !== 'reaction');

/** Null: it is for somebody. */
export const concernsNobody = ({ atMs }: Pick<Happening, 'atMs'>, nowMs: number): NotToldReason | null =>
  nowMs - atMs > freshForMs ? 'too_old' : null;

/** Of somebody whom nothing can tell. */
export const untold = (
  happening: Pick<Happening, 'atMs' | 'actorId'>,
  userId: string,
  nowMs: number,
): NotTold => {
  const own = userId === happening.actorId ? 'own_message' : 'no_channel';
  return { told: false, userId, channel: null, reason: concernsNobody(happening, nowMs) ?? own };
};

/** One decision about each device and channel, or one for all of them. */
export const decide = (happening: Happening, candidate: Candidate, nowMs: number): Decision[] => {
  const { userId, settings, preferences } = candidate;
  const not = (reason: NotToldReason, channel: NoticeChannel | null = null): NotTold => ({
    told: false,
    userId,
    channel,
    reason,
  });
  const old = concernsNobody(happening, nowMs);
  if (old) return [not(old)];
  if (userId === happening.actorId) return [not('own_message')];
  if (!candidate.isMember) return [not('not_a_member')];
  if (candidate.devices.length === 0 && !candidate.hasEmail) return [untold(happening, userId, nowMs)];
  const kind = kindOf(happening, userId, preferences.keywords);
  const silenced = silencedBy(kind, settings, happening.memberCount, nowMs);
  if (silenced) return [not(silenced)];
  if (kind !== 'reaction' && candidate.readPosition >= happening.position) return [not('already_read')];

  const decisions: Decision[] = [];
  const tell = (
    channel: NoticeChannel,
    sessionId: string | null,
    wanted: { dueMs: number; later: LaterReason | null; form?: 'digest' },
  ): void => {
    const way = sessionId ?? channel;
    const id = noticeId(happening.cause, userId, way, kind);
    const form = wanted.form ?? 'notice';
    decisions.push({ told: true, id, userId, kind, channel, sessionId, ...wanted, form });
  };
  if (candidate.devices.length > 0) {
    if (!isWanted(kind, 'push', preferences, settings)) decisions.push(not('kind_off', 'push'));
    else
      for (const device of candidate.devices) {
        // What names somebody in an edit has an old place.
        if (happening.type === 'message' && device.confirmed >= happening.position)
          decisions.push(not('delivered', 'push'));
        else tell('push', device.sessionId, pushTime(kind, happening, candidate, device, nowMs));
      }
  }
  if (candidate.hasEmail) {
    if (isWanted(kind, 'email', preferences, settings)) {
      const dueMs = Math.max(nowMs, happening.atMs + preferences.afterSeconds.email * 1_000);
      tell('email', null, spared(kind, preferences, dueMs));
    } else if (preferences.digest && kind !== 'reaction') {
      const dueMs = nextAt(preferences.digest.at, preferences.timeZone, nowMs);
      tell('email', null, { dueMs, later: 'digest', form: 'digest' });
    } else decisions.push(not('kind_off', 'email'));
  }
  return decisions;
};

const pushTime = (
  kind: NoticeKind,
  { atMs }: Happening,
  { preferences, isHere }: Candidate,
  device: Device,
  nowMs: number,
): { dueMs: number; later: LaterReason | null } => {
  const setMs = preferences.afterSeconds.push * 1_000;
  const isNamed = kind === 'mention' || kind === 'keyword';
  const waitMs = isNamed
    ? device.isConnected
      ? confirmGraceMs
      : 0
    : isHere
      ? setMs
      : Math.min(setMs, awayGraceMs);
  return spared(kind, preferences, Math.max(nowMs, atMs + waitMs), waitMs === 0);
};

/** Not in quiet hours, unless it names the person and may pass. */
export const spared = (
  kind: NoticeKind,
  preferences: NotificationPreferences,
  dueMs: number,
  isAtOnce = false,
): { dueMs: number; later: LaterReason | null } => {
  const passes = preferences.quietHours?.mentionsPass === true && kind === 'mention';
  const end = passes ? null : quietUntil(preferences, dueMs);
  if (end !== null) return { dueMs: end, later: 'quiet_hours' };
  return { dueMs, later: isAtOnce ? null : 'set_time' };
};
