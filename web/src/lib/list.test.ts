import { describe, expect, test } from 'vitest';
import type { ConversationSettings } from '../../../schemas/personal.ts';
import { arrange, isArchived, type Listed, loudCount, mutedUntil, unreadOf } from './list.ts';
import type { Conversation, Message } from './protocol.ts';

const at = (minute: number) => `2026-11-30T10:${String(minute).padStart(2, '0')}:00.000Z`;

const listed = (
  id: string,
  lastAt: number,
  about: Partial<Conversation> = {},
  settings: ConversationSettings = {},
  isMuted = settings.mutedUntil !== undefined,
): Listed => ({
  conversation: {
    id,
    isGroup: false,
    unreadCount: 0,
    mentionCount: 0,
    lastMessage: { createdAt: at(lastAt) } as Message,
    ...about,
  } as Conversation,
  settings,
  isMuted,
  changedAt: at(10),
});
const ids = (rows: Listed[]) => rows.map(({ conversation }) => conversation.id);

describe('The list', () => {
  test('pinned ones come first, each part newest first', () => {
    const rows = [
      listed('a', 4),
      listed('b', 3, {}, { pinned: true }),
      listed('c', 2),
      listed('d', 1, {}, { pinned: true }),
    ];
    expect(ids(arrange(rows, 'all'))).toEqual(['b', 'd', 'a', 'c']);
  });

  test('filters show unread ones, also those marked so, groups, or people', () => {
    const rows = [
      listed('unread', 4, { unreadCount: 2 }),
      listed('marked', 3, {}, { unreadFrom: '7' }),
      listed('group', 2, { isGroup: true }),
    ];
    expect(ids(arrange(rows, 'unread'))).toEqual(['unread', 'marked']);
    expect(ids(arrange(rows, 'groups'))).toEqual(['group']);
    expect(ids(arrange(rows, 'people'))).toEqual(['unread', 'marked']);
  });

  test('archived ones stand by themselves, and come back with a later message or a mention', () => {
    const away = { archived: true };
    const muted = { archived: true, mutedUntil: 'forever' as const };
    const rows = [
      listed('quiet', 5, {}, away),
      listed('spoken', 15, {}, away),
      listed('muted', 15, { unreadCount: 1 }, muted),
      listed('mentioned', 15, { mentionCount: 1 }, muted),
    ];
    expect(ids(arrange(rows, 'archived'))).toEqual(['quiet', 'muted']);
    expect(ids(arrange(rows, 'all'))).toEqual(['spoken', 'mentioned']);
    // While the change is on its way, no clock is compared with another.
    expect(isArchived({ ...listed('now', 15, {}, away), changedAt: null })).toBe(true);
  });

  test('what is muted counts its mentions only, what is archived nothing, what is marked one', () => {
    const rows = [
      listed('a', 1, { unreadCount: 3, mentionCount: 1 }),
      listed('b', 1, { unreadCount: 5, mentionCount: 2 }, { mutedUntil: 'forever' }),
      listed('c', 1, { unreadCount: 7 }, { archived: true }),
      listed('d', 1, {}, { unreadFrom: '3' }),
    ];
    expect(loudCount(rows)).toBe(3 + 2 + 1);
    expect(unreadOf(rows[1]!)).toEqual({ count: 5, mentions: 2, isMarked: false, isLoud: true });
    expect(unreadOf(listed('e', 1, { unreadCount: 5 }, { mutedUntil: 'forever' })).isLoud).toBe(false);
  });

  test('a mute ends after hours, in the morning of tomorrow, or never', () => {
    const now = new Date(2026, 10, 30, 22, 30);
    expect(mutedUntil('hour', now)).toBe(new Date(2026, 10, 30, 23, 30).toISOString());
    expect(mutedUntil('hours', now)).toBe(new Date(2026, 11, 1, 6, 30).toISOString());
    expect(mutedUntil('tomorrow', now)).toBe(new Date(2026, 11, 1, 8).toISOString());
    expect(mutedUntil('forever', now)).toBe('forever');
  });
});
