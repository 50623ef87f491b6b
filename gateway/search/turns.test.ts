import { expect, test } from 'vitest';
import { isRefusal } from '../../schemas/refusal.ts';
import { SearchTurns } from './turns.ts';

test('one person may search only so often at once, and again when one has ended', () => {
  const turns = new SearchTurns();
  const mine = Array.from({ length: 8 }, () => turns.enter('ann'));
  expect(mine.some(isRefusal)).toBe(false);
  expect(turns.enter('ann')).toMatchObject({ code: 'rate_limited', retryAfterMs: 1_000 });
  expect(isRefusal(turns.enter('bob'))).toBe(false);
  (mine[0] as () => void)();
  expect(isRefusal(turns.enter('ann'))).toBe(false);
  expect(turns.enter('ann')).toMatchObject({ code: 'rate_limited' });
});

test('a gateway takes only so many at once, from however many people', () => {
  const turns = new SearchTurns();
  const all = Array.from({ length: 32 }, (_, n) => turns.enter(`person ${n}`));
  expect(all.some(isRefusal)).toBe(false);
  expect(turns.enter('one more')).toMatchObject({ code: 'overloaded', retryAfterMs: 1_000 });
  (all[5] as () => void)();
  expect(isRefusal(turns.enter('one more'))).toBe(false);
});
