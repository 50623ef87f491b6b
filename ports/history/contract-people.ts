// Reading: people, and who was last online.
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { ForeignCursorError } from '../errors.ts';
import type { OpenHistory } from './contract.ts';
import { at, epoch, foreignCursors, worldIn } from './contract-world.ts';

let partitions = 0;

export const peopleContract = (open: OpenHistory): void => {
  describe('people', () => {
    /** Names that no other test has. */
    const letters = () => randomUUID().replace(/[^a-f]/g, '');
    const withPeople = async (names: string[]) => {
      const world = await worldIn(open());
      const ids = names.map(() => randomUUID());
      await world.batch(names.map((name, i) => [world.user(ids[i] as string, name)]));
      return { world, ids };
    };
    const find = async (q: string, limit = 50) => {
      const found: string[] = [];
      for (let cursor: string | null = ''; cursor !== null; ) {
        const page = await open().reader.findUsers({ q, limit, ...(cursor ? { cursor } : {}) });
        expect(page.items.length).toBeLessThanOrEqual(limit);
        found.push(...page.items.map(({ username }) => username));
        cursor = page.nextCursor;
      }
      return found;
    };

    it('are found without case and accents', async () => {
      const tag = `x${letters()}`;
      await withPeople([`Đường${tag}`, `dương${tag}`, `DUONG${tag.toUpperCase()}`, `khác${tag}`]);
      for (const q of [`duong${tag}`, `ĐƯỜNG${tag}`, `dUoNg${tag}`]) {
        expect((await find(q)).sort()).toEqual([`DUONG${tag.toUpperCase()}`, `dương${tag}`, `Đường${tag}`]);
      }
    });

    it('come exact first, then by beginning, then by containing, and page so', async () => {
      const tag = `q${letters()}`;
      const names = [
        `a${tag}`,
        tag,
        `${tag}${tag}`,
        `${tag}b`,
        `${tag}a`,
        `z.${tag}`,
        `unrelated${letters()}`,
      ];
      await withPeople(names);
      const expected = [tag, `${tag}a`, `${tag}b`, `${tag}${tag}`, `a${tag}`, `z.${tag}`].sort((x, y) => {
        const stage = (name: string) => Number(!name.startsWith(tag));
        return stage(x) - stage(y) || (x < y ? -1 : 1);
      });
      for (const limit of [1, 2, 3, 4, 6, 50]) expect(await find(tag, limit)).toEqual(expected);
      expect(await find(`${tag}nobody`)).toEqual([]);
      expect(await find('%')).toEqual([]);
      for (const cursor of foreignCursors(['begins', 'a', 'no id'], ['ends', 'a', randomUUID()]))
        await expect(open().reader.findUsers({ q: tag, limit: 5, cursor })).rejects.toThrow(
          ForeignCursorError,
        );
    });

    it('are all listed by name for an empty question', async () => {
      const tag = letters();
      await withPeople([`b${tag}`, `a${tag}`]);
      const all = await find('', 3);
      expect(all).toEqual(expect.arrayContaining([`a${tag}`, `b${tag}`]));
      expect(all.indexOf(`a${tag}`)).toBeLessThan(all.indexOf(`b${tag}`));
      expect(new Set(all).size).toBe(all.length);
    });

    it('are named exactly: neither case nor accents make two names one', async () => {
      const tag = letters();
      const { ids } = await withPeople([`Hà${tag}`, `ha${tag}`]);
      const found = await open().reader.usersByName([`Hà${tag}`, `HA${tag}`]);
      expect(found.map(({ id }) => id)).toEqual([ids[0]]);
    });

    it('change their name by rev, and are found by the new one', async () => {
      const tag = letters();
      const { world, ids } = await withPeople([`old${tag}`]);
      const id = ids[0] as string;
      await world.event(world.user(id, `new${tag}`, 2));
      await world.event(world.user(id, `old${tag}`, 1));
      expect(await find(tag)).toEqual([`new${tag}`]);
      expect(await open().reader.users([id, randomUUID()])).toMatchObject([
        { id, username: `new${tag}`, rev: 2, lastOnline: null },
      ]);
    });

    it('are known to have been online as the newest presence event says', async () => {
      const { ids } = await withPeople([`p${letters()}`, `q${letters()}`]);
      const [ann, bob] = ids as [string, string];
      const { presence, reader } = open();
      const partition = partitions++;
      const { fence } = await presence.claim('chat.presence', partition, epoch);
      const step = { topic: 'chat.presence', partition, fence };
      const row = (userId: string, status: 'online' | 'away' | 'offline', position: number) => ({
        userId,
        status,
        at: at(position),
        position,
      });
      await presence.commit({
        ...step,
        next: 4,
        rows: [row(ann, 'online', 1), row(ann, 'offline', 3), row(bob, 'online', 2)],
      });
      await presence.commit({ ...step, next: 5, rows: [row(ann, 'online', 1), row(bob, 'away', 5)] });
      const mine = (await presence.notOffline()).filter(({ userId }) => userId === ann || userId === bob);
      expect(mine).toEqual([{ userId: bob, status: 'away', at: at(5), position: 5 }]);
      expect((await reader.users([ann]))[0]?.lastOnline).toBe(at(3));
      expect(await presence.rows({ userIds: [bob, randomUUID()] })).toEqual(mine);
      expect(await presence.rows({ userIds: [] })).toEqual([]);
      const paged: string[] = [];
      for (let after = ''; ; after = paged.at(-1) as string) {
        const [next] = await presence.rows({ after, limit: 1 });
        if (!next) break;
        paged.push(next.userId);
      }
      expect(paged).toEqual([...paged].sort());
      expect(paged).toEqual(expect.arrayContaining([ann, bob]));
      await presence.claim('chat.presence', partition, epoch);
      await expect(presence.commit({ ...step, next: 6, rows: [] })).rejects.toMatchObject({ code: 'fenced' });
    });
  });
};
