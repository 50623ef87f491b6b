// How what arrives joins what is known: messages by id and position, pending sends laid over them, conversations by what
// is newer. Pure, and the only place that decides it.
import type { Attachment, Conversation, Member, Message } from './protocol.ts';

/** A file of a send: what is remembered of it beside the file itself. */
export type PendingFile = {
  key: string;
  name: string;
  contentType: string;
  size: number;
  width: number | null;
  height: number | null;
  /** Once the server has it. */
  media: Attachment | null;
};

/** A send that the log has not confirmed yet. */
export type Pending = {
  ref: string;
  id: string;
  conversationId: string;
  senderId: string;
  content: string;
  /** While the server does not have all of them the message waits. */
  files: PendingFile[];
  replyTo: string | null;
  createdAt: string;
  /** Set when the server refused it: it waits for the person to try again or to discard it. */
  failure: { code: string; detail: string } | null;
};

/** What the list shows: a message, or a pending send in the shape of one. */
export type Row = Message & { pending?: Pending };

/** Positions are decimal strings: opaque, but the longer or the greater text comes later. */
export const comparePositions = (a: string, b: string): number =>
  a.length !== b.length ? a.length - b.length : a < b ? -1 : a > b ? 1 : 0;

export const laterPosition = (a: string, b: string): string => (comparePositions(a, b) >= 0 ? a : b);

/** The index of the first row that is not before `position`. */
export const indexAt = (rows: readonly Message[], position: string): number => {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (comparePositions(rows[middle]!.position, position) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
};

/** Adds or replaces rows; `changes` in ascending order. Whole pages at either end cost one copy. */
export const upsert = (rows: readonly Message[], changes: readonly Message[]): readonly Message[] => {
  const first = changes[0];
  const last = changes.at(-1);
  if (first === undefined || last === undefined) return rows;
  if (rows.length === 0 || comparePositions(last.position, rows[0]!.position) < 0)
    return [...changes, ...rows];
  if (comparePositions(rows.at(-1)!.position, first.position) < 0) return [...rows, ...changes];
  const next = [...rows];
  for (const change of changes) {
    const index = indexAt(next, change.position);
    const replaces = next[index]?.position === change.position;
    next.splice(index, replaces ? 1 : 0, change);
  }
  return next;
};

const attachmentOfFile = ({ key, name, contentType, size, width, height, media }: PendingFile): Attachment =>
  media ?? { mediaId: key, name, contentType, size, ...(width && height && { width, height }) };

export const pendingRow = (pending: Pending): Row => ({
  id: pending.id,
  conversationId: pending.conversationId,
  senderId: pending.senderId,
  content: pending.content,
  attachments: pending.files.map(attachmentOfFile),
  replyTo: pending.replyTo,
  mentions: [],
  reactions: [],
  isRead: false,
  position: '',
  createdAt: pending.createdAt,
  editedAt: null,
  deletedAt: null,
  pinnedAt: null,
  previews: [],
  pending,
});

/** Pending sends come last, in their own order, until the row with their id has come. */
export const withPending = (
  rows: readonly Message[],
  pending: readonly Pending[],
  has: (id: string) => boolean,
): readonly Row[] => {
  const waiting = pending.filter((one) => !has(one.id));
  return waiting.length === 0 ? rows : [...rows, ...waiting.map(pendingRow)];
};

/** How many of others' rows lie after a position. */
export const countAfter = (rows: readonly Row[], position: string, me: string): number => {
  let count = 0;
  for (let index = rows.length - 1; index >= 0; index -= 1) {
    const row = rows[index]!;
    if (row.pending) continue;
    if (comparePositions(row.position, position) <= 0) break;
    if (row.senderId !== me) count += 1;
  }
  return count;
};

/** Two rows stand together when one person wrote them within five minutes. */
export const continues = (row: Row, before: Row | undefined): boolean =>
  before !== undefined &&
  before.senderId === row.senderId &&
  Date.parse(row.createdAt) - Date.parse(before.createdAt) < 5 * 60_000;

/** A read position never moves back, whichever source was slower. */
const mergeMembers = (known: readonly Member[], incoming: readonly Member[]): Member[] => {
  const positions = new Map(known.map((member) => [member.userId, member.readPosition]));
  return incoming.map((member) => ({
    ...member,
    readPosition: laterPosition(positions.get(member.userId) ?? '0', member.readPosition),
  }));
};

const newerMessage = (a: Message | null, b: Message | null): Message | null =>
  !a ? b : !b ? a : comparePositions(a.position, b.position) > 0 ? a : b;

const readPositionIn = ({ members }: Conversation, userId: string): string =>
  members.find((member) => member.userId === userId)?.readPosition ?? '0';

/** Whether a page was made before what is known here: its counts know nothing of a later message, or of later reading. */
export const isBehind = (known: Conversation, page: Conversation, me: string): boolean =>
  comparePositions(known.lastMessage?.position ?? '', page.lastMessage?.position ?? '') > 0 ||
  comparePositions(readPositionIn(known, me), readPositionIn(page, me)) > 0;

/**
 * A page knows the counts of its reader; a frame may be the same for everybody, so a frame changes what the conversation
 * is and leaves the counts alone. A page that is behind what is known leaves them alone too.
 */
export const mergeConversation = (
  known: Conversation | undefined,
  incoming: Conversation,
  source: 'page' | 'frame',
  me: string,
): Conversation => {
  if (!known) return incoming;
  const lastMessage = newerMessage(known.lastMessage, incoming.lastMessage);
  const counts = source === 'frame' || isBehind(known, incoming, me) ? known : incoming;
  return {
    ...incoming,
    members: mergeMembers(known.members, incoming.members),
    lastMessage,
    unreadCount: counts.unreadCount,
    mentionCount: counts.mentionCount,
  };
};

/** A message arrived: it becomes the last one, counts when another wrote it, or replaces the same one. */
export const conversationWithMessage = (known: Conversation, message: Message, me: string): Conversation => {
  const last = known.lastMessage;
  if (last?.id === message.id) return { ...known, lastMessage: message };
  if (last && comparePositions(last.position, message.position) >= 0) return known;
  const isUnread = message.senderId !== me && message.deletedAt === null;
  return {
    ...known,
    lastMessage: message,
    unreadCount: known.unreadCount + (isUnread ? 1 : 0),
    mentionCount: known.mentionCount + (isUnread && message.mentions.includes(me) ? 1 : 0),
  };
};

/** Somebody read up to a position; one's own reading to the end clears the counts. */
export const conversationWithRead = (
  known: Conversation,
  read: { userId: string; position: string },
  me: string,
): Conversation => {
  const members = known.members.map((member) =>
    member.userId === read.userId
      ? { ...member, readPosition: laterPosition(member.readPosition, read.position) }
      : member,
  );
  const isAllRead =
    read.userId === me &&
    (known.lastMessage === null || comparePositions(read.position, known.lastMessage.position) >= 0);
  return isAllRead ? { ...known, members, unreadCount: 0, mentionCount: 0 } : { ...known, members };
};
