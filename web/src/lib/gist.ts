// A message in one line, for lists, quotes, notices and screen readers: its words, or else what files it brings. Pure.
import type { Text } from './i18n.ts';
import { gistOfFiles } from './media/kinds.ts';
import { plainText } from './plain-text.ts';
import type { Message } from './protocol.ts';

type Said = Pick<Message, 'content' | 'attachments' | 'deletedAt'>;

export const gistOf = (text: Text, message: Said): string => {
  if (message.deletedAt) return text.deletedMessage;
  return plainText(message.content) || (gistOfFiles(text, message.attachments)?.words ?? '');
};
