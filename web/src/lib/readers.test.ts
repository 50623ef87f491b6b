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
      read: ['bob', 'dan'],
      notYet: ['cem'],
      unnamed: 0,
      isAll: false,
    });
  });

  it('does not claim to know of members who are not named, unless the server said that all have', () => {
    const large = group({ ann: '10', bob: '10' }, 250);
    expect(readersOf(message(), large, 'ann')).toMatchObject({ read: ['bob'], unnamed: 248, isAll: false });
    expect(readersOf(message(true), large, 'ann')).toMatchObject({ isAll: true });
  });
});
