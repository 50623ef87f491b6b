import { describe, expect, it } from 'vitest';
import { previewId } from '../schemas/ids.ts';
import type { PreviewRow } from '../schemas/previews.ts';
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
    expect(toMessage({ message: row, reactions, pin: null, previews: [] }, false).reactions).toEqual([
      { emoji: '👍', userIds: [row.senderId] },
    ]);
  });

  it('has none once it is deleted, though somebody reacted in that very moment', () => {
    const deleted = { ...row, content: '', deletedAt: row.createdAt, rev: 2 };
    const reactions = [{ ...given, active: true, at: row.createdAt, rev: 1 }];
    expect(toMessage({ message: deleted, reactions, pin: null, previews: [] }, false).reactions).toEqual([]);
  });

  describe('previews', () => {
    const previewOf = (url: string, active = true): PreviewRow => ({
      ...{ id: previewId(row.id, url), conversationId: row.conversationId, messageId: row.id },
      ...{
        senderId: row.senderId,
        url,
        siteName: '',
        title: url,
        description: '',
        image: null,
        messagePosition: 7,
      },
      ...{ active, at: row.createdAt, rev: 1 },
    });
    const shown = (message: MessageRow, ...previews: PreviewRow[]) =>
      toMessage({ message, reactions: [], pin: null, previews }, false).previews.map(({ url }) => url);
    const [one, two] = ['https://one.example/', 'https://two.example/'] as const;

    it('stand in the order of the links, without removed ones', () => {
      const both = { ...row, content: `${one} and ${two}` };
      expect(shown(both, previewOf(two), previewOf(one))).toEqual([one, two]);
      expect(shown(both, previewOf(two, false), previewOf(one))).toEqual([one]);
    });

    it('go with the link, and come back with it', () => {
      const previews = [previewOf(one)];
      expect(shown({ ...row, content: two }, ...previews)).toEqual([]);
      expect(shown({ ...row, content: `\`${one}\`` }, ...previews)).toEqual([]);
      expect(shown({ ...row, content: `again ${one}` }, ...previews)).toEqual([one]);
    });

    it('are none of a deleted message, though one came in that very moment', () => {
      expect(shown({ ...row, content: '', deletedAt: row.createdAt }, previewOf(one))).toEqual([]);
    });
  });
});
