import { v5 } from 'uuid';
import { expect, test } from 'vitest';
import { Bloom } from './bloom.ts';
import { KnownIds } from './known-ids.ts';

const sender = '6ba7b810-9dad-41d1-80b4-00c04fd430c8';
const id = (n: number) => v5(`ref ${n}`, sender);
const seen = (place: number) => ({
  partition: 0,
  place,
  verdict: 'admitted' as const,
  conversationId: 'c',
});

test('the filter never denies an id that it has, and rarely asks in vain', () => {
  const filter = new Bloom(10_000);
  for (let n = 0; n < 10_000; n++) filter.add(id(n));
  for (let n = 0; n < 10_000; n++) expect(filter.mayHave(id(n))).toBe(true);
  let inVain = 0;
  for (let n = 10_000; n < 20_000; n++) inVain += Number(filter.mayHave(id(n)));
  expect(inVain).toBeLessThan(50);
});

test('until all ids have been read, everything may be stored', async () => {
  const stored = Array.from({ length: 3 }, (_, n) => id(n));
  const known = new KnownIds({ history: { messageIds: async () => stored }, recentMax: 100 });
  expect(known.mayBeStored(id(999))).toBe(true);
  await known.load(() => undefined);
  expect(known.mayBeStored(id(1))).toBe(true);
  expect(known.mayBeStored(id(999))).toBe(false);
});

test('reading goes on where an outage stopped it', async () => {
  let failures = 1;
  const reasons: string[] = [];
  const known = new KnownIds({
    history: {
      messageIds: async () => {
        if (failures-- > 0) throw new Error('away');
        return [id(7)];
      },
    },
    recentMax: 100,
  });
  await known.load((reason) => reasons.push(reason));
  expect(reasons).toEqual(['away']);
  expect(known.mayBeStored(id(7))).toBe(true);
});

test('the newest ids are remembered exactly, a bounded number of them', () => {
  const known = new KnownIds({ history: { messageIds: async () => [] }, recentMax: 100 });
  for (let n = 0; n < 500; n++) known.note(id(n), seen(n + 1));
  expect(known.seen(id(499))?.place).toBe(500);
  expect(known.seen(id(460))?.place).toBe(461);
  expect(known.seen(id(0))).toBeUndefined();
  const remembered = Array.from({ length: 500 }, (_, n) => known.seen(id(n))).filter(Boolean).length;
  expect(remembered).toBeLessThanOrEqual(100);
});
