import { describe, expect, it } from 'vitest';
import { searchLocally } from './local-search.ts';
import type { Conversation, Message } from './protocol.ts';

const said = (content: string, more: Partial<Message> = {}) =>
  ({
    id: content,
    conversationId: 'c',
    senderId: 'bob',
    content,
    attachments: [],
    mentions: [],
    replyTo: null,
    deletedAt: null,
    createdAt: '2026-03-02T12:00:00.000Z',
    ...more,
  }) as unknown as Message;
const file = (contentType: string) => ({ mediaId: 'm', name: 'a', contentType, size: 1 });
const find = (question: string, ...messages: Message[]) =>
  searchLocally(question, {
    messages,
    conversation: (id) => (id === 'gone' ? undefined : ({ id, name: 'Trip' } as Conversation)),
    name: (id) => id,
    me: 'ann',
    now: new Date('2026-03-03T12:00:00.000Z'),
  }).items.map(({ message }) => message.content);

describe('A search in what this browser keeps', () => {
  it.each([
    ['duong', ['con đường']],
    ['DƯỜNG con', ['con đường']],
    ['"an toàn"', ['rất an toàn']],
    ['"toàn an"', []],
    ['-rat toan', ['toàn bộ']],
    ['du', ['con đường']],
    ['from:ann', ['của tôi']],
    ['from:me', ['của tôi']],
    ['in:other', ['ở nơi khác']],
    ['on:2026-03-01', ['hôm trước']],
    ['before:2026-03-02', ['hôm trước']],
    ['has:link', ['xem https://example.org']],
    ['has:image', ['ảnh']],
    ['has:file', ['tệp', 'ảnh']],
    ['is:reply', ['trả lời']],
    ['gone', []],
  ])('finds %s by the same words, accents and operators', (question, expected) => {
    const found = find(
      question,
      said('con đường'),
      said('rất an toàn'),
      said('toàn bộ'),
      said('của tôi', { senderId: 'ann' }),
      said('ảnh', { attachments: [file('image/png')] }),
      said('tệp', { attachments: [file('text/plain')] }),
      said('ở nơi khác', { conversationId: 'other' }),
      said('hôm trước', { createdAt: '2026-03-01T12:00:00.000Z' }),
      said('xem https://example.org'),
      said('trả lời', { replyTo: 'x' }),
      said('gone', { deletedAt: '2026-03-02T12:00:00.000Z' }),
      said('gone', { conversationId: 'gone' }),
    );
    expect(found).toEqual(expected);
  });

  it('answers newest first and says where the words stand', () => {
    const { items, total } = searchLocally('moi', {
      messages: [said('cũ mới'), said('mới', { createdAt: '2026-03-03T00:00:00.000Z' })],
      conversation: () => ({ id: 'c' }) as Conversation,
      name: () => '',
      me: 'ann',
      now: new Date(),
    });
    expect([total, items.map(({ highlights }) => highlights)]).toEqual([
      2,
      [[{ start: 0, length: 3 }], [{ start: 3, length: 3 }]],
    ]);
  });
});
