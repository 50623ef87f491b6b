// Which messages ring, and which do not.
import { describe, expect, test } from 'vitest';
import { type Asked, isWorthIt, kindOf, usualKinds } from './notices.ts';

const now = Date.parse('2026-01-01T12:00:00.000Z');
const worth = (asked: Partial<Asked>) =>
  isWorthIt({ kind: 'direct', kinds: usualKinds, own: {}, sentAt: now - 1000, now, isSeen: false, ...asked });

describe('A notice', () => {
  test('given a message, then it is for oneself, about oneself, or to everybody', () => {
    expect(kindOf({ mentions: [] }, { isGroup: false }, 'me')).toBe('direct');
    expect(kindOf({ mentions: ['me'] }, { isGroup: false }, 'me')).toBe('mention');
    expect(kindOf({ mentions: ['you'] }, { isGroup: true }, 'me')).toBe('group');
  });

  test('given the kinds that a person wants, then only those ring', () => {
    expect(worth({})).toBe(true);
    expect(worth({ kind: 'group' })).toBe(false);
    expect(worth({ kind: 'group', kinds: { ...usualKinds, group: true } })).toBe(true);
    expect(worth({ kind: 'mention', kinds: { direct: false, mention: false, group: false } })).toBe(false);
  });

  test('given a conversation with a wish of its own, then that counts', () => {
    expect(worth({ kind: 'group', own: { notify: 'all' } })).toBe(true);
    expect(worth({ kind: 'direct', own: { notify: 'mentions' } })).toBe(false);
    expect(worth({ kind: 'mention', own: { notify: 'mentions' } })).toBe(true);
    expect(worth({ kind: 'mention', own: { notify: 'nothing' } })).toBe(false);
  });

  test('given a muted conversation, then nothing rings until its time has come', () => {
    expect(worth({ own: { mutedUntil: 'forever', notify: 'all' } })).toBe(false);
    expect(worth({ own: { mutedUntil: '2026-01-01T12:00:01.000Z' } })).toBe(false);
    expect(worth({ own: { mutedUntil: '2026-01-01T11:59:59.000Z' } })).toBe(true);
  });

  test('given what the person looks at, or what was missed long ago, then nothing rings', () => {
    expect(worth({ isSeen: true })).toBe(false);
    expect(worth({ sentAt: now - 61_000 })).toBe(false);
  });
});
