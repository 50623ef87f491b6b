import { expect, test } from 'vitest';
import { isEmojiOnly, withoutBidi, withoutOverrides } from './safe-text.ts';

test.each(['👍', '❤️', '👨‍👩‍👧', '🇻🇳', '👋🏽 🎉', '1️⃣', '🏴󠁧󠁢󠁥󠁮󠁧󠁿'])(
  'given %s alone, then it is emoji only',
  (text) => {
    expect(isEmojiOnly(text)).toBe(true);
  },
);

test.each(['', ' ', 'a👍', '123', '©', '™ ®', '👍'.repeat(7), '#', '🎉!'])(
  'given %j, then it is not',
  (text) => {
    expect(isEmojiOnly(text)).toBe(false);
  },
);

test('given signs of direction, then names lose all of them and texts those that turn letters round', () => {
  expect(withoutBidi('a\u202eb\u2066c\u200f\u061cd')).toBe('abcd');
  expect(withoutOverrides('a\u202eb\u200fc')).toBe('ab\u200fc');
});
