// What every accounts adapter must do with what people keep for themselves.
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { limits } from '../../schemas/limits.ts';
import type { PersonalItem } from '../../schemas/personal.ts';
import { ForeignCursorError } from '../errors.ts';
import type { MovedRow } from '../moving.ts';
import type { AccountStore } from './port.ts';

const now = '2026-06-01T12:00:00.007Z';
const draft = (content: string) => ({ content, replyTo: null });

export const personalContract = (open: () => AccountStore): void => {
  /** A person nobody else knows, and the calls as they make them. */
  const somebody = (userId: string = randomUUID()) => {
    const put = async (key: string, content: string | null, base?: number) => {
      const value = content === null ? null : draft(content);
      return open().putPersonal(userId, { kind: 'draft', key, value, base, now });
    };
    return {
      userId,
      put,
      kept: async (...args: Parameters<typeof put>): Promise<PersonalItem> => {
        const done = await put(...args);
        if (done.kind !== 'kept') throw new Error(done.kind);
        return done.item;
      },
      ask: (since: number, limit = 100, cursor?: string) =>
        open().personalChanges(userId, { since, limit, cursor }),
      /** As another device would have it after so many changes: rows written at once. */
      fill: async (rows: (i: number) => string | null, count: number) => {
        const items = Array.from({ length: count }, (_, i): MovedRow => {
          const common = { user_id: userId, kind: 'draft', item_key: randomUUID() };
          return { ...common, value: rows(i), rev: i + 1, updated_at: now };
        });
        await open().moving.take('personal_revs', [{ user_id: userId, rev: count, floor_rev: 0 }]);
        await open().moving.take('personal_items', items);
      },
    };
  };
  const text = JSON.stringify(draft('x'));

  describe('what a person keeps', () => {
    it('is answered with its rev and time, to that person only', async () => {
      const [ann, bob] = [somebody(), somebody()];
      const key = randomUUID();
      const value = { unreadFrom: '7', pinned: true, mutedUntil: 'forever' as const };
      const done = await open().putPersonal(ann.userId, { kind: 'conversation', key, value, now });
      const item = { kind: 'conversation', key, value, rev: 1, updatedAt: now };
      expect(done).toEqual({ kind: 'kept', item, changed: true });
      expect(await ann.ask(0)).toEqual({ items: [item], nextCursor: null, isWhole: true, rev: 1 });
      const asked = [ann.userId, bob.userId];
      expect([...(await open().conversationSettings(asked, [key, randomUUID()]))]).toEqual([
        [`${ann.userId} ${key}`, value],
      ]);
      expect(await bob.ask(0)).toEqual({ items: [], nextCursor: null, isWhole: true, rev: 0 });
    });

    it('is replaced whole, each time with a higher rev, and answered as changed since', async () => {
      const ann = somebody();
      const [one, two] = [randomUUID(), randomUUID()];
      await ann.kept(one, 'a');
      await ann.kept(two, 'b');
      await ann.kept(one, 'c');
      const { items, isWhole, rev } = await ann.ask(2);
      expect([items.map(({ key, value }) => [key, value]), isWhole, rev]).toEqual([
        [[one, draft('c')]],
        false,
        3,
      ]);
      expect((await ann.ask(3)).items).toEqual([]);
    });

    it('stays as it is when the same is put again, in whatever order its fields are', async () => {
      const ann = somebody();
      const key = randomUUID();
      const first = await ann.kept(key, 'same');
      const again = { replyTo: null, content: 'same' };
      const done = await open().putPersonal(ann.userId, { kind: 'draft', key, value: again, base: 77, now });
      expect(done).toEqual({ kind: 'kept', item: first, changed: false });
    });

    it('is not overwritten from a base that another device has left behind', async () => {
      const ann = somebody();
      const key = randomUUID();
      expect(await ann.put(key, 'never', 3)).toEqual({ kind: 'conflict' });
      const { rev } = await ann.kept(key, 'first', 0);
      expect(await ann.put(key, 'second', 0)).toEqual({ kind: 'conflict' });
      await ann.kept(key, 'other device', rev);
      expect(await ann.put(key, 'mine', rev)).toEqual({ kind: 'conflict' });
      expect(await ann.put(key, null, rev)).toEqual({ kind: 'conflict' });
      expect((await ann.ask(0)).items.map(({ value }) => value)).toEqual([draft('other device')]);
    });

    it('is taken from exactly one of ten devices that start from the same base at once', async () => {
      const ann = somebody();
      const key = randomUUID();
      const done = await Promise.all(Array.from({ length: 10 }, (_, i) => ann.put(key, `text ${i}`, 0)));
      expect(done.filter(({ kind }) => kind === 'kept')).toHaveLength(1);
      expect(done.filter(({ kind }) => kind === 'conflict')).toHaveLength(9);
    });

    it('has revs without gap or repetition when many things change at once', async () => {
      const ann = somebody();
      const done = await Promise.all(Array.from({ length: 20 }, (_, i) => ann.kept(randomUUID(), `${i}`)));
      const revs = Array.from({ length: 20 }, (_, i) => i + 1);
      expect(done.map(({ rev }) => rev).sort((a, b) => a - b)).toEqual(revs);
      expect((await ann.ask(0)).items.map(({ rev }) => rev)).toEqual(revs);
    });

    it('leaves a removal for those who knew it, and nothing for those who come new', async () => {
      const ann = somebody();
      const key = randomUUID();
      const { rev } = await ann.kept(key, 'a');
      const removed = { kind: 'draft', key, value: null, rev: rev + 1, updatedAt: now };
      expect(await ann.kept(key, null)).toEqual(removed);
      expect(await ann.kept(key, null)).toEqual(removed);
      expect((await ann.ask(rev)).items).toEqual([removed]);
      expect(await ann.ask(0)).toMatchObject({ items: [], isWhole: true, rev: 2 });
      expect((await ann.kept(key, 'again', removed.rev)).rev).toBe(3);
      expect(await ann.kept(randomUUID(), null)).toMatchObject({ value: null, rev: 0 });
    });

    it('comes in pages, with what changes or is removed meanwhile', async () => {
      const ann = somebody();
      const keys = Array.from({ length: 5 }, () => randomUUID());
      for (const key of keys) await ann.kept(key, 'first');
      const first = await ann.ask(0, 2);
      expect([first.isWhole, first.items.map(({ key }) => key)]).toEqual([true, keys.slice(0, 2)]);
      await ann.kept(keys[0] as string, null);
      await ann.kept(keys[2] as string, 'second');
      const seen = new Map(first.items.map((item) => [item.key, item.value]));
      for (let cursor = first.nextCursor; cursor; ) {
        const page = await ann.ask(0, 2, cursor);
        expect(page.isWhole).toBe(false);
        for (const { key, value } of page.items) seen.set(key, value);
        cursor = page.nextCursor;
      }
      expect(seen).toEqual(
        new Map([
          [keys[0], null],
          [keys[1], draft('first')],
          [keys[2], draft('second')],
          [keys[3], draft('first')],
          [keys[4], draft('first')],
        ]),
      );
      await expect(ann.ask(0, 2, 'made up')).rejects.toThrow(ForeignCursorError);
    });

    it('begins anew for a device that comes with a rev that was never reached', async () => {
      const ann = somebody();
      await ann.kept(randomUUID(), 'a');
      expect(await ann.ask(900)).toMatchObject({ isWhole: true, rev: 1, items: [{ rev: 1 }] });
    });

    it('has a bound, which removing something makes room under', async () => {
      const ann = somebody();
      await ann.fill(() => text, limits.personalItemsMax);
      const key = randomUUID();
      expect(await ann.put(key, 'one more')).toEqual({ kind: 'full' });
      const [some] = (await ann.ask(0)).items;
      await ann.kept(some?.key as string, 'changed all the same');
      await ann.kept(some?.key as string, null);
      expect(await ann.put(key, 'one more')).toMatchObject({ kind: 'kept' });
    });

    it('forgets old removals, and then gives everything to who has not heard of them', async () => {
      const ann = somebody();
      const kept = limits.personalRemovalsKept;
      await ann.fill((i) => (i === 0 ? text : null), 2 * kept);
      const page = await ann.ask(1, 1);
      expect([page.isWhole, page.items[0]?.rev]).toEqual([false, 2]);
      const [living] = (await ann.ask(0)).items;
      const { rev } = await ann.kept(living?.key as string, null);
      expect(await ann.ask(1)).toMatchObject({ isWhole: true, items: [], rev });
      // Also in the middle of its pages.
      expect(await ann.ask(1, 100, page.nextCursor as string)).toMatchObject({ isWhole: true, items: [] });
      const recent = await ann.ask(rev - kept);
      expect([recent.isWhole, recent.items.length]).toEqual([false, 100]);
      expect(await open().moving.count('personal_items')).toBeGreaterThanOrEqual(kept);
    });
  });
};
