// Finding what was said: by words, by who and when; and never what one may not see.
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { SearchResult } from '../../schemas/views.ts';
import { eventually } from '../client/eventually.ts';
import type { Person } from '../client/person.ts';
import type { Target } from '../harness.ts';
import { refusalOf, Stage } from './stage.ts';

type Asked = Record<string, string>;

const find = (person: Person, asked: Asked, at?: string): Promise<SearchResult> => {
  const api = at ? person.at(at) : person.api;
  return api.call('GET', `/api/search?${new URLSearchParams(asked)}`);
};
const texts = ({ items }: SearchResult): string[] => items.map(({ message }) => message.content);

export const searching = (target: () => Target) =>
  describe('searching', () => {
    const stage = new Stage(target);

    /** Everything said so far can be found by this person. */
    const indexed = async (person: Person, conversationId: string, content: string): Promise<void> => {
      const { id } = await person.say(conversationId, content);
      const isThere = async () =>
        (await find(person, { q: content, conversationId })).items.some(({ message }) => message.id === id);
      await eventually(isThere, `"${content}" can be found`, 10_000);
    };
    const marker = () => `m${randomUUID().replaceAll('-', '')}`;

    it('finds by words without accents, exact spelling first, marks the words, at every gateway', async () => {
      const { id, ann, bob } = await stage.pair();
      for (const text of ['Đường về nhà', 'duong dai', 'con đường', 'hoàn toàn khác'])
        await ann.say(id, text);
      await indexed(bob, id, marker());
      for (const at of [stage.here, stage.there]) {
        expect(texts(await find(bob, { q: 'đường' }, at))).toEqual([
          'con đường',
          'Đường về nhà',
          'duong dai',
        ]);
        expect(texts(await find(bob, { q: 'duong' }, at))).toEqual([
          'duong dai',
          'con đường',
          'Đường về nhà',
        ]);
      }
      const { items, total, nextCursor, indexedThrough } = await find(bob, { q: '"duong ve"' });
      expect({ total, nextCursor }).toEqual({ total: 1, nextCursor: null });
      expect(Date.parse(indexedThrough)).not.toBeNaN();
      const [hit] = items;
      expect(hit?.conversation).toMatchObject({ id, isGroup: true });
      expect(
        hit?.highlights.map(({ start, length }) => hit.message.content.slice(start, start + length)),
      ).toEqual(['Đường', 'về']);
    });

    it('narrows by who, where, when, what kind, and by operators in the text', async () => {
      const { id, ann, bob } = await stage.pair();
      const word = marker();
      const first = await ann.say(id, `${word} một`);
      await bob.sees(first.id);
      await bob.say(id, `${word} hai https://example.org/x`, { replyTo: first.id });
      await ann.say(id, `${word} ba @${bob.user.username}`);
      const other = await stage.group(2);
      await indexed(ann, id, marker());
      await indexed(other.people[0] as Person, other.id, `${word} elsewhere`);
      const q = (more: string) => find(ann, { q: `${word} ${more}` }).then(texts);
      const all = await q('');
      expect(all).toHaveLength(3);
      expect(await q(`from:${bob.user.username}`)).toEqual([`${word} hai https://example.org/x`]);
      expect(await q('from:me')).toHaveLength(2);
      expect(await q('from:nobody-of-this-name')).toEqual([]);
      expect(await q('has:link')).toHaveLength(1);
      expect(await q('is:reply')).toHaveLength(1);
      expect(await q('-hai')).toHaveLength(2);
      expect(texts(await find(bob, { q: `${word} mentions:me` }))).toEqual([
        `${word} ba @${bob.user.username}`,
      ]);
      expect(await q('on:today')).toHaveLength(3);
      expect(await q('before:2020')).toEqual([]);
      expect(await q('after:2020-02')).toHaveLength(3);
      expect(await q(`in:${id}`)).toHaveLength(3);
      expect(texts(await find(ann, { q: word, senderId: bob.id }))).toHaveLength(1);
      expect(texts(await find(ann, { q: word, to: first.createdAt }))).toEqual([]);
      expect(texts(await find(ann, { q: word, from: first.createdAt }))).toHaveLength(3);
      expect(texts(await find(ann, { conversationId: id, has: 'link' }))).toHaveLength(1);
      expect(texts(await find(ann, {}))).toEqual([]);
    });

    it('pages without gap or repetition', async () => {
      const { id, ann } = await stage.pair();
      const word = marker();
      for (let i = 0; i < 7; i++) await ann.say(id, `${word} ${i}`);
      await indexed(ann, id, marker());
      const paged: string[] = [];
      let cursor: string | null = null;
      do {
        const page: SearchResult = await find(ann, { q: word, limit: '3', ...(cursor ? { cursor } : {}) });
        expect(page.total).toBe(7);
        paged.push(...texts(page));
        cursor = page.nextCursor;
      } while (cursor);
      expect(paged).toEqual([6, 5, 4, 3, 2, 1, 0].map((i) => `${word} ${i}`));
    });

    it('goes on where a page ended while more is said, by time too', async () => {
      const { id, ann, bob } = await stage.pair();
      const word = marker();
      for (let i = 0; i < 4; i++) await ann.say(id, i % 2 ? `${word} ${i}` : `${word}s ${i}`);
      await indexed(ann, id, marker());
      const orders = { best: [3, 1, 2, 0], newest: [3, 2, 1, 0] };
      for (const [sort, order] of Object.entries(orders)) {
        const first = await find(ann, { q: word, sort, limit: '2' });
        const more = await bob.say(id, `${word} and more`);
        await indexed(bob, id, marker());
        const rest = await find(ann, { q: word, sort, limit: '2', cursor: first.nextCursor ?? '' });
        expect([...texts(first), ...texts(rest)].map((text) => Number(text.slice(-1)))).toEqual(order);
        await bob.api.deleteMessage(more.id);
        const isGone = async () => (await find(ann, { q: word })).total === 4;
        await eventually(isGone, 'what was said in between is gone');
      }
    });

    it('finds mistyped, decomposed and unspaced words, and marks them where they stand', async () => {
      const { id, ann, bob } = await stage.pair();
      for (const text of ['🚀 Chúng ta gặp nhau', '今天天气很好', 'a wonderful evening'])
        await ann.say(id, text);
      await indexed(bob, id, marker());
      const marked = async (q: string) => {
        const { items } = await find(bob, { q, conversationId: id });
        return items.map(({ message, highlights }) =>
          highlights.map(({ start, length }) => message.content.slice(start, start + length)).join(' '),
        );
      };
      expect(await marked('gặp'.normalize('NFD'))).toEqual(['gặp']);
      expect(await marked('天气')).toEqual(['天 气']);
      expect(await marked('wonderfull even')).toEqual(['wonderful evening']);
      expect(await marked('"ta gap"')).toEqual(['ta gặp']);
    });

    it('shows who joined late, left and came back only what was said while they were there', async () => {
      const { id, ann } = await stage.pair();
      const word = marker();
      const late = await stage.online('late', stage.there);
      await ann.say(id, `${word} before`);
      const comes = () => eventually(() => ann.api.addMember(id, late.id).then(() => true), 'late is known');
      await comes();
      await ann.say(id, `${word} during`);
      await ann.api.removeMember(id, late.id);
      await ann.say(id, `${word} away`);
      await comes();
      await ann.say(id, `${word} again`);
      await indexed(ann, id, marker());
      await eventually(
        async () =>
          texts(await find(late, { q: word })).join() === [`${word} again`, `${word} during`].join(),
        'late finds what was said while there',
      );
      expect((await find(late, { q: word })).total).toBe(2);
      await ann.api.removeMember(id, late.id);
      await eventually(async () => (await find(late, { q: word })).items.length === 0, 'late finds nothing');
      expect(texts(await find(ann, { q: word }))).toHaveLength(4);
      const stranger = await stage.person();
      expect(texts(await find(stranger, { q: word }))).toEqual([]);
      expect(texts(await find(stranger, { q: word, conversationId: id }))).toEqual([]);
    });

    it('follows edits and deletions', async () => {
      const { id, ann, bob } = await stage.pair();
      const [old, now] = [marker(), marker()];
      const message = await ann.say(id, old);
      await indexed(bob, id, marker());
      await ann.api.edit(message.id, now);
      await eventually(async () => (await find(bob, { q: now })).total === 1, 'the new text is found');
      expect((await find(bob, { q: old })).items).toEqual([]);
      await ann.api.deleteMessage(message.id);
      expect((await find(bob, { q: now })).items).toEqual([]);
      await eventually(async () => (await find(bob, { q: now })).total === 0, 'it is out of the index');
    });

    it('refuses what makes no sense, and answers everything else', async () => {
      const { ann } = await stage.pair();
      const refused = (asked: Asked) => refusalOf(find(ann, asked));
      expect(await refused({ q: 'a', cursor: 'made-up' })).toBe('400 invalid_input');
      expect(await refused({ q: 'a', limit: '0' })).toBe('400 invalid_input');
      expect(await refused({ q: 'a', from: '2026-02-31' })).toBe('400 invalid_input');
      expect(await refused({ q: 'on:2026-13' })).toBe('400 invalid_input');
      expect(await refused({ q: 'a', timeZone: 'Mars/Base' })).toBe('400 invalid_input');
      expect(await refused({ q: 'x'.repeat(1001) })).toBe('400 invalid_input');
      expect(await refused({ q: 'a '.repeat(400) })).toBe('400 invalid_input');
      expect(await refused({ q: 'a', has: 'teeth' })).toBe('400 invalid_input');
      for (const q of ['"', '-', '* OR (', '\u0000\u0007', 'from:', '/(a+)+$/', '日本', '🚀 "'])
        expect((await find(ann, { q })).items).toEqual([]);
    });
  });
