// Reading: pages, what changed, lists and counts, members.
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { MemberRow } from '../../schemas/rows.ts';
import type { OpenHistory } from './contract.ts';
import { at, placesOf, topic, type World, worldIn } from './contract-world.ts';
import type { Visible } from './port.ts';

const pageOf = (
  world: World,
  query: { visible?: Visible; before?: number; after?: number; limit?: number },
) =>
  world.store.reader
    .page({ conversationId: world.conversationId, visible: 'all', limit: 50, ...query })
    .then(placesOf);

export const readingContract = (open: OpenHistory): void => {
  describe('pages', () => {
    it('answers the newest page, and those before and after a place, ascending and exclusive', async () => {
      const world = await worldIn(open());
      await world.open();
      const places = await world.send(10);
      expect(await pageOf(world, { limit: 3 })).toEqual(places.slice(-3));
      expect(await pageOf(world, { limit: 3, before: places[5] as number })).toEqual(places.slice(2, 5));
      expect(await pageOf(world, { limit: 3, after: places[5] as number })).toEqual(places.slice(6, 9));
      expect(await pageOf(world, { limit: 3, after: 0 })).toEqual(places.slice(0, 3));
      expect(await pageOf(world, { after: places[2] as number, before: places[5] as number })).toEqual(
        places.slice(3, 5),
      );
      expect(await pageOf(world, { after: world.place })).toEqual([]);
      expect(await pageOf(world, { before: 1 })).toEqual([]);
    });

    it('shows only what lies in the spans of the reader, also of one who left and came back', async () => {
      const world = await worldIn(open());
      await world.open();
      const [p] = (await world.send(20)) as [number];
      const visible: Visible = [
        [p + 2, p + 5],
        [p + 9, p + 10],
        [p + 15, Number.MAX_SAFE_INTEGER],
      ];
      const seen = [2, 3, 4, 9, 15, 16, 17, 18, 19].map((i) => p + i);
      expect(await pageOf(world, { visible })).toEqual(seen);
      expect(await pageOf(world, { visible, limit: 6 })).toEqual(seen.slice(-6));
      expect(await pageOf(world, { visible, after: 0, limit: 4 })).toEqual(seen.slice(0, 4));
      expect(await pageOf(world, { visible, before: p + 10, limit: 2 })).toEqual([p + 4, p + 9]);
      expect(await pageOf(world, { visible: [] })).toEqual([]);
      const many: Visible = Array.from({ length: 20 }, (_, i) => [p + i, p + i + 1]);
      expect(await pageOf(world, { visible: many, limit: 11 })).toEqual(
        Array.from({ length: 11 }, (_, i) => p + 9 + i),
      );
    });

    it('answers reactions with their message, oldest first, those taken back with their rev', async () => {
      const world = await worldIn(open());
      await world.open();
      const id = randomUUID();
      await world.event(world.message({ id }));
      await world.event(world.reaction(id, { emoji: '🎉' }));
      await world.event(world.reaction(id, { emoji: '👍' }));
      await world.event(world.reaction(id, { emoji: '😀' }));
      const last = await world.event(world.reaction(id, { emoji: '👍', active: false, rev: 2 }));
      const stored = await open().reader.message(id);
      expect(stored?.reactions.map(({ emoji, active, rev }) => [emoji, active, rev])).toEqual([
        ['🎉', true, 1],
        ['😀', true, 1],
        ['👍', false, 2],
      ]);
      expect(stored?.changed).toBe(last);
      expect(await open().reader.message(randomUUID())).toBeNull();
    });

    it('gives all ids in pages by id', async () => {
      const world = await worldIn(open());
      await world.open();
      await world.send(5);
      const all: string[] = [];
      for (let after = ''; ; ) {
        const ids = await open().reader.messageIds({ after, limit: 3 });
        all.push(...ids);
        if (ids.length < 3) break;
        after = ids.at(-1) as string;
      }
      expect(all).toEqual([...new Set(all)].sort());
      const page = await open().reader.page({
        conversationId: world.conversationId,
        visible: 'all',
        limit: 9,
      });
      expect(all).toEqual(expect.arrayContaining(page.map(({ message }) => message.id)));
    });
  });

  it('finds what changed since a place: edits, reactions and new messages, page by page', async () => {
    const world = await worldIn(open());
    await world.open();
    const ids = Array.from({ length: 6 }, () => randomUUID());
    const [p] = [world.place + 1];
    await world.batch(ids.map((id) => [world.message({ id })]));
    const since = world.place;
    await world.event(world.message({ id: ids[4] as string, position: p + 4, content: 'edited', rev: 2 }));
    await world.event(world.reaction(ids[1] as string));
    const fresh = await world.send(3);
    const changed = (after: number, limit: number, visible: Visible = 'all') =>
      open()
        .reader.changedMessages({ conversationId: world.conversationId, visible, since, after, limit })
        .then(placesOf);
    const all = [p + 1, p + 4, ...fresh];
    expect(await changed(0, 50)).toEqual(all);
    const paged: number[] = [];
    for (let after = 0; ; ) {
      const some = await changed(after, 2);
      paged.push(...some);
      if (some.length < 2) break;
      after = some.at(-1) as number;
    }
    expect(paged).toEqual(all);
    expect(await changed(0, 50, [[p + 2, fresh[1] as number]])).toEqual([p + 4, fresh[0]]);
    expect(await changed(world.place, 50)).toEqual([]);
  });

  describe('read marks', () => {
    it('only move forward, and are told by the event that moved them', async () => {
      const world = await worldIn(open());
      const reader = randomUUID();
      await world.open(reader);
      const [first, second] = (await world.send(2)) as [number, number];
      const moved = await world.event(world.mark(reader, second));
      await world.event(world.mark(reader, first));
      const { reader: read } = open();
      expect(await read.readPosition(world.conversationId, reader)).toBe(second);
      expect(await read.readPosition(world.conversationId, randomUUID())).toBe(0);
      expect(await read.changedMarks(world.conversationId, moved - 1)).toEqual([
        {
          conversationId: world.conversationId,
          userId: reader,
          position: second,
          at: at(moved),
          rev: second,
        },
      ]);
      expect(await read.changedMarks(world.conversationId, moved)).toEqual([]);
    });

    it('tell how far all others have read, without those who left', async () => {
      const world = await worldIn(open());
      const [ann, bob, gone] = [randomUUID(), randomUUID(), randomUUID()];
      await world.open(ann, bob);
      await world.event(world.member(gone, { active: false, leftPosition: 1 }));
      const least = (except: string) => open().reader.readByAllOthers(world.conversationId, except);
      expect(await least(world.owner)).toBe(0);
      await world.event(world.mark(ann, 5));
      await world.event(world.mark(bob, 3));
      expect(await least(world.owner)).toBe(3);
      expect(await least(bob)).toBe(0);
      expect(await open().reader.readByAllOthers(randomUUID(), ann)).toBe(Number.POSITIVE_INFINITY);
    });
  });

  describe('snapshots', () => {
    it('give a conversation with all members, marks and how far history is', async () => {
      const world = await worldIn(open());
      const [ann, gone] = [randomUUID(), randomUUID()];
      await world.open(ann);
      await world.event(world.member(gone, { active: false, leftPosition: 2 }));
      await world.event(world.mark(ann, 1));
      const { stored, applied, marks } = await open().reader.conversation(world.conversationId);
      expect(stored?.members.map((row) => row.userId).sort()).toEqual([ann, gone, world.owner].sort());
      expect(applied[world.partition]).toBe(world.place);
      expect(marks).toMatchObject([{ userId: ann, position: 1, rev: 1 }]);
      const unknown = await open().reader.conversation(randomUUID());
      expect(unknown).toMatchObject({ stored: null, marks: [] });
    });

    it('give all memberships of a person, former ones too, with the newest event of each', async () => {
      const world = await worldIn(open());
      const ann = randomUUID();
      await world.open(ann);
      await world.send(2);
      await world.event(world.member(ann, { active: false, leftPosition: world.place, rev: 2 }));
      const { memberships, applied } = await open().reader.memberships(ann);
      expect(memberships).toMatchObject([{ member: { active: false, rev: 2 }, changed: world.place }]);
      expect(applied[world.partition]).toBe(world.place);
    });

    it('never show rows of a commit without its position', async () => {
      const world = await worldIn(open());
      await world.open();
      const writing = (async () => {
        for (let i = 0; i < 40; i += 1) await world.send(5);
      })();
      let done = false;
      const ended = writing.then(() => {
        done = true;
      });
      while (!done) {
        const { memberships, applied } = await open().reader.memberships(world.owner);
        expect(memberships[0]?.changed).toBe(applied[world.partition]);
      }
      await ended;
      expect((await open().reader.applied(topic))[world.partition]).toBe(world.place);
    });
  });

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
      expect(await open().reader.list(world.owner, { limit: 2, cursor: 'nonsense' })).toEqual({
        items: [],
        nextCursor: null,
      });
    });

    const one = async (world: World, userId: string) => {
      const views = await world.store.reader.views(world.conversationId, [userId]);
      const { items } = await world.store.reader.list(userId, { limit: 10 });
      expect(items).toEqual([...views.values()]);
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
  });
};
