import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { deliveryOf } from '../parts/DeliveryState.svelte';
import { Deliveries } from './deliveries.svelte.ts';
import type { Row } from './merge.ts';
import type { ClientFrame, Conversation, Message } from './protocol.ts';

const message = (position: string, senderId = 'bob') => ({ id: position, senderId, position }) as Message;

describe('What has reached whom', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  const device = () => {
    const sent: ClientFrame[] = [];
    const line = { isOpen: true };
    const deliveries = new Deliveries('ann', (frame) => line.isOpen && sent.push(frame) > 0);
    return { sent, line, deliveries };
  };

  it('is said once for many messages, only for those of others, and only in small conversations', () => {
    const { sent, deliveries } = device();
    for (const position of ['7', '9', '12'])
      deliveries.got({ id: 'small', memberCount: 3 }, message(position));
    deliveries.got({ id: 'small', memberCount: 3 }, message('13', 'ann'));
    deliveries.got({ id: 'large', memberCount: 500 }, message('4'));
    vi.runAllTimers();
    deliveries.got({ id: 'small', memberCount: 3 }, message('9'));
    vi.runAllTimers();
    expect(sent).toEqual([{ type: 'delivered', conversationId: 'small', position: '12' }]);
  });

  it('is owed while there is no connection, and said when there is one', () => {
    const { sent, line, deliveries } = device();
    line.isOpen = false;
    deliveries.got({ id: 'small', memberCount: 2 }, message('7'));
    vi.runAllTimers();
    expect(sent).toEqual([]);
    line.isOpen = true;
    deliveries.flush();
    expect(sent).toHaveLength(1);
  });

  it('makes a message delivered when everybody has it, and read is more than that', () => {
    const { deliveries } = device();
    const member = (userId: string, readPosition = '0') => ({
      userId,
      readPosition,
      isAdmin: false,
      joinedAt: '',
    });
    const group = (readPosition = '0') =>
      ({
        memberCount: 3,
        members: [member('ann'), member('bob'), member('chi', readPosition)],
      }) as Conversation;
    const row = { ...message('10', 'ann'), isRead: false } as Row;
    const state = (conversation = group()) => deliveryOf(row, conversation, 'ann', deliveries.in('c')).state;
    expect(state()).toBe('sent');
    deliveries.heard('c', 'bob', '10');
    deliveries.heard('c', 'chi', '9');
    expect(state()).toBe('sent');
    // Who has read it has it.
    expect(state(group('11'))).toBe('delivered');
    deliveries.heard('c', 'chi', '12');
    deliveries.heard('c', 'chi', '3');
    expect(state()).toBe('delivered');
    expect(deliveryOf({ ...row, isRead: true }, group(), 'ann', deliveries.in('c')).state).toBe('read');
  });
});
