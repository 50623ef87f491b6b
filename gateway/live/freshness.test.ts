import { expect, test } from 'vitest';
import { isOutsideError } from '../../ports/errors.ts';
import { Freshness } from './freshness.ts';

const never = { applied: () => new Promise<number[]>(() => undefined) };

test('what is applied already need not be waited for', () => {
  const freshness = new Freshness({ history: never, timeoutMs: 1000 });
  freshness.advanced('t', 2, 10);
  expect(freshness.place('t', 2, 10)).toBeUndefined();
});

test('a waiter is woken by the consumer in the same process', async () => {
  const freshness = new Freshness({ history: never, timeoutMs: 1000 });
  const waiting = freshness.place('t', 0, 5);
  freshness.advanced('t', 0, 4);
  freshness.advanced('t', 0, 5);
  await waiting;
});

test('history is asked while somebody waits, until it is there', async () => {
  let applied = 0;
  const freshness = new Freshness({
    history: { applied: async () => [applied++, 100] },
    timeoutMs: 1000,
  });
  await freshness.all('t', [3, 50]);
  expect(applied).toBeGreaterThanOrEqual(3);
});

test('a wait is bounded and ends in a typed, temporary failure', async () => {
  const freshness = new Freshness({ history: never, timeoutMs: 20 });
  const failure = await freshness.place('t', 0, 5)?.catch((error) => error);
  expect(isOutsideError(failure) && failure.retry).toBe('later');
});

test('a history that is away for a moment is asked again', async () => {
  let calls = 0;
  const freshness = new Freshness({
    history: {
      applied: async () => {
        calls += 1;
        if (calls < 3) throw new Error('away');
        return [9];
      },
    },
    timeoutMs: 2000,
  });
  await freshness.place('t', 0, 9);
  expect(calls).toBe(3);
});

test('a wait is for the places of the moment of asking, though the asker moves on', async () => {
  const freshness = new Freshness({ history: never, timeoutMs: 1000 });
  const places = [5];
  const waiting = freshness.all('t', places);
  places[0] = 1_000_000;
  freshness.advanced('t', 0, 5);
  await waiting;
});
