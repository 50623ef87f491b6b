import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeCursor, encodeCursor } from './cursor.ts';

const places = fc.array(fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }), {
  minLength: 1,
  maxLength: 64,
});

test('a cursor gives back the places that it was made of', () => {
  fc.assert(
    fc.property(places, (given) => {
      expect(decodeCursor(encodeCursor('epoch', given), 'epoch', given.length)).toEqual(given);
    }),
  );
});

test('a cursor of another log is none', () => {
  const cursor = encodeCursor('the log before', [1, 2, 3]);
  expect(decodeCursor(cursor, 'this log', 3)).toBeNull();
});

test('a cursor of another number of partitions is none', () => {
  expect(decodeCursor(encodeCursor('epoch', [1, 2, 3]), 'epoch', 4)).toBeNull();
});

test('any text at all is either a cursor or none, and never an error', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 300 }), (text) => {
      decodeCursor(text, 'epoch', 12);
    }),
  );
});

test('a damaged cursor never claims a place that is no safe integer', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 80 }), (noise) => {
      const whole = Buffer.from(encodeCursor('epoch', []), 'base64url');
      const text = Buffer.concat([whole, noise]).toString('base64url');
      for (const place of decodeCursor(text, 'epoch', noise.length) ?? []) {
        expect(Number.isSafeInteger(place)).toBe(true);
      }
    }),
  );
});
