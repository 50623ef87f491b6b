import { describe, expect, it } from 'vitest';
import type { MessageRow } from '../schemas/rows.ts';
import { toMessage } from './views.ts';

const row: MessageRow = {
  id: '00000000-0000-4000-8000-000000000001',
  conversationId: '00000000-0000-4000-8000-000000000002',
  senderId: '00000000-0000-4000-8000-000000000003',
  position: 7,
  content: 'so',
  attachments: [],
  replyTo: null,
  mentions: [],
  createdAt: '2026-01-01T00:00:00.000Z',
  editedAt: null,
  deletedAt: null,
  rev: 1,
};
const given = { conversationId: row.conversationId, messageId: row.id, userId: row.senderId, emoji: '👍' };

describe('A message as others see it', () => {
  it('has its reactions', () => {
    const reactions = [{ ...given, active: true, at: row.createdAt, rev: 1 }];
    expect(toMessage(row, reactions, null, false).reactions).toEqual([
      { emoji: '👍', userIds: [row.senderId] },
    ]);
  });

  it('has none once it is deleted, though somebody reacted in that very moment', () => {
    const deleted = { ...row, content: '', deletedAt: row.createdAt, rev: 2 };
    const reactions = [{ ...given, active: true, at: row.createdAt, rev: 1 }];
    expect(toMessage(deleted, reactions, null, false).reactions).toEqual([]);
  });
});
