import { describe, expect, it } from 'vitest';
import type { Conversation, Message } from './protocol.ts';
import { readersOf } from './readers.ts';

const message = (isRead = false) => ({ position: '10', isRead }) as Message;
const group = (positions: Record<string, string>, memberCount = Object.keys(positions).length) =>
  ({
    memberCount,
    members: Object.entries(positions).map(([userId, readPosition]) => ({ userId, readPosition })),
  }) as Conversation;

describe('Who has read a message', () => {
  it('is who read up to it or further, without oneself', () => {
    expect(readersOf(message(), group({ ann: '10', bob: '10', cem: '9', dan: '100' }), 'ann')).toEqual({
      read: [
        { userId: 'bob', at: null },
        { userId: 'dan', at: null },
      ],
      notYet: ['cem'],
      unnamed: 0,
      isAll: false,
    });
  });

  it('has the times that the server tells, first come first, also of members who are not named', () => {
    const told = [
      { userId: 'dan', at: '2026-01-01T10:00:01.000Z' },
      { userId: 'far', at: '2026-01-01T09:00:00.000Z' },
    ];
    const { read, notYet, unnamed } = readersOf(
      message(),
      group({ ann: '10', bob: '10', cem: '9', dan: '100' }, 6),
      'ann',
      told,
    );
    expect(read).toEqual([
      { userId: 'far', at: '2026-01-01T09:00:00.000Z' },
      { userId: 'dan', at: '2026-01-01T10:00:01.000Z' },
      { userId: 'bob', at: null },
    ]);
    expect([notYet, unnamed]).toEqual([['cem'], 1]);
  });

  it('does not claim to know of members who are not named, unless the server said that all have', () => {
    const large = group({ ann: '10', bob: '10' }, 250);
    expect(readersOf(message(), large, 'ann')).toMatchObject({
      read: [{ userId: 'bob', at: null }],
      unnamed: 248,
      isAll: false,
    });
    expect(readersOf(message(true), large, 'ann')).toMatchObject({ isAll: true });
  });
});
