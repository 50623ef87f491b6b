// Who has read one's own message, as far as this is known: a read position says "up to here or further", the server says
// since when, and of members beyond the first hundred only it says anything.
import { comparePositions } from './merge.ts';
import type { Conversation, Message, MessageRead } from './protocol.ts';

export type Readers = {
  /** First come first; those of whom no time is known come last. */
  read: { userId: string; at: string | null }[];
  notYet: string[];
  unnamed: number;
  isAll: boolean;
};

export const readersOf = (
  message: Message,
  conversation: Conversation,
  me: string,
  told: readonly MessageRead[] = [],
): Readers => {
  const others = conversation.members.filter(({ userId }) => userId !== me);
  const times = new Map(told.map(({ userId, at }) => [userId, at]));
  const hasRead = ({ userId, readPosition }: (typeof others)[number]) =>
    message.isRead || times.has(userId) || comparePositions(readPosition, message.position) >= 0;
  const ids = new Set([...times.keys(), ...others.filter(hasRead).map(({ userId }) => userId)]);
  const read = [...ids].map((userId) => ({ userId, at: times.get(userId) ?? null }));
  // All times are in one form, so the later is the greater text.
  read.sort((a, b) => ((a.at ?? '~') < (b.at ?? '~') ? -1 : 1));
  const notYet = others.filter((one) => !hasRead(one)).map(({ userId }) => userId);
  const unnamed = Math.max(0, conversation.memberCount - 1 - read.length - notYet.length);
  const isAll = others.length > 0 && notYet.length === 0 && (unnamed === 0 || message.isRead);
  return { read, notYet, unnamed, isAll };
};
