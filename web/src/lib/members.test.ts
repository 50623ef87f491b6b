import { describe, expect, test } from 'vitest';
import { Members } from './members.svelte.ts';
import type { Conversation, Member, User } from './protocol.ts';

const member = (userId: string): Member => ({ userId, isAdmin: false, joinedAt: '', readPosition: '0' });
const ids = Array.from({ length: 250 }, (_, index) => `u${index}`);

const setup = () => {
  let asked = 0;
  const page = <T>(all: T[], cursor = '0') => {
    const from = Number(cursor);
    const next = from + 100 < all.length ? String(from + 100) : null;
    return { items: all.slice(from, from + 100), nextCursor: next };
  };
  const members = new Members(
    {
      members: async (_id, cursor) => {
        asked += 1;
        return page(ids.map(member), cursor);
      },
      users: async (q, _limit, cursor) =>
        page(
          [...ids, 'stranger 240'].filter((id) => id.includes(q)).map((id) => ({ id }) as User),
          cursor,
        ),
    },
    'c',
  );
  const conversation = { members: ids.slice(0, 100).map(member) } as Conversation;
  return { members, conversation, asked: () => asked };
};

describe('The members of a large group', () => {
  test('come page by page, none twice, and none after the last', async () => {
    const { members, conversation, asked } = setup();
    const counts = [members.of(conversation).length];
    while (await members.more()) counts.push(members.of(conversation).length);
    expect([counts, asked()]).toEqual([[100, 100, 200, 250], 3]);
  });

  test('are found by name, also those that nobody has scrolled to', async () => {
    const { members, conversation } = setup();
    const found = await members.find('240');
    const shown = members.of(conversation).filter(({ userId }) => found.has(userId));
    expect(shown.map(({ userId }) => userId)).toEqual(['u240']);
  });

  test('who was made an admin or removed is so at once', async () => {
    const { members, conversation } = setup();
    await members.find('u');
    members.promoted('u200', true);
    members.removed('u201');
    const further = new Map(members.of(conversation).map((one) => [one.userId, one.isAdmin]));
    expect([further.get('u200'), further.has('u201'), further.size]).toEqual([true, false, 249]);
  });
});
