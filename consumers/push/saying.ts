// Who wrote what and where, in the few words of a notice.
import type { HistoryReader } from '../../ports/history/port.ts';

/** Null: the message is gone. Without a `body`: it has no text, as a picture has none. */
export type Saying = (messageId: string) => Promise<{ title: string; body?: string } | null>;

const bodyLengthMax = 160;
const spoilerSign = '▒▒▒';

export const sayingFrom =
  (history: Pick<HistoryReader, 'message' | 'heads' | 'users'>): Saying =>
  async (messageId) => {
    const stored = await history.message(messageId);
    if (!stored || stored.message.deletedAt !== null) return null;
    const { senderId, conversationId, content } = stored.message;
    const [[sender], [conversation]] = await Promise.all([
      history.users([senderId]),
      history.heads([conversationId]),
    ]);
    const name = sender?.username ?? '';
    const group = conversation?.isGroup ? conversation.name : null;
    const body = plainWords(content);
    return { title: group ? `${name} · ${group}` : name, ...(body && { body }) };
  };

/** Without the signs of Markdown, on one line, and what a spoiler hides hidden. */
export const plainWords = (content: string): string => {
  const words = content
    .replace(/\|\|[\s\S]+?\|\|/g, spoilerSign)
    .replace(/^\s*(```|~~~).*$/gm, '')
    .replace(/!?\[([^\]\n]*)\]\([^)\s]*\)/g, '$1')
    .replace(/^\s*(>|#{1,6}|[-*+]|\d+\.)\s+/gm, '')
    .replace(/(\*\*|__|~~|`+)(?=\S)([\s\S]*?\S)\1/g, '$2')
    .replace(/(^|\W)([*_])(?=\S)([^*_\n]*\S)\2(?!\w)/g, '$1$3')
    // What turns the direction of everything after it.
    .replace(/[\u202a-\u202e\u2066-\u2069]/g, '')
    .replace(/\s+/g, ' ')
    .trim();
  const signs = [...words];
  return signs.length > bodyLengthMax ? `${signs.slice(0, bodyLengthMax).join('')}…` : words;
};
