// Somebody's own words in a page that is open: asked for late, seldom, and known at once where they were changed here.
import { expect, test } from 'vitest';
import { usualPreferences } from '../../../schemas/notifications.ts';
import { Keywords } from './keywords.ts';

const setUp = (words: string[]) => {
  const server = { words, asked: 0, isAway: false };
  const clock = { now: 0 };
  const keywords = new Keywords(
    {
      notificationPreferences: async () => {
        server.asked += 1;
        if (server.isAway) throw new Error('away');
        return { ...usualPreferences, keywords: server.words };
      },
    },
    () => clock.now,
  );
  return { server, clock, keywords };
};

test('a word counts as a whole, without case and accents', async () => {
  const { keywords } = setUp(['Triển khai', 'pin']);
  expect(await keywords.occurIn('we TRIEN KHAI tonight')).toBe(true);
  expect(await keywords.occurIn('a pinned message')).toBe(false);
});

test('they are asked for once in a while, and by several messages at the same time once', async () => {
  const { server, clock, keywords } = setUp(['a']);
  expect(await Promise.all([keywords.occurIn('a'), keywords.occurIn('b')])).toEqual([true, false]);
  expect(server.asked).toBe(1);
  server.words = ['b'];
  clock.now = 6 * 60_000;
  expect(await keywords.occurIn('b')).toBe(true);
  expect(server.asked).toBe(2);
});

test('what was changed here counts without asking', async () => {
  const { server, keywords } = setUp([]);
  keywords.changed(['lunch']);
  expect(await keywords.occurIn('lunch?')).toBe(true);
  expect(server.asked).toBe(0);
});

test('where they cannot be asked for nothing rings, and the next message asks again', async () => {
  const { server, keywords } = setUp(['a']);
  server.isAway = true;
  expect(await keywords.occurIn('a')).toBe(false);
  server.isAway = false;
  expect(await keywords.occurIn('a')).toBe(true);
});
