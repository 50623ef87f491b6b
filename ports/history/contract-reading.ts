// Reading: pages, what changed, read marks, snapshots.
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
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

    it('answers the pin with its message, the newest by its rev, and lists what is pinned now, newest first', async () => {
      const world = await worldIn(open());
      await world.open();
      const [one, two, three] = [randomUUID(), randomUUID(), randomUUID()];
      const first = await world.event(world.message({ id: one }));
      await world.event(world.message({ id: two }));
      await world.event(world.message({ id: three }));
      expect((await open().reader.message(one))?.pin).toBeNull();
      for (const id of [one, three, two]) await world.event(world.pin(id));
      // Of equal revs the first stays.
      const late = await world.event(world.pin(one, { active: false }));
      const stored = await open().reader.message(one);
      expect(stored?.pin).toMatchObject({ messageId: one, userId: world.owner, active: true, rev: 1 });
      expect(stored?.changed).toBe(late);
      const pinned = async (limit = 9) =>
        (await open().reader.pinned(world.conversationId, limit)).map(({ message }) => message.id);
      expect(await pinned()).toEqual([two, three, one]);
      expect(await pinned(1)).toEqual([two]);

      await world.event(world.pin(three, { active: false, rev: 2 }));
      await world.event(world.pin(three, { active: true, rev: 3 }));
      await world.event(world.pin(two, { active: false, rev: 2 }));
      expect(await pinned()).toEqual([three, one]);
      const deleted = { id: one, position: first, content: '', deletedAt: at(9), rev: 2 };
      await world.event(world.message(deleted));
      expect(await pinned()).toEqual([three]);
      expect(await open().reader.pinned(randomUUID(), 9)).toEqual([]);
    });

    it('answers previews with their message, each the newest by its rev, and none once it is deleted', async () => {
      const world = await worldIn(open());
      await world.open();
      const id = randomUUID();
      const position = await world.event(world.message({ id }));
      const other = { url: `https://example.com/${'đ'.repeat(2000)}` };
      await world.event(world.preview(id));
      await world.event(world.preview(id, other));
      // Of equal revs the first stays.
      const late = await world.event(world.preview(id, { title: 'late' }));
      const previews = async () => (await open().reader.message(id))?.previews ?? [];
      expect((await open().reader.message(id))?.changed).toBe(late);
      expect(await previews()).toHaveLength(2);
      expect((await previews()).find(({ url }) => url === 'https://example.com/')).toEqual({
        ...world.preview(id)(2).row,
        title: 'title 3',
        at: at(3),
      });
      await world.event(world.preview(id, { ...other, active: false, title: '', rev: 2 }));
      expect((await previews()).map(({ url, active }) => [url, active])).toEqual(
        expect.arrayContaining([
          ['https://example.com/', true],
          [other.url, false],
        ]),
      );

      await world.event(world.message({ id, position, content: '', deletedAt: at(9), rev: 2 }));
      expect(await previews()).toEqual([]);
      // One that was on its way.
      await world.event(world.preview(id, { url: 'https://example.com/late' }));
      expect(await previews()).toEqual([]);
      await world.batch([[world.message()], [world.preview(id, { url: 'https://example.com/later' })]]);
      expect(await previews()).toEqual([]);
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

  it('finds what changed since a place: edits, reactions, pins and new messages, page by page', async () => {
    const world = await worldIn(open());
    await world.open();
    const ids = Array.from({ length: 6 }, () => randomUUID());
    const [p] = [world.place + 1];
    await world.batch(ids.map((id) => [world.message({ id })]));
    const since = world.place;
    await world.event(world.message({ id: ids[4] as string, position: p + 4, content: 'edited', rev: 2 }));
    await world.event(world.reaction(ids[1] as string));
    await world.event(world.pin(ids[3] as string));
    const fresh = await world.send(3);
    const changed = (after: number, limit: number, visible: Visible = 'all') =>
      open()
        .reader.changedMessages({ conversationId: world.conversationId, visible, since, after, limit })
        .then(placesOf);
    const all = [p + 1, p + 3, p + 4, ...fresh];
    expect(await changed(0, 50)).toEqual(all);
    const paged: number[] = [];
    for (let after = 0; ; ) {
      const some = await changed(after, 2);
      paged.push(...some);
      if (some.length < 2) break;
      after = some.at(-1) as number;
    }
    expect(paged).toEqual(all);
    expect(await changed(0, 50, [[p + 2, fresh[1] as number]])).toEqual([p + 3, p + 4, fresh[0]]);
    expect(await changed(world.place, 50)).toEqual([]);
  });

  it('answers how people stand in conversations, each where it was asked and nowhere else', async () => {
    const [one, two] = [await worldIn(open()), await worldIn(open())];
    const [ann, bob] = [randomUUID(), randomUUID()];
    await one.open(ann, bob);
    await two.open(ann, bob);
    const [first] = (await one.send(1)) as [number];
    await one.event(one.mark(ann, first));
    const left = { active: false, leftPosition: first + 1, rev: 2 };
    await two.event(two.member(bob, left));
    const { reader } = open();
    const asked = [
      { userId: ann, conversationId: one.conversationId },
      { userId: bob, conversationId: two.conversationId },
      { userId: randomUUID(), conversationId: one.conversationId },
      ...Array.from({ length: 300 }, () => ({ userId: ann, conversationId: randomUUID() })),
    ];
    const found = new Map((await reader.standings(asked)).map((of) => [of.conversation.id, of]));
    expect(found.size).toBe(2);
    expect(found.get(one.conversationId)).toMatchObject({
      member: { userId: ann, active: true },
      readPosition: first,
    });
    expect(found.get(two.conversationId)).toMatchObject({
      member: { userId: bob, active: false },
      readPosition: 0,
    });
    expect(await reader.standings([])).toEqual([]);
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
      const heads = await open().reader.heads([world.conversationId, randomUUID()]);
      expect(heads).toEqual([stored?.conversation]);
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
};
