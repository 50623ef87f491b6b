// Messages that a conversation has put where everybody finds them.
import { describe, expect, it } from 'vitest';
import { limits } from '../../schemas/limits.ts';
import { eventually } from '../client/eventually.ts';
import type { Person } from '../client/person.ts';
import type { Target } from '../harness.ts';
import { refusalOf, Stage } from './stage.ts';

export const pinning = (target: () => Target): void => {
  describe('pinned messages', () => {
    const stage = new Stage(target);
    const idsOf = async (person: Person, id: string) =>
      (await person.api.pinned(id)).map((message) => message.id);

    it('are shown to everybody at once, listed with the newest pin first, and unpinned by any member', async () => {
      const { id, ann, bob } = await stage.pair();
      const [first, second] = [await ann.say(id, 'the address'), await bob.say(id, 'the time')];
      await bob.sees(second.id);
      const pinned = await ann.api.pin(second.id);
      expect(pinned.pinnedAt).not.toBeNull();
      expect(await bob.sees(second.id, ({ pinnedAt }) => pinnedAt !== null)).toMatchObject({
        content: 'the time',
        pinnedAt: pinned.pinnedAt,
      });
      await bob.api.pin(first.id);
      await ann.sees(first.id, ({ pinnedAt }) => pinnedAt !== null);
      expect(await idsOf(ann, id)).toEqual([first.id, second.id]);
      // What is so already stays.
      expect((await bob.api.pin(second.id)).pinnedAt).toBe(pinned.pinnedAt);
      expect((await ann.api.history(id)).items.map(({ pinnedAt }) => pinnedAt !== null)).toEqual([
        true,
        true,
      ]);

      const from = ann.socket.frames.length;
      expect((await bob.api.unpin(second.id)).pinnedAt).toBeNull();
      await eventually(
        () =>
          ann.socket.frames
            .slice(from)
            .some(
              (frame) =>
                frame.type === 'message' && frame.message.id === second.id && frame.message.pinnedAt === null,
            ),
        'ann sees it unpinned',
      );
      expect(await idsOf(bob, id)).toEqual([first.id]);
      await ann.api.pin(second.id);
      expect(await idsOf(bob, id)).toEqual([second.id, first.id]);
    });

    it('come with what changed, to who was away', async () => {
      const { id, ann, bob } = await stage.pair();
      const sent = await ann.say(id, 'pinned while bob was away');
      await bob.sees(sent.id);
      await bob.socket.settle();
      const { cursor } = bob.socket;
      bob.close();
      await ann.api.pin(sent.id);
      const socket = await bob.connect({ cursor, at: stage.there });
      const { message } = await socket.waitFor('message', (frame) => frame.message.id === sent.id);
      expect(message.pinnedAt).not.toBeNull();
    });

    it('are not those that were deleted, before or after', async () => {
      const { id, ann, bob } = await stage.pair();
      const [one, two] = [await ann.say(id, 'one'), await ann.say(id, 'two')];
      await ann.api.pin(one.id);
      const gone = await ann.api.deleteMessage(one.id);
      expect(gone).toMatchObject({ content: '', pinnedAt: null });
      await bob.sees(one.id, ({ deletedAt, pinnedAt }) => deletedAt !== null && pinnedAt === null);
      await ann.api.deleteMessage(two.id);
      expect(await refusalOf(bob.api.pin(two.id))).toBe('409 deleted');
      expect(await idsOf(bob, id)).toEqual([]);
    });

    it('are shown only where they may be read', async () => {
      const { id, people } = await stage.group(2);
      const [ann, bob] = people as [Person, Person];
      const before = await ann.say(id, 'before cem came');
      await ann.api.pin(before.id);
      const cem = await stage.online('late', stage.there);
      await ann.api.addMember(id, cem.id);
      await cem.socket.waitFor('conversation');
      const after = await ann.say(id, 'after');
      await cem.sees(after.id);
      await cem.api.pin(after.id);
      expect(await idsOf(cem, id)).toEqual([after.id]);
      expect(await refusalOf(cem.api.unpin(before.id))).toBe('404 not_found');
      expect(await idsOf(bob, id)).toEqual([after.id, before.id]);
    });

    it('have a bound, and unpinning makes room', async () => {
      const { id, ann } = await stage.pair();
      const sent = await Promise.all(
        Array.from({ length: limits.pinsMax + 1 }, (_, i) => ann.say(id, `text ${i}`)),
      );
      const last = sent.at(-1)?.id as string;
      for (const message of sent.slice(0, -1)) await ann.api.pin(message.id);
      expect(await refusalOf(ann.api.pin(last))).toBe('409 too_many');
      await ann.api.unpin(sent[0]?.id as string);
      expect((await ann.api.pin(last)).pinnedAt).not.toBeNull();
      expect(await idsOf(ann, id)).toHaveLength(limits.pinsMax);
    });
  });
};
