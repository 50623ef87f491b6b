// Where a file is shown: asked by whoever wants to open it.
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { OpenHistory } from './contract.ts';
import { at, worldIn } from './contract-world.ts';

const fileOf = (mediaId: string) => ({ mediaId, name: 'ảnh.png', contentType: 'image/png', size: 7 });

export const mediaContract = (open: OpenHistory): void => {
  describe('the places of a file', () => {
    const friend = randomUUID();
    const asked = (mediaId: string, userId = friend) => open().reader.mediaPlaces(mediaId, userId, 100);

    it('are the messages that have it, in conversations that the person is or was in', async () => {
      const world = await worldIn(open());
      await world.open(friend);
      const [mediaId, id] = [randomUUID(), randomUUID()];
      const attachments = [fileOf(mediaId), fileOf(mediaId), fileOf(randomUUID())];
      const position = await world.event(world.message({ id, content: '', attachments }));
      const place = { conversationId: world.conversationId, messageId: id, position };
      expect(await asked(mediaId)).toEqual([place]);
      await world.event(world.message({ id, position, content: 'x', attachments, rev: 2 }));
      expect(await asked(mediaId)).toEqual([place]);
      expect(await asked(mediaId, randomUUID())).toEqual([]);
      expect(await asked(randomUUID())).toEqual([]);
      await world.event(world.member(friend, { active: false, leftPosition: world.place + 1, rev: 2 }));
      expect(await asked(mediaId)).toEqual([place]);
    });

    it('do not name a message that was deleted, nor one whose row was not taken', async () => {
      const world = await worldIn(open());
      await world.open(friend);
      const [kept, late] = [randomUUID(), randomUUID()];
      const id = randomUUID();
      const position = await world.event(world.message({ id, attachments: [fileOf(kept)] }));
      await world.event(world.message({ id, attachments: [fileOf(late)] }));
      expect(await asked(late)).toEqual([]);
      expect(await asked(kept)).toHaveLength(1);
      const gone = { id, position, content: '', deletedAt: '2026-02-01T00:00:00.000Z', rev: 2 };
      await world.event(world.message(gone));
      expect(await asked(kept)).toEqual([]);
      await world.event(world.message({ id, attachments: [fileOf(kept)] }));
      expect(await asked(kept)).toEqual([]);
    });

    it('are messages of whose link it is the picture, until the preview is removed or the message deleted', async () => {
      const world = await worldIn(open());
      await world.open(friend);
      const [mediaId, id] = [randomUUID(), randomUUID()];
      const position = await world.event(world.message({ id, content: 'https://example.com/' }));
      const image = { mediaId, width: 2, height: 1, placeholder: 'AAAA' };
      const preview = { image, messagePosition: position };
      await world.event(world.preview(id, preview));
      const place = { conversationId: world.conversationId, messageId: id, position };
      expect(await asked(mediaId)).toEqual([place]);
      expect((await open().reader.message(id))?.previews).toMatchObject([preview]);
      await world.event(world.preview(id, { ...preview, active: false, rev: 2 }));
      expect(await asked(mediaId)).toEqual([]);
      await world.event(world.preview(id, { ...preview, url: 'https://example.com/other' }));
      expect(await asked(mediaId)).toEqual([place]);
      await world.event(world.message({ id, position, content: '', deletedAt: at(9), rev: 2 }));
      expect(await asked(mediaId)).toEqual([]);
    });

    it('are conversations whose picture it is, while it is', async () => {
      const world = await worldIn(open());
      await world.open(friend);
      const mediaId = randomUUID();
      await world.event(world.conversation({ pictureUrl: `/api/media/${mediaId}`, rev: 2 }));
      const { conversationId } = world;
      expect(await asked(mediaId)).toEqual([{ conversationId, messageId: conversationId, position: 0 }]);
      await world.event(world.conversation({ pictureUrl: null, rev: 3 }));
      expect(await asked(mediaId)).toEqual([]);
    });
  });
};
