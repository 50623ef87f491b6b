// How fresh search and statistics say that they are.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { ConversationEvent } from '../../schemas/events.ts';
import { Ring } from './ring.ts';
import { knownThrough } from './through.ts';

const now = '2026-01-02T12:00:00.000Z';
const at = (minute: number): string => `2026-01-02T03:${String(minute).padStart(2, '0')}:00.000Z`;
/** One event a minute in each lane, of which the ring begins behind `forgotten`. */
const seenOf = (lanes: number[][], forgotten = 0) => {
  const ring = new Ring(
    lanes.map(() => forgotten),
    { eventsMax: 1_000, bytesMax: 1e6 },
  );
  for (const [partition, minutes] of lanes.entries())
    for (const [index, minute] of minutes.entries())
      if (index >= forgotten) {
        const event = { time: at(minute) } as ConversationEvent;
        ring.push({ partition, place: index + 1, event, bytes: 1, verdict: 'admitted' });
      }
  return { ring, tailPlaces: () => lanes.map(({ length }) => length) };
};

beforeEach(() => void vi.useFakeTimers({ now: new Date(now) }));
afterEach(() => void vi.useRealTimers());

test('a view that has everything that was seen is as fresh as this moment', () => {
  const seen = seenOf([[1, 2], [3]]);
  expect(knownThrough(seen, [2, 1])).toBe(now);
  // Further than this tail is no less fresh.
  expect(knownThrough(seen, [5, 1])).toBe(now);
  expect(knownThrough(seenOf([[], []]), [])).toBe(now);
});

test('one that is behind is as old as the oldest event that it lacks, in whichever partition', () => {
  const seen = seenOf([
    [1, 2, 9],
    [3, 4],
  ]);
  expect(knownThrough(seen, [2, 2])).toBe(at(9));
  expect(knownThrough(seen, [2, 0])).toBe(at(3));
  expect(knownThrough(seen, [])).toBe(at(1));
});

test('one that lacks more than is remembered is no fresher than the oldest that is', () => {
  expect(knownThrough(seenOf([[1, 2, 3, 4]], 2), [0])).toBe(at(3));
});

test('a partition that stands still at what nobody can read makes nothing old but what lies behind it', () => {
  // The tail has passed a place that the ring does not hold, because it is no event.
  const seen = { ...seenOf([[1, 2]]), tailPlaces: () => [3] };
  expect(knownThrough(seen, [2])).toBe(now);
});
