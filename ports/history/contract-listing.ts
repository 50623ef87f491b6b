// Reading: a person's list with its counts, and the members of a conversation.
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { MemberRow } from '../../schemas/rows.ts';
import { ForeignCursorError } from '../errors.ts';
import type { OpenHistory } from './contract.ts';
import { at, foreignCursors, type World, worldIn } from './contract-world.ts';

export const listingContract = (open: OpenHistory): void => {
  describe('the list', () => {
    it('orders by newest activity, and pages without repeating or leaving out', async () => {
      const world = await worldIn(open());
      const others = Array.from({ length: 5 }, () => randomUUID());
      await world.open();
      for (const id of others) {
        await world.event(
          world.conversation({ id }),
          world.member(world.owner, { conversationId: id, isAdmin: true }),
        );
      }
      await world.event(world.message({ conversationId: others[1] as string }));
      // A conversation that was left is not in the list.
      const left = { conversationId: others[0] as string, active: false, leftPosition: world.place, rev: 2 };
      await world.event(world.member(world.owner, left));
      const [, b, c, d, e] = others;
      const expected = [b, e, d, c, world.conversationId];
      const all = await open().reader.list(world.owner, { limit: 50 });
      expect(all.items.map(({ conversation }) => conversation.id)).toEqual(expected);
      expect(all.nextCursor).toBeNull();
      const paged: string[] = [];
      for (let cursor: string | null = ''; cursor !== null; ) {
        const page = await open().reader.list(world.owner, { limit: 2, ...(cursor ? { cursor } : {}) });
        paged.push(...page.items.map(({ conversation }) => conversation.id));
        cursor = page.nextCursor;
      }
      expect(paged).toEqual(expected);
      for (const cursor of foreignCursors(['soon', others[0]], ['2026-02-31T00:00:00.000Z', others[0]]))
        await expect(open().reader.list(world.owner, { limit: 2, cursor })).rejects.toThrow(
          ForeignCursorError,
        );
    });

    const one = async (world: World, userId: string) => {
      const views = await world.store.reader.views(world.conversationId, [userId]);
      const { items } = await world.store.reader.list(userId, { limit: 10 });
      expect(items).toEqual([...views.values()]);
      const listed = await world.store.reader.listed(userId, [randomUUID(), world.conversationId]);
      expect([...listed]).toEqual([[world.conversationId, items[0]]]);
      return items[0];
    };

    it('counts messages of others after the mark that are visible and not deleted', async () => {
      const world = await worldIn(open());
      const ann = randomUUID();
      await world.open(ann);
      const places = await world.send(6);
      await world.send(2, { senderId: ann });
      expect(await one(world, ann)).toMatchObject({ unreadCount: 6, memberCount: 2 });
      expect(await one(world, world.owner)).toMatchObject({ unreadCount: 2 });
      await world.event(world.mark(ann, places[2] as number));
      const [stored] = await open().reader.page({
        conversationId: world.conversationId,
        visible: 'all',
        after: (places[3] as number) - 1,
        limit: 1,
      });
      await world.event(world.message({ ...stored?.message, content: '', deletedAt: at(1), rev: 2 }));
      expect(await one(world, ann)).toMatchObject({ unreadCount: 2, changed: world.place });
    });

    it('shows and counts nothing from before the joining, unless the history is open', async () => {
      const world = await worldIn(open());
      const ann = randomUUID();
      await world.open();
      await world.send(3);
      await world.event(world.member(ann));
      expect(await one(world, ann)).toMatchObject({ unreadCount: 0, lastMessage: null });
      await world.event(world.conversation({ historyVisibility: 'all', rev: 2 }));
      expect(await one(world, ann)).toMatchObject({
        unreadCount: 3,
        lastMessage: { message: { position: 4 } },
      });
    });

    it('counts in all spans of one who left and came back', async () => {
      const world = await worldIn(open());
      const ann = randomUUID();
      await world.open(ann);
      const [p] = (await world.send(6)) as [number];
      const spans: MemberRow['spans'] = [
        [p, p + 1],
        [p + 2, p + 4],
      ];
      await world.event(world.member(ann, { spans, rev: 2 }));
      expect(await one(world, ann)).toMatchObject({
        unreadCount: 3,
        lastMessage: { message: { position: p + 3 } },
      });
    });

    it('counts mentions by what the message says now', async () => {
      const world = await worldIn(open());
      const ann = randomUUID();
      const [edited, deleted, own] = [randomUUID(), randomUUID(), randomUUID()];
      await world.open(ann);
      const p = world.place + 1;
      const mentions = [ann];
      await world.batch([
        [world.message({ id: edited, mentions })],
        [world.message({ id: deleted, mentions })],
        [world.message({ id: own, mentions, senderId: ann })],
        [world.message({ mentions: [ann, ann] })],
        [world.message()],
      ]);
      expect(await one(world, ann)).toMatchObject({ unreadCount: 4, mentionCount: 3 });
      await world.event(world.message({ id: edited, position: p, mentions: [], rev: 2 }));
      await world.event(world.message({ id: edited, position: p, mentions, rev: 2 }));
      await world.event(world.message({ id: deleted, position: p + 1, mentions, deletedAt: at(9), rev: 2 }));
      expect(await one(world, ann)).toMatchObject({ unreadCount: 3, mentionCount: 1 });
      await world.event(world.message({ id: edited, position: p, mentions, rev: 3 }));
      expect(await one(world, ann)).toMatchObject({ mentionCount: 2 });
      await world.event(world.mark(ann, p + 3));
      expect(await one(world, ann)).toMatchObject({ mentionCount: 0, unreadCount: 1 });
    });

    it('shows at most a hundred members: the reader, then admins', async () => {
      const world = await worldIn(open());
      const many = Array.from({ length: 150 }, () => randomUUID());
      const [late, admin] = [randomUUID(), randomUUID()];
      await world.open(...many);
      await world.event(world.member(admin, { isAdmin: true }), world.member(late));
      await world.event(
        world.member(many[0] as string, { active: false, leftPosition: world.place, rev: 2 }),
      );
      const entry = await one(world, late);
      expect(entry?.members).toHaveLength(100);
      expect(entry?.members.slice(0, 3).map((row) => row.userId)).toEqual([late, world.owner, admin]);
      expect(new Set(entry?.members.map((row) => row.userId)).size).toBe(100);
      expect(entry?.memberCount).toBe(152);
    });

    it('has no view for who is no member', async () => {
      const world = await worldIn(open());
      await world.open();
      const views = await open().reader.views(world.conversationId, [randomUUID(), world.owner]);
      expect([...views.keys()]).toEqual([world.owner]);
    });
  });

  it('pages through members: admins first, then by joining, without former ones', async () => {
    const world = await worldIn(open());
    const many = Array.from({ length: 7 }, () => randomUUID());
    await world.open();
    for (const id of many) await world.event(world.member(id));
    await world.event(world.member(many[4] as string, { isAdmin: true, joinedPosition: 6, rev: 2 }));
    await world.event(world.member(many[0] as string, { active: false, leftPosition: world.place, rev: 2 }));
    await world.event(world.mark(many[1] as string, 2));
    const [, b, c, d, e, f, g] = many;
    const paged: { userId: string; readPosition: number }[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const query = { limit: 3, ...(cursor ? { cursor } : {}) };
      const page = await open().reader.members(world.conversationId, query);
      paged.push(...page.items);
      cursor = page.nextCursor;
    }
    expect(paged.map(({ userId }) => userId)).toEqual([world.owner, e, b, c, d, f, g]);
    expect(paged.find(({ userId }) => userId === b)?.readPosition).toBe(2);
    for (const cursor of foreignCursors([0, 0.5, b], [0, 1e300, b], [0, -1, b], [0, 0, 'é']))
      await expect(open().reader.members(world.conversationId, { limit: 3, cursor })).rejects.toThrow(
        ForeignCursorError,
      );
  });
};
