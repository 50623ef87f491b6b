// What is asked of a message besides its words, as words of a column of their own: the index then narrows by it.
import type { SearchDocument } from './port.ts';

const plainId = (id: string): string => id.replaceAll('-', '');

export const facet = {
  conversation: (id: string) => `c${plainId(id)}`,
  sender: (id: string) => `s${plainId(id)}`,
  mention: (id: string) => `m${plainId(id)}`,
  has: (what: string) => `h${what}`,
  reply: 'r',
};

export const facetsOf = (document: SearchDocument): string =>
  [
    facet.conversation(document.conversationId),
    facet.sender(document.senderId),
    ...document.mentions.map(facet.mention),
    ...document.has.map(facet.has),
    ...(document.isReply ? [facet.reply] : []),
  ].join(' ');
