// Which conversations the list shows, and in which order: pinned ones first, archived ones in a section of their own. Pure.
import type { ConversationSettings } from '../../../schemas/personal.ts';
import type { Conversation } from './protocol.ts';

export type ListFilter = 'all' | 'unread' | 'groups' | 'people' | 'archived';
export const listFilters: readonly ListFilter[] = ['all', 'unread', 'groups', 'people', 'archived'];

export type Listed = {
  conversation: Conversation;
  settings: ConversationSettings;
  isMuted: boolean;
  /** When the settings were changed last; null: this very moment. */
  changedAt: string | null;
};

/** A new message brings it back from the archive; when it is muted, only a mention does, as long as it is unread. */
export const isArchived = ({ conversation, settings, isMuted, changedAt }: Listed): boolean => {
  if (!settings.archived) return false;
  if (changedAt === null) return true;
  if (conversation.mentionCount > 0) return false;
  const { lastMessage } = conversation;
  return isMuted || lastMessage === null || lastMessage.createdAt <= changedAt;
};

export type Unread = {
  /** What a badge says; 0 with `isMarked`: the person has marked it unread again. */
  count: number;
  mentions: number;
  isMarked: boolean;
  /** Whether it counts in the title of the page. */
  isLoud: boolean;
};

export const unreadOf = ({ conversation, settings, isMuted }: Omit<Listed, 'changedAt'>): Unread => {
  const { unreadCount: count, mentionCount: mentions } = conversation;
  const isMarked = count === 0 && settings.unreadFrom !== undefined;
  return { count, mentions, isMarked, isLoud: mentions > 0 || (!isMuted && (count > 0 || isMarked)) };
};

/** What the title and the icon of the page count: of what is muted the mentions, of what is archived nothing. */
export const loudCount = (listed: readonly Listed[]): number =>
  listed.reduce((sum, one) => {
    if (isArchived(one)) return sum;
    const { count, mentions, isMarked } = unreadOf(one);
    return sum + (one.isMuted ? mentions : isMarked ? 1 : count);
  }, 0);

const fits: Record<ListFilter, (one: Listed) => boolean> = {
  all: () => true,
  unread: (one) => {
    const { count, isMarked } = unreadOf(one);
    return count > 0 || isMarked;
  },
  groups: ({ conversation }) => conversation.isGroup,
  people: ({ conversation }) => !conversation.isGroup,
  archived: () => true,
};

/** `listed` newest first. */
export const arrange = (listed: readonly Listed[], filter: ListFilter): Listed[] => {
  const shown = listed.filter((one) => isArchived(one) === (filter === 'archived') && fits[filter](one));
  const isFirst = ({ settings }: Listed) => settings.pinned === true && filter !== 'archived';
  return [...shown.filter(isFirst), ...shown.filter((one) => !isFirst(one))];
};

export type MuteFor = 'hour' | 'hours' | 'tomorrow' | 'forever';

/** What of a conversation its reader is told; as usual: by the kinds of messages in the settings. */
export const notifyChoices = ['usual', 'all', 'mentions', 'nothing'] as const;

export const muteChoices: readonly MuteFor[] = ['hour', 'hours', 'tomorrow', 'forever'];

/** Tomorrow begins at eight in the morning: at midnight nobody wants to be told. */
const morningHour = 8;

export const mutedUntil = (choice: MuteFor, now: Date): string => {
  if (choice === 'forever') return 'forever';
  const end = new Date(now);
  if (choice === 'tomorrow') {
    end.setDate(end.getDate() + 1);
    end.setHours(morningHour, 0, 0, 0);
  } else end.setTime(now.getTime() + (choice === 'hour' ? 1 : 8) * 3_600_000);
  return end.toISOString();
};
