import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Erasing } from './erasing.ts';

beforeEach(() => void vi.useFakeTimers({ now: new Date('2026-11-30T10:00:00Z') }));
afterEach(() => void vi.useRealTimers());

/** One account whose deletion was touched last just now, by a process that is gone or is not. */
const leftBehind = (isAlone: boolean) => {
  const touchedAt = new Date().toISOString();
  const left = ['leaver'];
  const erasing = new Erasing({
    isAlone,
    erasures: {
      takeErasure: async ({ untouchedSince }) => {
        const userId = touchedAt <= untouchedSince ? left[0] : undefined;
        return userId === undefined ? null : { userId, deleteMessages: false };
      },
      touchErasure: async () => {},
      erasureDone: async () => void left.pop(),
    },
    chat: {
      conversations: async () => ({ items: [], nextCursor: null }),
      history: async () => ({ items: [], nextCursor: null }),
      deleteMessage: () => Promise.reject(new Error('nothing was said')),
      removeMember: async () => null,
    },
  });
  erasing.start();
  return { erasing, left };
};

test('given the only process there is, when it starts, then what its predecessor left is done at once', async () => {
  const { erasing, left } = leftBehind(true);
  await vi.advanceTimersByTimeAsync(0);
  expect(left).toEqual([]);
  await erasing.close();
});

test('given one of several, when a deletion has been touched lately, then it is left to whoever does it, and taken over when that one is silent', async () => {
  const { erasing, left } = leftBehind(false);
  await vi.advanceTimersByTimeAsync(59_000);
  expect(left).toEqual(['leaver']);
  await vi.advanceTimersByTimeAsync(31_000);
  expect(left).toEqual([]);
  await erasing.close();
});
