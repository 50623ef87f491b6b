// A message as it was at a moment, folded out of what it ever was. The server answers with it and the browser plays
// back with it, so the two cannot disagree.
import { linksOf } from './links.ts';
import type { Message, PastMessage, Reaction } from './views.ts';

/**
 * Null: it had not been sent yet. Times are compared as text: all are in one form. What a deleted message said is told
 * at no time; it stands at its place as deleted.
 */
export const messageAt = (past: PastMessage, at: string): Message | null => {
  const { message, versions } = past;
  if (message.createdAt > at) return null;
  const reactions = reactionsAt(past, at);
  const index = versions.findLastIndex(({ from }) => from <= at);
  // Older than the oldest that is known: that one.
  const version = versions[Math.max(0, index)];
  // Of pins only the present one is known.
  const pinnedAt = message.pinnedAt !== null && message.pinnedAt <= at ? message.pinnedAt : null;
  // Nor of previews; a text of then shows those of its own links.
  const links = version ? linksOf(version.content) : [];
  const previews = message.previews.filter(({ url, addedAt }) => addedAt <= at && links.includes(url));
  if (message.deletedAt !== null || !version) return { ...message, reactions, pinnedAt, previews };
  const { content, attachments, mentions, from } = version;
  const editedAt = from > message.createdAt ? from : null;
  return { ...message, content, attachments, mentions, editedAt, reactions, pinnedAt, previews };
};

const reactionsAt = ({ reactions }: PastMessage, at: string): Reaction[] => {
  const given = new Map<string, { emoji: string; userId: string }>();
  for (const { emoji, userId, isOn, at: time } of reactions) {
    if (time > at) continue;
    const key = `${userId}/${emoji}`;
    given.delete(key);
    if (isOn) given.set(key, { emoji, userId });
  }
  const byEmoji = new Map<string, string[]>();
  for (const { emoji, userId } of given.values()) byEmoji.set(emoji, [...(byEmoji.get(emoji) ?? []), userId]);
  return [...byEmoji].map(([emoji, userIds]) => ({ emoji, userIds }));
};
