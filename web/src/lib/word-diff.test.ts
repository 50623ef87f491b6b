import { expect, test } from 'vitest';
import { wordDiff } from './word-diff.ts';

const shown = (before: string, after: string): string =>
  wordDiff(before, after)
    .map(({ kind, text }) => ({ same: text, added: `{+${text}+}`, removed: `{-${text}-}` })[kind])
    .join('');

test('an edit is told word by word, also in Vietnamese, with its white space', () => {
  expect(shown('gặp nhau lúc sáu giờ', 'gặp nhau lúc bảy giờ')).toBe('gặp nhau lúc {-sáu-}{+bảy+} giờ');
  expect(shown('one\ntwo', 'one\ntwo three')).toBe('one\ntwo{+ three+}');
  expect(shown('same', 'same')).toBe('same');
});

test('what was removed and what stayed is the old text, what was added and what stayed the new one', () => {
  const [before, after] = ['the old plan, with a 👩‍👩‍👧 in it', 'a new plan 👩‍👧 with it'];
  const of = (kind: string) =>
    wordDiff(before, after)
      .filter((part) => part.kind === 'same' || part.kind === kind)
      .map(({ text }) => text)
      .join('');
  expect([of('removed'), of('added')]).toEqual([before, after]);
});

test('texts that have nothing in common and no end are answered in bounded time', () => {
  const words = (seed: number) =>
    Array.from({ length: 3_000 }, (_, i) => ((i * seed) % 7919).toString(36)).join(' ');
  const began = performance.now();
  const parts = wordDiff(words(31), words(37));
  expect(performance.now() - began).toBeLessThan(5_000);
  expect(parts.length).toBeGreaterThan(1);
});
