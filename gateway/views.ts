// From kept rows to what the outside sees.
import type { ListedConversation, MessagePast, StoredMessage } from '../ports/history/port.ts';
import type { ConversationState } from '../producers/state.ts';
import { limits } from '../schemas/limits.ts';
import { linksOf } from '../schemas/links.ts';
import type { Preview, PreviewRow } from '../schemas/previews.ts';
import type { MemberRow, MessageRow, ReactionRow } from '../schemas/rows.ts';
import type { Conversation, Member, Message, MessageVersion, PastMessage } from '../schemas/views.ts';
import type { SeesReads } from './choices.ts';

export const toMessage = (
  {
    message: row,
    reactions,
    pin,
    previews,
  }: Pick<StoredMessage, 'message' | 'reactions' | 'pin' | 'previews'>,
  isRead: boolean,
): Message => ({
  id: row.id,
  conversationId: row.conversationId,
  senderId: row.senderId,
  content: row.content,
  attachments: row.attachments,
  replyTo: row.replyTo,
  mentions: row.mentions,
  // Given in the moment of the deletion: there is nothing any more that they are about.
  reactions: reactions.length === 0 || row.deletedAt !== null ? [] : grouped(reactions),
  isRead,
  position: String(row.position),
  createdAt: row.createdAt,
  editedAt: row.editedAt,
  deletedAt: row.deletedAt,
  // A deleted message is pinned no more, whichever came first.
  pinnedAt: pin?.active && row.deletedAt === null ? pin.at : null,
  previews: previews.length === 0 || row.deletedAt !== null ? [] : shownOf(row, previews),
});

/** As it is in the moment in which it is sent: nothing has happened to it. */
export const newMessage = (message: MessageRow): Message =>
  toMessage({ message, reactions: [], pin: null, previews: [] }, false);

/** Of the links that the text has now, in their order: an edit takes the preview of a link away, and may bring it back. */
const shownOf = ({ content }: MessageRow, previews: PreviewRow[]): Preview[] =>
  linksOf(content).flatMap((link) => {
    const row = previews.find(({ url, active }) => active && url === link);
    if (!row) return [];
    const { id, url, siteName, title, description, image, at } = row;
    return [{ id, url, siteName, title, description, image, addedAt: at }];
  });

const grouped = (reactions: ReactionRow[]): Message['reactions'] => {
  const byEmoji = new Map<string, string[]>();
  for (const { emoji, userId, active } of reactions) {
    if (!active) continue;
    const userIds = byEmoji.get(emoji);
    if (userIds) userIds.push(userId);
    else byEmoji.set(emoji, [userId]);
  }
  return [...byEmoji].map(([emoji, userIds]) => ({ emoji, userIds }));
};

/** Read marks of one conversation as one reader's messages need them. */
export type ReadBy = {
  readerId: string;
  /** How far the reader has read. */
  own: number;
  /** How far every other member has read. */
  others: number;
};

/** Of one's own message: every other member has read it. Of another's: the reader has. */
export const isReadBy = (row: Pick<MessageRow, 'senderId' | 'position'>, read: ReadBy): boolean =>
  row.position <= (row.senderId === read.readerId ? read.others : read.own);

export const toMessageFor = (stored: StoredMessage, read: ReadBy): Message =>
  toMessage(stored, isReadBy(stored.message, read));

/** Every text that a message had, the present one last; none of a deleted one. */
export const versionsOf = (row: MessageRow, past: MessagePast | undefined): MessageVersion[] => {
  if (row.deletedAt !== null) return [];
  const { content, attachments, mentions } = row;
  const former = (past?.versions ?? []).map(({ since, ...version }) => ({ ...version, from: since }));
  return [...former, { content, attachments, mentions, from: row.editedAt ?? row.createdAt }];
};

export const toPastMessage = (
  stored: StoredMessage,
  past: MessagePast | undefined,
  read: ReadBy,
): PastMessage => ({
  message: toMessageFor(stored, read),
  versions: versionsOf(stored.message, past),
  reactions: (past?.reactions ?? []).map(({ emoji, userId, active, at }) => ({
    emoji,
    userId,
    isOn: active,
    at,
  })),
});

/** The smallest mark among the other active members; 0 as soon as one has read nothing or hides it, or there is nobody else. */
export const readByOthers = (
  state: ConversationState,
  marks: ReadonlyMap<string, number>,
  readerId: string,
  sees: SeesReads,
): number => {
  let smallest = Number.POSITIVE_INFINITY;
  for (const member of state.members.values()) {
    if (!member.active || member.userId === readerId) continue;
    smallest = Math.min(smallest, sees(readerId, member.userId) ? (marks.get(member.userId) ?? 0) : 0);
    if (smallest === 0) return 0;
  }
  return smallest === Number.POSITIVE_INFINITY ? 0 : smallest;
};

export const toMember = (row: MemberRow, readPosition: number): Member => ({
  userId: row.userId,
  isAdmin: row.isAdmin,
  joinedAt: row.joinedAt,
  readPosition: String(readPosition),
});

export const toConversation = (listed: ListedConversation, read: ReadBy, sees: SeesReads): Conversation => ({
  id: listed.conversation.id,
  isGroup: listed.conversation.isGroup,
  name: listed.conversation.name,
  pictureUrl: listed.conversation.pictureUrl,
  historyVisibility: listed.conversation.historyVisibility,
  members: listed.members.map((member) =>
    toMember(member, sees(read.readerId, member.userId) ? member.readPosition : 0),
  ),
  memberCount: listed.memberCount,
  lastMessage: listed.lastMessage ? toMessageFor(listed.lastMessage, read) : null,
  unreadCount: listed.unreadCount,
  mentionCount: listed.mentionCount,
  createdAt: listed.conversation.createdAt,
  updatedAt: listed.conversation.updatedAt,
});

/** A conversation as someone sees it who has just come in and may see nothing older: no query needed. */
export const toNewConversation = (
  state: ConversationState,
  marks: ReadonlyMap<string, number>,
  readerId: string,
  sees: SeesReads,
): Conversation => {
  const active = [...state.members.values()].filter((member) => member.active);
  active.sort(
    (a, b) =>
      Number(b.userId === readerId) - Number(a.userId === readerId) ||
      Number(b.isAdmin) - Number(a.isAdmin) ||
      a.joinedPosition - b.joinedPosition,
  );
  const { conversation } = state;
  return {
    id: conversation.id,
    isGroup: conversation.isGroup,
    name: conversation.name,
    pictureUrl: conversation.pictureUrl,
    historyVisibility: conversation.historyVisibility,
    members: active
      .slice(0, limits.membersShownMax)
      .map((member) => toMember(member, sees(readerId, member.userId) ? (marks.get(member.userId) ?? 0) : 0)),
    memberCount: active.length,
    lastMessage: null,
    unreadCount: 0,
    mentionCount: 0,
    createdAt: conversation.createdAt,
    updatedAt: conversation.updatedAt,
  };
};
