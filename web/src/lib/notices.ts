// Whether a message is worth a sound or a notice on the desktop. Pure; what is done about it is in notifier.ts.
import type { ConversationSettings } from '../../../schemas/personal.ts';
import type { Conversation, Message } from './protocol.ts';

/** What a message is to its reader. */
export type NoticeKind = 'direct' | 'mention' | 'group';
export const noticeKinds: readonly NoticeKind[] = ['direct', 'mention', 'group'];
export type NoticeKinds = Record<NoticeKind, boolean>;
/** Of a group of hundreds not every word is to ring. */
export const usualKinds: NoticeKinds = { direct: true, mention: true, group: false };

export const kindOf = (
  message: Pick<Message, 'mentions'>,
  conversation: Pick<Conversation, 'isGroup'> | undefined,
  me: string,
): NoticeKind =>
  message.mentions.includes(me) ? 'mention' : conversation?.isGroup === false ? 'direct' : 'group';

export type Asked = {
  kind: NoticeKind;
  kinds: NoticeKinds;
  /** Of that conversation, where it has its own. */
  own: ConversationSettings;
  sentAt: number;
  now: number;
  /** The person is looking at that conversation. */
  isSeen: boolean;
};

/** What comes later than this was missed: many at once, and no news. */
const freshMs = 60_000;

export const isWorthIt = ({ kind, kinds, own, sentAt, now, isSeen }: Asked): boolean => {
  if (isSeen || now - sentAt > freshMs) return false;
  const { mutedUntil, notify } = own;
  if (mutedUntil === 'forever' || (mutedUntil !== undefined && Date.parse(mutedUntil) > now)) return false;
  if (notify === 'nothing') return false;
  if (notify === 'mentions') return kind === 'mention';
  return notify === 'all' || kinds[kind];
};
