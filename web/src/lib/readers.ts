// Who has read one's own message, as far as this is known: a read position says "up to here or further", and members
// beyond the first hundred are not named.
import { comparePositions } from './merge.ts';
import type { Conversation, Message } from './protocol.ts';

export type Readers = { read: string[]; notYet: string[]; unnamed: number; isAll: boolean };

export const readersOf = (message: Message, conversation: Conversation, me: string): Readers => {
  const others = conversation.members.filter(({ userId }) => userId !== me);
  const hasRead = ({ readPosition }: (typeof others)[number]) =>
    message.isRead || comparePositions(readPosition, message.position) >= 0;
  const read = others.filter(hasRead).map(({ userId }) => userId);
  const notYet = others.filter((one) => !hasRead(one)).map(({ userId }) => userId);
  const unnamed = Math.max(0, conversation.memberCount - conversation.members.length);
  const isAll = others.length > 0 && notYet.length === 0 && (unnamed === 0 || message.isRead);
  return { read, notYet, unnamed, isAll };
};
