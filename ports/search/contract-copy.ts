// Search a second time: made beside the live index, compared with it, put in its place, or used to mend it.
import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readSearch } from '../../schemas/search-query.ts';
import type { Difference, ProjectionCopy } from '../copy.ts';
import { idOf, minute } from './contract-acceptance.ts';
import type { SearchChange, SearchCommit, SearchDocument, SearchIndex, SearchWriter } from './port.ts';

/** Behind the product's back. */
export type Damage = {
  forget(id: string): Promise<void>;
  /** Another one that nobody has written. */
  invent(document: SearchDocument): Promise<void>;
  /** Other words for an existing one, and everything else as it was. */
  words(id: string, content: string): Promise<void>;
  /** The same words, but of another conversation. */
  facts(id: string, conversationId: string): Promise<void>;
  /** As if it had been changed more often. */
  rev(id: string, rev: number): Promise<void>;
};

export type FreshSearch = {
  index: SearchIndex;
  /** The same index as another process has it. */
  elsewhere(): Promise<SearchIndex>;
  damage: Damage;
  close(): Promise<void>;
};

const topic = 'chat.conversations';
const epoch = 'an epoch';
const partitions = [0, 3];
const count = 1_200;
const conversationId = idOf(800);

const documentAt = (n: number): SearchDocument => ({
  id: idOf(10_000 + n),
  rev: 1,
  conversationId,
  position: n,
  senderId: idOf(900 + (n % 7)),
  at: minute(Math.floor(n / 5)),
  content: `Tin nhắn thứ ${n} của người ${n % 7}, từ ${createHash('md5').update(String(n)).digest('hex')}`,
  mentions: n % 10 === 0 ? [idOf(950)] : [],
  has: n % 11 === 0 ? ['link'] : [],
  isReply: n % 3 === 0,
});

/** One event at each place; in each partition some are edited and deleted again. */
const story = (partition: number): SearchChange[] => {
  const changes: SearchChange[] = [];
  for (let n = 1; n <= count; n += 1) {
    const document = documentAt(n * 2 + (partition === 0 ? 0 : 1));
    changes.push({ kind: 'put', document });
    if (n % 40 === 0)
      changes.push({ kind: 'put', document: { ...document, rev: 2, content: `sửa lại ${n}` } });
    if (n % 60 === 0) {
      const { id, at, position } = document;
      changes.push({ kind: 'remove', id, rev: 3, at, position });
    }
  }
  return changes;
};

const batchOf = (partition: number, fence: number, from: number, to: number): SearchCommit => ({
  topic,
  partition,
  fence,
  next: to,
  changes: story(partition).slice(from, to),
});
const end = story(0).length;

/** Tells an index the story up to there, in batches of that size, one partition after the other. */
const tell = async (writer: SearchWriter, size: number, until = end): Promise<void> => {
  for (const partition of partitions) {
    const { fence, next } = await writer.claim(topic, partition, epoch);
    for (let from = next; from < until; from += size)
      await writer.commit(batchOf(partition, fence, from, Math.min(until, from + size)));
  }
};

const findIn = async (index: SearchIndex, typed: string): Promise<string[]> => {
  const { terms, without, has } = readSearch(typed);
  const scope = [{ conversationId, visible: 'all' as const }];
  const page = await index.reader.search({
    terms,
    without,
    has,
    mentions: [],
    scope,
    sort: 'best',
    limit: 10,
  });
  return page.hits.map(({ id }) => id);
};

const said = (found: Difference[]): string[] =>
  found.map(({ table, kind, columns }) => `${kind} ${table} ${[...columns].sort()}`.trim()).sort();

export const copyContract = (fresh: () => Promise<FreshSearch>): void => {
  describe('a copy', { timeout: 120_000 }, () => {
    let search: FreshSearch;
    let index: SearchIndex;
    beforeEach(async () => {
      search = await fresh();
      index = search.index;
      await tell(index.writer, 400);
      await index.refresh();
    });
    afterEach(() => search?.close());

    const complete = async (): Promise<ProjectionCopy<SearchWriter>> => {
      const copy = await index.copy();
      await tell(copy.writer, 7_00);
      return copy;
    };
    const compared = (copy: ProjectionCopy<SearchWriter>) => copy.compare(() => {});
    const live = async () => ({ [topic]: await index.reader.applied(topic) });

    it('of the same events is the same, however they were batched', async () => {
      const copy = await complete();
      let rows = 0;
      expect(await copy.compare((more) => (rows += more))).toEqual([]);
      expect(rows).toBe(2 * count);
      expect(await copy.applied(topic)).toEqual(await index.reader.applied(topic));
      await copy.drop();
    });

    it('is found again when it was begun, and goes on from its own place', async () => {
      const begun = await index.copy();
      expect(await index.begunAt(topic)).toEqual([]);
      await tell(begun.writer, 100, 300);
      await index.refresh();
      const again = await (await search.elsewhere()).copy();
      expect((await again.applied(topic))[partitions[1] as number]).toBe(300);
      expect(await index.begunAt(topic)).toEqual(await again.applied(topic));
      await tell(again.writer, 500);
      expect(await compared(again)).toEqual([]);
      await again.drop();
      expect(await index.begunAt(topic)).toBeNull();
    });

    it('of fewer events lacks what the live one has, and the other way round', async () => {
      const copy = await index.copy();
      await tell(copy.writer, 100, 30);
      const extra = await compared(copy);
      expect(extra).toHaveLength(2 * (count - 30));
      expect(new Set(extra.map(({ kind }) => kind))).toEqual(new Set(['extra']));
      // They were only early: what is looked at again is as it is by then.
      await tell(copy.writer, 1_000);
      expect(await copy.recheck(extra)).toEqual([]);
      await copy.drop();
    });

    it('names every damage, and mends it', async () => {
      const copy = await complete();
      const ids = [101, 102, 103, 104, 105].map((n) => documentAt(n).id) as [string, ...string[]];
      const invented = { ...documentAt(7), id: idOf(77_777), position: 70_000, content: 'bịa đặt' };
      await search.damage.forget(ids[0]);
      await search.damage.words(ids[1] as string, 'lời khác hẳn');
      await search.damage.facts(ids[2] as string, idOf(801));
      await search.damage.rev(ids[3] as string, 9);
      await search.damage.invent(invented);
      const found = await compared(copy);
      expect(found.map(({ key }) => key[0]).sort()).toEqual([...ids.slice(0, 4), invented.id].sort());
      const kinds = new Map(found.map(({ key, kind }) => [key[0], kind]));
      expect(kinds.get(ids[0])).toBe('missing');
      expect(kinds.get(invented.id)).toBe('extra');
      const columns = new Map(found.map(({ key, columns: of }) => [key[0], of]));
      expect(columns.get(ids[1] as string)).toEqual(expect.arrayContaining(['exact', 'folded']));
      expect(columns.get(ids[2] as string)?.join()).toMatch(/conversation|facets/);
      expect(columns.get(ids[3] as string)).toEqual(['rev']);
      expect(said(await copy.recheck(found))).toEqual(said(found));

      expect(await copy.holding(await live(), () => copy.mend(found).then(() => 'mended'))).toBe('mended');
      expect(await compared(copy)).toEqual([]);
      await index.refresh();
      expect(await findIn(index, 'bịa đặt')).toEqual([]);
      expect(await findIn(index, `"tin nhắn thứ 102"`)).toEqual([ids[1]]);
      // A change that comes later is taken, although the damage had been newer.
      const { fence, next } = await index.writer.claim(topic, 0, epoch);
      const document = { ...documentAt(104), rev: 2, content: 'về sau' };
      const changes: SearchChange[] = [{ kind: 'put', document }];
      await index.writer.commit({ topic, partition: 0, fence, next, changes });
      await index.refresh();
      expect(await findIn(index, 'về sau')).toEqual([ids[3]]);
      await copy.drop();
    });

    it('does nothing when the live one has moved on meanwhile', async () => {
      const copy = await complete();
      const at = await live();
      const { fence } = await index.writer.claim(topic, 0, epoch);
      await index.writer.commit({ topic, partition: 0, fence, next: end + 1, changes: [] });
      let ran = false;
      expect(await copy.holding(at, async () => (ran = true))).toBeNull();
      expect(ran).toBe(false);
      await copy.drop();
    });

    it('keeps everybody from moving the live one while it works', async () => {
      const copy = await complete();
      const owner = (await search.elsewhere()).writer;
      const { fence } = await owner.claim(topic, 0, epoch);
      const at = await live();
      const late = async (): Promise<void> => {
        const own = await owner.claim(topic, 0, epoch);
        await owner.commit(batchOf(0, own.fence, 0, end + 5));
      };
      let attempts: Promise<unknown>[] = [];
      const applied = await copy.holding(at, async () => {
        const early = owner.commit(batchOf(0, fence, 0, end + 5));
        attempts = [early, late()].map((each) => each.catch((error: unknown) => error));
        await new Promise((resolve) => setTimeout(resolve, 300));
        return index.reader.applied(topic);
      });
      expect(applied).toEqual(at[topic]);
      await Promise.all(attempts);
      await late();
      await index.refresh();
      expect((await index.reader.applied(topic))[0]).toBe(end + 5);
      await copy.drop();
    });

    it('tells what had come to differ at the moment of the change of places', async () => {
      const copy = await complete();
      expect(await compared(copy)).toEqual([]);
      const invented = { ...documentAt(7), id: idOf(77_777), position: 70_000, content: 'bịa đặt' };
      await search.damage.forget(documentAt(101).id);
      await search.damage.words(documentAt(102).id, 'lời khác hẳn');
      await search.damage.invent(invented);
      const at = await live();
      await copy.holding(at, () => copy.take());
      let rows = 0;
      const late = await copy.compareOld(at, (more) => (rows += more));
      expect(late?.map(({ kind, key }) => [kind, key[0]]).sort()).toEqual([
        ['different', documentAt(102).id],
        ['extra', invented.id],
        ['missing', documentAt(101).id],
      ]);
      expect(rows).toBe(2 * count);
      expect(await index.dropOld()).toBe(true);
    });

    it('takes the place of the live one while people search and their owner, another process, goes on', async () => {
      const copy = await complete();
      const there = await search.elsewhere();
      const owner = await there.writer.claim(topic, 0, epoch);
      await search.damage.words(documentAt(101).id, 'lời khác hẳn');
      const [wanted] = await findIn(index, '"tin nhắn thứ 102"');
      let searching = true;
      let searches = 0;
      const reader = (async () => {
        for (; searching; searches += 1) expect(await findIn(there, '"tin nhắn thứ 102"')).toEqual([wanted]);
      })();
      expect(await copy.holding(await live(), () => copy.take().then(() => 'taken'))).toBe('taken');

      // Who owned a partition is told so, and claims again.
      const document = { ...documentAt(5_000), content: 'sau khi thay' };
      const batch = {
        ...batchOf(0, owner.fence, end, end + 1),
        changes: [{ kind: 'put' as const, document }],
      };
      await expect(there.writer.commit(batch)).rejects.toMatchObject({ code: 'fenced' });
      const claimed = await there.writer.claim(topic, 0, epoch);
      expect(claimed.next).toBe(end);
      await there.writer.commit({ ...batch, fence: claimed.fence });
      await there.refresh();
      searching = false;
      await reader;
      expect(searches).toBeGreaterThan(0);
      expect(await findIn(index, 'sau khi thay')).toEqual([document.id]);
      expect(await findIn(index, 'lời khác hẳn')).toEqual([]);
      expect((await index.reader.applied(topic))[0]).toBe(end + 1);

      // And once more, from the beginning; only one old one is kept.
      expect(await index.beside()).toEqual({ begun: false, old: true });
      const second = await index.copy();
      expect(await second.applied(topic)).toEqual([]);
      expect(await index.beside()).toEqual({ begun: true, old: true });
      const again = async () => second.holding(await live(), () => second.take());
      await expect(again()).rejects.toMatchObject({ code: 'old_copy_kept' });
      expect(await index.dropOld()).toBe(true);
      expect(await index.dropOld()).toBe(false);
      await second.drop();
      expect(await index.beside()).toEqual({ begun: false, old: false });
    });

    it('names and mends a thousand damages of every kind', async () => {
      const copy = await complete();
      const damaged = await damageMany(search.damage, 1_000);
      const found = await compared(copy);
      expect(found.map(({ key }) => key[0]).sort()).toEqual([...damaged].sort());
      expect(await copy.holding(await live(), () => copy.mend(found).then(() => 'mended'))).toBe('mended');
      expect(await compared(copy)).toEqual([]);
      await copy.drop();
    });
  });
};

/** A fixed seed: the same thousand every time. Answers whose they are. */
const damageMany = async (damage: Damage, many: number): Promise<string[]> => {
  let seed = 20_261_130;
  const below = (n: number): number => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff;
    return Math.floor((seed / 0x80000000) * n);
  };
  // Those that were deleted have no words to be changed.
  const whole = Array.from({ length: 2 * count }, (_, i) => i + 2).filter(
    (n) => Math.floor(n / 2) % 60 !== 0,
  );
  const ids: string[] = [];
  for (let i = 0; i < many; i += 1) {
    const [n] = whole.splice(below(whole.length), 1) as [number];
    const document = documentAt(n);
    const kinds: (() => Promise<void>)[] = [
      () => damage.forget(document.id),
      () => damage.words(document.id, `lời khác ${n}`),
      () => damage.facts(document.id, idOf(801)),
      () => damage.rev(document.id, 7),
      () => damage.invent({ ...document, id: idOf(500_000 + n), position: 600_000 + n }),
    ];
    const kind = below(kinds.length);
    await kinds[kind]?.();
    ids.push(kind === 4 ? idOf(500_000 + n) : document.id);
  }
  return ids;
};
