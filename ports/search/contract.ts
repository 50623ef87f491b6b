// What every search index does. `open` gives an empty one of its own.
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readSearch } from '../../schemas/search-query.ts';
import { ForeignCursorError } from '../errors.ts';
import {
  acceptance,
  documentOf,
  idOf,
  minute,
  names,
  type TextName,
  textOfName,
} from './contract-acceptance.ts';
import type { SearchChange, SearchDocument, SearchIndex, SearchRequest } from './port.ts';

const topic = 'chat.conversations';
const epoch = 'an epoch';

export const searchContract = (open: () => Promise<SearchIndex>): void => {
  let index: SearchIndex;
  let partition = 0;

  /** Commits as the owner of a partition nobody had before, and waits until it is found. */
  const commit = async (changes: SearchChange[], next = 1_000): Promise<void> => {
    partition += 1;
    const { fence } = await index.writer.claim(topic, partition, epoch);
    await index.writer.commit({ topic, partition, fence, next, changes });
    await index.refresh();
  };
  const put = (...documents: SearchDocument[]): Promise<void> =>
    commit(documents.map((document) => ({ kind: 'put', document })));
  const request = (typed: string, more: Partial<SearchRequest> = {}): SearchRequest => {
    const { terms, without, has, isReply } = readSearch(typed);
    const reply = isReply ? { isReply } : {};
    return { terms, without, has, mentions: [], scope: [], sort: 'best', limit: 50, ...reply, ...more };
  };
  const everything = (conversationId: string) => [{ conversationId, visible: 'all' as const }];

  beforeAll(async () => {
    index = await open();
  });
  afterAll(() => index?.close());

  describe('finds by words', () => {
    const conversationId = randomUUID();
    const scope = everything(conversationId);
    const find = async (typed: string, more: Partial<SearchRequest> = {}): Promise<string[]> => {
      const { hits } = await index.reader.search(request(typed, { scope, ...more }));
      const byId = new Map(names.map((name) => [documentOf(name, conversationId).id, name]));
      return hits.map(({ id }) => byId.get(id) ?? id);
    };
    beforeAll(() => put(...names.map((name) => documentOf(name, conversationId))));

    it.each(acceptance)('%j', async (typed, found) => {
      expect(await find(typed)).toEqual(found);
    });

    it('or newest first, however well they fit', async () => {
      expect(await find('duong', { sort: 'newest' })).toEqual([
        'exactDuong',
        'plainDuong',
        'sugar',
        'duongs',
      ]);
      expect(await find('mesage', { sort: 'newest' })).toEqual(['message', 'mesage']);
    });

    it('or by nothing but who, when and what', async () => {
      expect(await find('has:link')).toEqual(['link']);
      expect(await find('is:reply')).toEqual(['mesage']);
      expect(await find('', { mentions: [idOf(950)] })).toEqual(['hanoi']);
      const all = [...names];
      expect(await find('')).toEqual(all);
      expect(await find('', { senderIds: [idOf(901)] })).toEqual(
        all.filter((name) => documentOf(name, conversationId).senderId === idOf(901)),
      );
      expect(await find('', { senderIds: [] })).toEqual([]);
      expect(await find('', { from: minute(3), to: minute(6) })).toEqual(names.slice(-5, -2));
      expect(await find('duong', { from: minute(names.length) })).toEqual(['exactDuong']);
    });

    it('page by page, without gap or repetition, and counts', async () => {
      for (const [typed, limit, sort] of [
        ['', 4, 'best'],
        ['duong', 1, 'best'],
        ['message', 2, 'best'],
        ['duong', 1, 'newest'],
      ] as const) {
        const whole = await find(typed, { sort });
        const paged: string[] = [];
        let cursor: string | undefined;
        for (;;) {
          const page = await index.reader.search(
            request(typed, { scope, sort, limit, ...(cursor ? { cursor } : {}) }),
          );
          expect(page.hits.length).toBeLessThanOrEqual(limit);
          expect(page.total).toBe(whole.length);
          paged.push(...page.hits.map(({ id }) => id));
          if (page.nextCursor === null) break;
          cursor = page.nextCursor;
        }
        const ids = whole.map((name) => documentOf(name as TextName, conversationId).id);
        expect(paged).toEqual(ids);
      }
    });

    it('nothing for a cursor of somebody else', async () => {
      for (const cursor of ['!', 'e30', Buffer.from('["a",1]').toString('base64url')])
        await expect(index.reader.search(request('a', { scope, cursor }))).rejects.toThrow(
          ForeignCursorError,
        );
      const newest = await index.reader.search(request('duong', { scope, sort: 'newest', limit: 1 }));
      const mistaken = request('duong', { scope, cursor: newest.nextCursor as string });
      await expect(index.reader.search(mistaken)).rejects.toThrow(ForeignCursorError);
    });
  });

  describe('shows only what is in the scope', () => {
    const [mine, theirs] = [randomUUID(), randomUUID()];
    const say = (conversationId: string, position: number): SearchDocument => ({
      ...documentOf('hanoi', conversationId),
      id: randomUUID(),
      position,
      at: minute(position),
    });
    beforeAll(() => put(...[1, 2, 3, 4, 5, 6].flatMap((n) => [say(mine, n), say(theirs, n)])));
    const positions = async (scope: SearchRequest['scope']): Promise<number[]> =>
      (await index.reader.search(request('hanoi noi', { scope }))).hits.map(({ position }) => position);

    it('of conversations', async () => {
      const { hits, total } = await index.reader.search(request('noi', { scope: everything(mine) }));
      expect(hits.map(({ conversationId }) => conversationId)).toEqual(Array(6).fill(mine));
      expect(total).toBe(6);
      expect((await index.reader.search(request('noi', { scope: [] }))).hits).toEqual([]);
      expect((await index.reader.search(request('noi', { scope: everything(randomUUID()) }))).hits).toEqual(
        [],
      );
    });

    it('of places: who joined late, left and came back', async () => {
      expect(await positions(everything(mine))).toEqual([]);
      const spans = [{ conversationId: mine, visible: [[2, 4] as const, [6, 99] as const] }];
      const { hits, total } = await index.reader.search(request('noi', { scope: spans }));
      expect(hits.map(({ position }) => position)).toEqual([6, 3, 2]);
      expect(total).toBe(3);
      const both = [...spans, { conversationId: theirs, visible: 'all' as const }];
      expect((await index.reader.search(request('noi', { scope: both }))).total).toBe(9);
    });

    it('of very many conversations', async () => {
      const many = Array.from({ length: 3_000 }, () => ({
        conversationId: randomUUID(),
        visible: 'all' as const,
      }));
      const scope = [...many, ...everything(mine)];
      expect((await index.reader.search(request('noi', { scope }))).total).toBe(6);
    });
  });

  describe('follows changes', () => {
    const conversationId = randomUUID();
    const scope = everything(conversationId);
    const original: SearchDocument = { ...documentOf('hanoi', conversationId), id: randomUUID() };
    const edited = (rev: number, content: string): SearchChange => ({
      kind: 'put',
      document: { ...original, rev, content },
    });
    const removed = (rev: number): SearchChange => {
      const { id, at, position } = original;
      return { kind: 'remove', id, rev, at, position };
    };
    const count = async (typed: string): Promise<number> =>
      (await index.reader.search(request(typed, { scope }))).total;

    it('an edit replaces the words; an older or equal change does nothing', async () => {
      await put(original);
      await commit([edited(3, 'saigon')]);
      expect([await count('noi'), await count('saigon')]).toEqual([0, 1]);
      await commit([edited(2, 'hue')]);
      await commit([edited(3, 'dalat')]);
      expect([await count('hue'), await count('dalat'), await count('saigon')]).toEqual([0, 0, 1]);
    });

    it('a deletion takes it away, and no late older change brings it back', async () => {
      const before = await index.reader.count();
      await commit([removed(4)]);
      expect(await count('saigon')).toBe(0);
      expect(await index.reader.count()).toBe(before - 1);
      await commit([edited(3, 'saigon')]);
      expect(await count('saigon')).toBe(0);
    });

    it('of several in one batch the newest counts', async () => {
      const other = { ...original, id: randomUUID() };
      const change = (rev: number, content: string): SearchChange => ({
        kind: 'put',
        document: { ...other, rev, content },
      });
      await commit([change(1, 'one'), change(3, 'three'), change(2, 'two')]);
      expect([await count('one'), await count('two'), await count('three')]).toEqual([0, 0, 1]);
    });

    it('many messages of one moment are all kept', async () => {
      const together = randomUUID();
      const documents = Array.from({ length: 2_500 }, (_, i) => ({
        ...documentOf('hanoi', together),
        id: randomUUID(),
        position: i + 1,
      }));
      await put(...documents);
      expect((await index.reader.search(request('noi', { scope: everything(together) }))).total).toBe(2_500);
    });

    it('texts of every kind are kept', async () => {
      const hard = randomUUID();
      const contents = [
        '',
        '\u0000',
        '\u0007 bell',
        'x'.repeat(70_000),
        `${'a '.repeat(9_000)}end`,
        '"',
        "'; DROP",
      ];
      await put(
        ...contents.map((content, i) => ({
          ...documentOf('hanoi', hard),
          id: randomUUID(),
          position: i + 1,
          at: minute(i),
          content,
        })),
      );
      expect((await index.reader.search(request('', { scope: everything(hard) }))).total).toBe(
        contents.length,
      );
      expect((await index.reader.search(request('end', { scope: everything(hard) }))).total).toBe(1);
      expect((await index.reader.search(request('bell', { scope: everything(hard) }))).total).toBe(1);
    });
  });

  describe('keeps its place', () => {
    it('with the documents, per partition, and gives it to the next owner', async () => {
      await commit([], 41);
      const applied = await index.reader.applied(topic);
      expect(applied[partition]).toBe(41);
      expect(await index.writer.claim(topic, partition, epoch)).toMatchObject({ next: 41 });
    });

    it('and refuses another log', async () => {
      await expect(index.writer.claim(topic, partition, 'another epoch')).rejects.toMatchObject({
        code: 'search_other_log',
        retry: 'never',
      });
    });

    it('and refuses who was the owner before', async () => {
      const former = await index.writer.claim(topic, partition, epoch);
      await index.writer.claim(topic, partition, epoch);
      const late = index.writer.commit({ topic, partition, fence: former.fence, next: 50, changes: [] });
      await expect(late).rejects.toMatchObject({ code: 'fenced' });
    });
  });

  it('answers whatever is asked, in bounded time', async () => {
    const conversationId = randomUUID();
    await put({ ...documentOf('quotes', conversationId), id: randomUUID() });
    const scope = everything(conversationId);
    const hostile = [
      textOfName('quotes'),
      '* OR "" NEAR/3 {exact folded} : x ^y AND NOT',
      '(((((((((((',
      'exact:duong facets:c0',
      '\\u0000 \u0001 \u202e abc',
      'a'.repeat(900),
      Array.from({ length: 30 }, (_, i) => `word${i}`).join(' '),
      '/(a+)+$/ .* [x-z]{9999}',
      '-- ; DROP TABLE words',
      '-a -b -c',
      '"a" "b" -"c"',
    ];
    for (const typed of hostile) {
      const { hits } = await index.reader.search(request(typed, { scope }));
      expect(hits.length).toBeLessThanOrEqual(1);
    }
  });

  it('answers any text and any cursor, however it is put together', { timeout: 60_000 }, async () => {
    const part = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 20 }),
      fc.constantFrom('"', '*', ' OR ', ' -', 'NEAR(', '\ud800', '\u0000', 'ab', '日', ' "a b" ', '\\', '`'),
    );
    const typed = fc.array(part, { maxLength: 12 }).map((parts) => parts.join(' '));
    const cursor = fc.array(fc.oneof(fc.nat(), fc.maxSafeInteger(), fc.string()), { maxLength: 5 });
    const scope = everything(randomUUID());
    await fc.assert(
      fc.asyncProperty(
        typed,
        cursor,
        fc.constantFrom('best' as const, 'newest' as const),
        async (text, at, sort) => {
          expect((await index.reader.search(request(text, { scope, sort }))).hits).toEqual([]);
          const made = Buffer.from(JSON.stringify(at)).toString('base64url');
          const page = index.reader.search(request(text, { scope, sort, cursor: made }));
          await page.catch((error) => expect(error).toBeInstanceOf(ForeignCursorError));
        },
      ),
      { numRuns: 60, seed: 20_261_130 },
    );
  });

  it('narrows by the stretches of very many conversations', async () => {
    const one = randomUUID();
    await put({ ...documentOf('hanoi', one), id: randomUUID(), position: 7 });
    const scope = [...Array.from({ length: 1_500 }, () => randomUUID()), one].map((conversationId) => ({
      conversationId,
      visible: [[1, 4] as const, [6, 9] as const],
    }));
    expect((await index.reader.search(request('noi', { scope }))).total).toBe(1);
  });
};
