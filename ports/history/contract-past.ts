// What was: texts before edits, reactions, members and names at a time, and where a look into the past begins.
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { ForeignCursorError } from '../errors.ts';
import type { OpenHistory } from './contract.ts';
import { at, foreignCursors, placesOf, type World, worldIn } from './contract-world.ts';

export const pastContract = (open: OpenHistory): void => {
  const past = async (id: string) => (await open().reader.pasts([id])).get(id);
  const texts = async (id: string) => (await past(id))?.versions.map(({ content }) => content);

  describe('what a message was', () => {
    /** Each list is one commit. */
    const written = async (...commits: { content: string; rev: number; deletedAt?: string }[][]) => {
      const world = await worldIn(open());
      await world.open();
      const id = randomUUID();
      const position = world.place + 1;
      for (const commit of commits)
        await world.batch(
          commit.map((parts) => [
            world.message({
              ...parts,
              id,
              position,
              createdAt: at(position),
              editedAt: parts.rev > 1 ? at(position + parts.rev) : null,
              deletedAt: parts.deletedAt ?? null,
            }),
          ]),
        );
      return { id, position };
    };
    const [one, two, three] = [1, 2, 3].map((rev) => ({ content: `text ${rev}`, rev })) as [
      { content: string; rev: number },
      { content: string; rev: number },
      { content: string; rev: number },
    ];
    const gone = { content: '', rev: 3, deletedAt: at(90) };

    it('is kept with the time from which it held, however its events were batched', async () => {
      for (const commits of [[[one, two, three]], [[one], [two], [three]], [[one], [two, three]]]) {
        const { id, position } = await written(...commits);
        expect((await past(id))?.versions).toEqual([
          { content: 'text 1', attachments: [], mentions: [], since: at(position) },
          { content: 'text 2', attachments: [], mentions: [], since: at(position + 2) },
        ]);
      }
    });

    it('costs nothing for what was never changed, and is nothing more for late or repeated events', async () => {
      const plain = await written([one]);
      expect(await texts(plain.id)).toEqual([]);
      const other = { ...two, content: 'other text 2' };
      for (const commits of [
        [[one], [two], [one]],
        [[one], [two], [other]],
        [[one, two, other, one, two]],
        [
          [one, two],
          [one, two],
        ],
      ])
        expect(await texts((await written(...commits)).id)).toEqual(['text 1']);
      // What never stood there is nobody's past.
      expect(await texts((await written([one], [three], [two])).id)).toEqual(['text 1']);
    });

    it('is forgotten when the message is deleted', async () => {
      for (const commits of [[[one, two, gone]], [[one], [two], [gone]], [[one, two], [gone]]])
        expect(await texts((await written(...commits)).id)).toEqual([]);
    });

    it('has its reactions, those taken back and given again too, in their order', async () => {
      const world = await worldIn(open());
      await world.open();
      const id = randomUUID();
      await world.event(world.message({ id }));
      await world.event(world.reaction(id));
      await world.batch([
        [world.reaction(id, { emoji: '🎉' })],
        [world.reaction(id, { active: false, rev: 2 })],
        [world.reaction(id, { rev: 3 })],
      ]);
      await world.event(world.reaction(id, { active: false, rev: 2 }));
      const seen = (await past(id))?.reactions.map(({ emoji, active, rev }) => `${emoji} ${active} ${rev}`);
      expect(seen).toEqual(['👍 true 1', '🎉 true 1', '👍 false 2', '👍 true 3']);
    });
  });

  describe('when a message was read', () => {
    const [ann, bob, chi] = ['a', 'b', 'c'].map((letter) => `0000000${letter}${randomUUID().slice(8)}`) as [
      string,
      string,
      string,
    ];
    const readsOf = (world: World, position: number, more: { limit?: number; cursor?: string } = {}) =>
      open().reader.readsOf({ conversationId: world.conversationId, position }, { limit: 50, ...more });
    const reads = async (world: World, position: number) =>
      (await readsOf(world, position)).items.map(({ userId, at: time }) => [userId, time]);

    it('is the time of the first mark that reached it, however marks were batched, repeated or late', async () => {
      for (const batched of [true, false]) {
        const world = await worldIn(open());
        await world.open(ann, bob);
        const [one, two, three] = (await world.send(3)) as [number, number, number];
        const from = world.place;
        const marks = [
          [world.mark(ann, one)],
          [world.mark(bob, two)],
          [world.mark(ann, three)],
          // Not so far as Ann has read already, and once more as far: nobody reads a thing for the first time twice.
          [world.mark(ann, two)],
          [world.mark(ann, three)],
        ];
        if (batched) await world.batch(marks);
        else for (const mark of marks) await world.batch([mark]);
        expect(await reads(world, one)).toEqual([
          [ann, at(from + 1)],
          [bob, at(from + 2)],
        ]);
        expect(await reads(world, two)).toEqual([
          [ann, at(from + 3)],
          [bob, at(from + 2)],
        ]);
        expect(await reads(world, three)).toEqual([[ann, at(from + 3)]]);
        expect(await reads(world, three + 1)).toEqual([]);
      }
    });

    it('pages by person, and leaves out who is no member any more', async () => {
      const world = await worldIn(open());
      await world.open(ann, bob, chi);
      const [place = 0] = await world.send(1);
      await world.batch([ann, bob, chi].map((userId) => [world.mark(userId, place)]));
      const first = await readsOf(world, place, { limit: 2 });
      expect(first.items.map(({ userId }) => userId)).toEqual([ann, bob]);
      const rest = await readsOf(world, place, { limit: 2, cursor: first.nextCursor ?? '' });
      expect([rest.items.map(({ userId }) => userId), rest.nextCursor]).toEqual([[chi], null]);
      await world.event(world.member(bob, { active: false, leftPosition: world.place + 1, rev: 2 }));
      expect((await reads(world, place)).map(([userId]) => userId)).toEqual([ann, chi]);
      for (const cursor of foreignCursors([1], ['x']))
        await expect(readsOf(world, place, { cursor })).rejects.toBeInstanceOf(ForeignCursorError);
    });
  });

  describe('what a conversation was', () => {
    const [ann, bob] = [randomUUID(), randomUUID()];
    /** Ann comes, the name changes, Bob comes and becomes an admin, Ann leaves: each at its place. */
    const lived = async () => {
      const world = await worldIn(open());
      await world.open();
      const begin = world.place;
      const came = await world.event(world.member(ann));
      const named = await world.event(world.conversation({ name: 'Nhà mình', rev: 2 }));
      await world.batch([
        [world.member(bob)],
        [world.member(bob, { isAdmin: true, rev: 2, joinedPosition: world.place + 1 })],
      ]);
      const left = await world.event(
        world.member(ann, { active: false, leftPosition: world.place + 1, rev: 2, joinedPosition: came }),
      );
      return { world, begin, came, named, promoted: left - 1, left };
    };
    const then = async (world: World, cut: { time: string } | { place: number }) => {
      const found = await open().reader.conversationAt(world.conversationId, cut, {
        limit: 100,
        memberId: null,
      });
      return found && [found.name, found.members.map(({ userId }) => userId)];
    };

    it('is its name and its members at that time or place, admins first', async () => {
      const { world, begin, came, named, promoted, left } = await lived();
      const owner = world.owner;
      const moments: [number, unknown][] = [
        [begin - 1, null],
        [begin, ['Cả nhà', [owner]]],
        [came, ['Cả nhà', [owner, ann]]],
        [named, ['Nhà mình', [owner, ann]]],
        [promoted - 1, ['Nhà mình', [owner, ann, bob]]],
        [promoted, ['Nhà mình', [owner, bob, ann]]],
        [left, ['Nhà mình', [owner, bob]]],
        [left + 1_000, ['Nhà mình', [owner, bob]]],
      ];
      for (const [place, expected] of moments) {
        expect(await then(world, { place })).toEqual(expected);
        expect(await then(world, { time: at(place) })).toEqual(expected);
      }
    });

    it('is told to nobody who was no member then', async () => {
      const { world, came, left } = await lived();
      const seen = async (memberId: string) => {
        const cuts = [{ place: came }, { place: left }, { time: at(came) }, { time: at(left) }];
        const asked = { limit: 1, memberId };
        const { conversationId } = world;
        return Promise.all(
          cuts.map(async (cut) => (await open().reader.conversationAt(conversationId, cut, asked)) !== null),
        );
      };
      expect(await seen(ann)).toEqual([true, false, true, false]);
      expect(await seen(bob)).toEqual([false, true, false, true]);
    });

    it('names no more members than asked, and counts all', async () => {
      const world = await worldIn(open());
      await world.open(...Array.from({ length: 30 }, () => randomUUID()));
      const asked = { limit: 5, memberId: world.owner };
      const found = await open().reader.conversationAt(world.conversationId, { place: world.place }, asked);
      expect([found?.members.length, found?.memberCount]).toEqual([5, 31]);
    });

    it('is told change by change between two places', async () => {
      const { world, begin, came, named, promoted, left } = await lived();
      const changes = await open().reader.changesBetween(world.conversationId, [begin + 1, left + 1]);
      expect(changes).toEqual([
        { position: came, at: at(came), joined: [ann], left: [] },
        { position: named, at: at(named), name: 'Nhà mình', joined: [], left: [] },
        { position: promoted - 1, at: at(promoted - 1), joined: [bob], left: [] },
        { position: left, at: at(left), joined: [], left: [ann] },
      ]);
      expect(await open().reader.changesBetween(world.conversationId, [came, named])).toHaveLength(1);
    });
  });

  it('pages by place through what was sent by a time, whatever order the times have', async () => {
    const world = await worldIn(open());
    await world.open();
    const day = (n: number) => `2020-03-${String(n).padStart(2, '0')}T12:00:00.000Z`;
    const places: number[] = [];
    // The seventh stands before the fifth: imported, or a clock that went wrong.
    for (const n of [1, 2, 2, 3, 7, 5, 9]) {
      const [place] = await world.send(1, { createdAt: day(n) });
      places.push(place as number);
    }
    const sentBy = async (n: number, more: { before?: number; after?: number; limit?: number } = {}) => {
      const query = { conversationId: world.conversationId, visible: 'all' as const, limit: 50, ...more };
      const found = placesOf(await open().reader.page({ ...query, sentBy: day(n) }));
      return found.map((place) => places.indexOf(place));
    };
    expect(await sentBy(5)).toEqual([0, 1, 2, 3, 5]);
    expect(await sentBy(5, { limit: 2 })).toEqual([3, 5]);
    expect(await sentBy(5, { before: places[5] as number, limit: 2 })).toEqual([2, 3]);
    expect(await sentBy(5, { after: places[2] as number })).toEqual([3, 5]);
    expect(await sentBy(2)).toEqual([0, 1, 2]);
    expect(await sentBy(30)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(await sentBy(0)).toEqual([]);
  });
};
