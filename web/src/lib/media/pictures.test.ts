import { describe, expect, test } from 'vitest';
import type { Message } from '../protocol.ts';
import { Pictures } from './pictures.svelte.ts';

const message = (n: number, types: string[], deletedAt: string | null = null) =>
  ({
    id: `message ${n}`,
    deletedAt,
    attachments: types.map((contentType, index) => ({
      mediaId: `${n}.${index}`,
      name: 'a',
      contentType,
      size: 1,
    })),
  }) as unknown as Message;

/** A conversation of which the last page is there. */
const conversation = (pages: Message[][]) => {
  let from = pages.length - 1;
  const stretch = {
    get rows() {
      return pages.slice(from).flat();
    },
    get isAtStart() {
      return from === 0;
    },
    isLive: true,
    loaded: 0,
    loadOlder: async () => {
      from -= 1;
      stretch.loaded += 1;
    },
    loadNewer: async () => undefined,
  };
  return stretch;
};

describe('The pictures of a conversation', () => {
  test('given one that is open, when one goes on, then the others follow across messages, and at the end it says so', async () => {
    const stretch = conversation([
      [
        message(1, ['image/png', 'text/plain', 'image/png']),
        message(2, ['image/png'], 'deleted'),
        message(3, ['image/jpeg']),
      ],
    ]);
    const pictures = new Pictures(stretch, { messageId: 'message 1', mediaId: '1.0' });
    const at = () => pictures.current?.attachment.mediaId;
    expect(await pictures.go(1)).toBe(true);
    expect(at()).toBe('1.2');
    await pictures.go(1);
    expect([at(), pictures.neighbours.length]).toEqual(['3.0', 1]);
    expect(await pictures.go(1)).toBe(false);
    expect(at()).toBe('3.0');
    await pictures.go(-1);
    await pictures.go(-1);
    expect([at(), await pictures.go(-1)]).toEqual(['1.0', false]);
  });

  test('given that the earlier one is not loaded yet, then pages are until there is one', async () => {
    const words = Array.from({ length: 3 }, (_, n) => [message(10 + n, [])]);
    const stretch = conversation([[message(1, ['image/png'])], ...words, [message(20, ['image/png'])]]);
    const pictures = new Pictures(stretch, { messageId: 'message 20', mediaId: '20.0' });
    expect(await pictures.go(-1)).toBe(true);
    expect(pictures.current?.message.id).toBe('message 1');
    expect(stretch.loaded).toBe(4);
  });

  test('given one that was deleted meanwhile, then there is nothing to show', async () => {
    const pictures = new Pictures(conversation([[message(1, ['image/png'], 'now')]]), {
      messageId: 'message 1',
      mediaId: '1.0',
    });
    expect([pictures.current, await pictures.go(1)]).toEqual([undefined, false]);
  });
});
