import { describe, expect, test } from 'vitest';
import {
  comparePositions,
  continues,
  conversationWithMessage,
  conversationWithRead,
  countAfter,
  indexAt,
  mergeConversation,
  type Pending,
  upsert,
  withPending,
} from './merge.ts';
import type { Conversation, Message } from './protocol.ts';

const message = (position: number, extra: Partial<Message> = {}): Message => ({
  id: `m${position}`,
  conversationId: 'c',
  senderId: 'ann',
  content: `text ${position}`,
  attachments: [],
  replyTo: null,
  mentions: [],
  reactions: [],
  isRead: false,
  position: String(position),
  createdAt: '2026-01-01T10:00:00.000Z',
  editedAt: null,
  deletedAt: null,
  pinnedAt: null,
  previews: [],
  ...extra,
});

const conversation = (extra: Partial<Conversation> = {}): Conversation => ({
  id: 'c',
  isGroup: false,
  name: null,
  pictureUrl: null,
  historyVisibility: 'joined',
  members: ['me', 'ann'].map((userId) => ({ userId, isAdmin: false, joinedAt: '', readPosition: '0' })),
  memberCount: 2,
  lastMessage: null,
  unreadCount: 0,
  mentionCount: 0,
  createdAt: '',
  updatedAt: '',
  ...extra,
});

const pending = (id: string): Pending => ({
  ref: `ref-${id}`,
  id,
  conversationId: 'c',
  senderId: 'me',
  content: id,
  files: [],
  replyTo: null,
  createdAt: '2026-01-01T10:00:00.000Z',
  failure: null,
});

const positions = (rows: readonly Message[]) => rows.map(({ position }) => Number(position));

describe('The order of a timeline', () => {
  test('given positions of different length, when compared, then the longer one is later', () => {
    expect(comparePositions('9', '10')).toBeLessThan(0);
    expect(comparePositions('120', '99')).toBeGreaterThan(0);
    expect(comparePositions('42', '42')).toBe(0);
  });

  test('given rows, when newer, older and middle ones arrive, then every one is in its place once', () => {
    const rows = [message(10), message(20), message(30)];
    expect(positions(upsert(rows, [message(40)]))).toEqual([10, 20, 30, 40]);
    expect(positions(upsert(rows, [message(2), message(9)]))).toEqual([2, 9, 10, 20, 30]);
    expect(positions(upsert(rows, [message(15), message(20), message(99)]))).toEqual([10, 15, 20, 30, 99]);
  });

  test('given any shuffle with repeats, when all have arrived, then the order is the same', () => {
    const all = Array.from({ length: 200 }, (_, index) => message(index * 3 + 1));
    const arrivals = [...all, ...all.filter((_, index) => index % 3 === 0)].sort(
      (a, b) => hash(a.id) - hash(b.id),
    );
    const rows = arrivals.reduce<readonly Message[]>((known, one) => upsert(known, [one]), []);
    expect(positions(rows)).toEqual(positions(all));
  });

  test('given a known row, when a changed one with its position arrives, then it is replaced in place', () => {
    const rows = upsert([message(10), message(20)], [message(10, { content: 'changed', editedAt: 'now' })]);
    expect(rows.map(({ content }) => content)).toEqual(['changed', 'text 20']);
  });

  test('given a hundred thousand rows, when a page is put before them, then it takes no time worth noticing', () => {
    const rows = Array.from({ length: 100_000 }, (_, index) => message(1_000_000 + index));
    const startedAt = performance.now();
    const page = Array.from({ length: 100 }, (_, index) => message(index));
    expect(upsert(rows, page)).toHaveLength(100_100);
    expect(performance.now() - startedAt).toBeLessThan(200);
  });

  test('given a position, when looked up, then the first row that is not before it is found', () => {
    const rows = [message(10), message(20)];
    expect([5, 10, 11, 20, 21].map((position) => indexAt(rows, String(position)))).toEqual([0, 0, 1, 1, 2]);
  });

  test('given a reader at a position, when more arrive, then only those of others are counted', () => {
    const rows = [message(1), message(2), message(3, { senderId: 'me' }), message(4)];
    expect(countAfter(rows, '1', 'me')).toBe(2);
    expect(countAfter(rows, '4', 'me')).toBe(0);
  });

  test('given the same sender, when five minutes lie between, then a new group begins', () => {
    const later = message(2, { createdAt: '2026-01-01T10:05:00.000Z' });
    expect(continues(message(2), message(1))).toBe(true);
    expect(continues(later, message(1))).toBe(false);
    expect(continues(message(2, { senderId: 'me' }), message(1))).toBe(false);
    expect(continues(message(1), undefined)).toBe(false);
  });
});

describe('Pending sends over the confirmed rows', () => {
  test('given sends on their way, when shown, then they come last, in their own order', () => {
    const shown = withPending([message(1)], [pending('a'), pending('b')], () => false);
    expect(shown.map(({ id }) => id)).toEqual(['m1', 'a', 'b']);
  });

  test('given the log has one of them, when its row arrives, then the row stands alone under the same id', () => {
    const rows = [message(1), message(2, { id: 'a', senderId: 'me' })];
    const shown = withPending(rows, [pending('a'), pending('b')], (id) => rows.some((row) => row.id === id));
    expect(shown.map(({ id, position }) => [id, position])).toEqual([
      ['m1', '1'],
      ['a', '2'],
      ['b', ''],
    ]);
  });
});

describe('What a conversation knows', () => {
  test('given a message of another, when it comes twice, then it counts once', () => {
    const once = conversationWithMessage(conversation(), message(5, { mentions: ['me'] }), 'me');
    const twice = conversationWithMessage(once, message(5), 'me');
    expect([once.unreadCount, once.mentionCount, twice.unreadCount]).toEqual([1, 1, 1]);
    expect(twice.lastMessage?.id).toBe('m5');
  });

  test('given an own message or an older one, when it comes, then nothing is unread', () => {
    const own = conversationWithMessage(conversation(), message(5, { senderId: 'me' }), 'me');
    expect(own.unreadCount).toBe(0);
    expect(conversationWithMessage(own, message(4), 'me')).toBe(own);
  });

  test('given unread messages, when I read to the end, then the count is gone; in the middle it stays', () => {
    const known = conversation({ unreadCount: 2, lastMessage: message(9) });
    expect(conversationWithRead(known, { userId: 'me', position: '9' }, 'me').unreadCount).toBe(0);
    expect(conversationWithRead(known, { userId: 'me', position: '8' }, 'me').unreadCount).toBe(2);
  });

  test('given a read position, when an older receipt comes late, then it does not move back', () => {
    const known = conversationWithRead(conversation(), { userId: 'ann', position: '10' }, 'me');
    const later = conversationWithRead(known, { userId: 'ann', position: '9' }, 'me');
    expect(later.members.find(({ userId }) => userId === 'ann')?.readPosition).toBe('10');
  });

  test('given own counts, when a frame that is the same for everybody comes, then they stay', () => {
    const known = conversation({ unreadCount: 3, lastMessage: message(9) });
    const merged = mergeConversation(known, conversation({ name: 'New name' }), 'frame', 'me');
    expect([merged.name, merged.unreadCount, merged.lastMessage?.id]).toEqual(['New name', 3, 'm9']);
  });

  test('given a page that was read before the newest message came, when merged, then the newer knowledge stays', () => {
    const known = conversation({ unreadCount: 1, lastMessage: message(9) });
    const stale = mergeConversation(known, conversation({ lastMessage: message(8) }), 'page', 'me');
    expect([stale.unreadCount, stale.lastMessage?.id]).toEqual([1, 'm9']);
    const fresh = mergeConversation(known, conversation({ lastMessage: message(9) }), 'page', 'me');
    expect(fresh.unreadCount).toBe(0);
  });
});

const hash = (text: string): number =>
  [...text].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 9973, 5);
