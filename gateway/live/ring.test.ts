import { expect, test } from 'vitest';
import type { ConversationEvent } from '../../schemas/events.ts';
import { type Recent, Ring } from './ring.ts';

const recent = (partition: number, place: number, bytes = 100): Recent => ({
  partition,
  place,
  event: { subject: 'c' } as ConversationEvent,
  bytes,
  verdict: 'admitted',
});
const placesOf = (recents: Recent[] | null) => recents?.map(({ place }) => place);

test('a ring gives what came after a place, in order, of that partition only', () => {
  const ring = new Ring([0, 0], { eventsMax: 100, bytesMax: 100_000 });
  for (const place of [1, 2, 5, 9]) ring.push(recent(0, place));
  ring.push(recent(1, 3));
  expect(placesOf(ring.after(0, 2))).toEqual([5, 9]);
  expect(placesOf(ring.after(0, 9))).toEqual([]);
  expect(placesOf(ring.after(1, 0))).toEqual([3]);
});

test('a ring says so when it does not reach back far enough, and never leaves a hole', () => {
  const ring = new Ring([10], { eventsMax: 3, bytesMax: 100_000 });
  expect(ring.after(0, 9)).toBeNull();
  for (const place of [11, 12, 13, 14]) ring.push(recent(0, place));
  expect(ring.after(0, 10)).toBeNull();
  expect(placesOf(ring.after(0, 11))).toEqual([12, 13, 14]);
});

test('a ring is bounded in bytes: the longest partition gives way', () => {
  const ring = new Ring([0, 0], { eventsMax: 1000, bytesMax: 1000 });
  ring.push(recent(1, 1));
  for (let place = 1; place <= 50; place++) ring.push(recent(0, place));
  expect(ring.after(0, ring.dropped(0))?.length).toBeLessThanOrEqual(9);
  expect(placesOf(ring.after(1, 0))).toEqual([1]);
});

test('a ring that has dropped thousands still finds its places', () => {
  const ring = new Ring([0], { eventsMax: 10, bytesMax: 10_000_000 });
  for (let place = 1; place <= 20_000; place++) ring.push(recent(0, place));
  expect(placesOf(ring.after(0, 19_995))).toEqual([19_996, 19_997, 19_998, 19_999, 20_000]);
});
