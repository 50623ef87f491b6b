// A stretch of a conversation's life in memory, and what it shows at a moment. Pure; the player moves through it.
import { messageAt } from '../../../schemas/past.ts';
import type {
  ConversationChange,
  ConversationThen,
  PastMessage,
  PlaybackPage,
} from '../../../schemas/views.ts';
import { comparePositions } from './merge.ts';
import type { Message } from './protocol.ts';

/** Messages that follow each other without a gap, with all that ever happened to them. */
export type Stretch = {
  items: readonly PastMessage[];
  /** Of names and members, from the first message on. */
  changes: readonly ConversationChange[];
  /** As the conversation stood before the first message; null: that is not known. */
  begin: ConversationThen | null;
  isAtStart: boolean;
  isAtEnd: boolean;
};

/** One line of what is shown: a message as it was, or something that happened to the conversation. */
export type Line =
  | { kind: 'message'; key: string; message: Message; isFresh: boolean }
  | { kind: 'change'; key: string; change: ConversationChange; isFresh: boolean };

export type Scene = { lines: Line[]; conversation: ConversationThen | null };

/** What is kept in memory of a conversation of any length. */
export const keptMax = 400;
export const linesMax = 80;
const membersShownMax = 100;

export const emptyStretch: Stretch = {
  items: [],
  changes: [],
  begin: null,
  isAtStart: false,
  isAtEnd: false,
};

/** The stretch that a single page is. */
export const stretchOf = (page: PlaybackPage, edges: { isAtStart: boolean; isAtEnd: boolean }): Stretch => ({
  items: page.items,
  changes: page.changes,
  begin: page.conversation,
  ...edges,
});

/** Goes on behind the last message; what was first is let go when it becomes too much. */
export const withLater = (stretch: Stretch, page: PlaybackPage): Stretch => {
  const joined: Stretch = {
    ...stretch,
    items: [...stretch.items, ...page.items],
    changes: [...stretch.changes, ...page.changes],
    isAtEnd: page.nextCursor === null,
  };
  const first = joined.items.at(-keptMax);
  if (joined.items.length <= keptMax || !first) return joined;
  const isLetGo = (change: ConversationChange) =>
    comparePositions(change.position, first.message.position) < 0;
  return {
    ...joined,
    items: joined.items.slice(-keptMax),
    changes: joined.changes.filter((change) => !isLetGo(change)),
    begin: joined.changes.filter(isLetGo).reduce(changed, joined.begin),
    isAtStart: false,
  };
};

export const withEarlier = (stretch: Stretch, page: PlaybackPage): Stretch => {
  const items = [...page.items, ...stretch.items];
  const kept = items.slice(0, keptMax);
  const last = kept.at(-1);
  const isLetGo = items.length > keptMax;
  const changes = [...page.changes, ...stretch.changes];
  return {
    items: kept,
    changes:
      isLetGo && last
        ? changes.filter(({ position }) => comparePositions(position, last.message.position) <= 0)
        : changes,
    begin: page.items.length > 0 ? page.conversation : stretch.begin,
    isAtStart: page.nextCursor === null,
    isAtEnd: stretch.isAtEnd && !isLetGo,
  };
};

const changed = (then: ConversationThen | null, change: ConversationChange): ConversationThen | null => {
  if (!then) return null;
  const left = new Set(change.left);
  const stayed = then.members.filter(({ userId }) => !left.has(userId));
  const joined = change.joined.map((userId) => ({ userId, isAdmin: false, joinedAt: change.at }));
  return {
    ...then,
    ...(change.name === undefined ? {} : { name: change.name }),
    members: [...stayed, ...joined].slice(0, membersShownMax),
    memberCount: then.memberCount + change.joined.length - change.left.length,
  };
};

/** Every time at which something in the stretch became different, ascending. */
export const momentsOf = ({ items, changes }: Stretch): string[] => {
  const moments = new Set<string>();
  for (const { message, versions, reactions } of items) {
    moments.add(message.createdAt);
    for (const { from } of versions) moments.add(from);
    for (const { at } of reactions) moments.add(at);
  }
  for (const { at } of changes) moments.add(at);
  return [...moments].sort();
};

/** The stretch as it stood at a time: the newest lines, and who was there. */
export const sceneAt = ({ items, changes, begin }: Stretch, at: string): Scene => {
  const lines: (Line & { position: string })[] = [];
  // From the end, because that is what is shown.
  for (let i = items.length - 1; i >= 0 && lines.length < linesMax; i -= 1) {
    const past = items[i] as PastMessage;
    const message = messageAt(past, at);
    if (!message) continue;
    const isFresh = touchedAt(past, message, at);
    lines.push({ kind: 'message', key: message.id, message, isFresh, position: message.position });
  }
  const happened = changes.filter((change) => change.at <= at);
  const first = lines.at(-1)?.position;
  for (const change of happened) {
    if (first !== undefined && lines.length >= linesMax && comparePositions(change.position, first) < 0)
      continue;
    const { position } = change;
    lines.push({ kind: 'change', key: `change ${position}`, change, isFresh: change.at === at, position });
  }
  lines.sort((a, b) => comparePositions(a.position, b.position));
  return { lines: lines.slice(-linesMax), conversation: happened.reduce(changed, begin) };
};

const touchedAt = ({ reactions }: PastMessage, message: Message, at: string): boolean =>
  message.createdAt === at || message.editedAt === at || reactions.some((reaction) => reaction.at === at);

/** The nearest of ascending times after (or before) one; undefined: there is none. */
export const momentAfter = (moments: readonly string[], at: string): string | undefined =>
  moments.find((moment) => moment > at);
export const momentBefore = (moments: readonly string[], at: string): string | undefined =>
  moments.findLast((moment) => moment < at);

export const sendingsOf = ({ items }: Stretch): string[] =>
  [...new Set(items.map(({ message }) => message.createdAt))].sort();

const [shortestMs, longestMs, hurry] = [140, 1_600, 20];

/** How long to stay at a moment before the next: long silences become short ones, and nothing is a flash. */
export const pauseBetween = (at: string, next: string, speed: number): number =>
  Math.min(longestMs, Math.max(shortestMs, (Date.parse(next) - Date.parse(at)) / hurry)) / speed;
