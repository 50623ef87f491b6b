// Looking back: pages of history, their edges and what they refuse.
import { describe, expect, it } from 'vitest';
import type { Message } from '../../schemas/views.ts';
import type { Person } from '../client/person.ts';
import type { Target } from '../harness.ts';
import { refusalOf, Stage } from './stage.ts';

const written = 25;
const contents = (items: Message[]) => items.map(({ content }) => Number(content));
const span = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

export const history = (target: () => Target) =>
  describe('history', () => {
    const stage = new Stage(target);

    const filled = async (): Promise<{ id: string; ann: Person; sent: Message[] }> => {
      const { id, ann } = await stage.pair();
      const sent: Message[] = [];
      for (const i of span(0, written)) sent.push(await ann.say(id, String(i)));
      return { id, ann, sent };
    };

    it('answers the newest page by default, oldest first inside it, and pages back to the beginning', async () => {
      const { id, ann } = await filled();
      const newest = await ann.api.history(id, { limit: 10 });
      expect(contents(newest.items)).toEqual(span(15, 25));
      const middle = await ann.api.history(id, { limit: 10, before: newest.items[0]?.position ?? '' });
      expect(contents(middle.items)).toEqual(span(5, 15));
      const oldest = await ann.api.history(id, { limit: 10, before: middle.items[0]?.position ?? '' });
      expect(contents(oldest.items)).toEqual(span(0, 5));
      expect(oldest.nextCursor).toBeNull();
      const nothing = await ann.api.history(id, { before: oldest.items[0]?.position ?? '' });
      expect(nothing).toEqual({ items: [], nextCursor: null });
    });

    it('pages forward from the beginning with after=0, and answers nothing past the end', async () => {
      const { id, ann, sent } = await filled();
      const first = await ann.api.history(id, { limit: 10, after: '0' });
      expect(contents(first.items)).toEqual(span(0, 10));
      const second = await ann.api.history(id, { limit: 10, after: first.items.at(-1)?.position ?? '' });
      expect(contents(second.items)).toEqual(span(10, 20));
      const past = await ann.api.history(id, { after: sent.at(-1)?.position ?? '' });
      expect(past).toEqual({ items: [], nextCursor: null });
      expect(contents((await ann.api.history(id, { limit: 1 })).items)).toEqual([24]);
      expect(contents((await ann.api.history(id, { limit: 100 })).items)).toEqual(span(0, 25));
    });

    it('leaves out the message at the given position itself, both ways', async () => {
      const { id, ann, sent } = await filled();
      const position = sent[12]?.position ?? '';
      expect(contents((await ann.api.history(id, { before: position, limit: 2 })).items)).toEqual([10, 11]);
      expect(contents((await ann.api.history(id, { after: position, limit: 2 })).items)).toEqual([13, 14]);
    });

    it('starts at the first message of a moment with `since`, and goes on from there', async () => {
      const { id, ann, sent } = await filled();
      const since = (time: string, limit = 3) =>
        ann.api.history(id, { since: time, limit }).then(({ items }) => contents(items));
      const moment = sent[12]?.createdAt ?? '';
      const first = sent.findIndex(({ createdAt }) => createdAt >= moment);
      expect(await since(moment)).toEqual(span(first, first + 3));
      expect(await since('1970-01-01T00:00:00.000Z')).toEqual(span(0, 3));
      expect(await since('9999-01-01T00:00:00.000Z')).toEqual([]);
      const page = await ann.api.history(id, { since: moment, limit: 3 });
      expect(contents((await ann.api.history(id, { after: page.nextCursor ?? '', limit: 2 })).items)).toEqual(
        span(first + 3, first + 5),
      );
    });

    it('shows one message by its id, as it is now, to who may see it', async () => {
      const { id, ann, bob } = await stage.pair();
      const before = await ann.say(id, 'before');
      const late = await stage.person('late');
      await ann.api.addMember(id, late.id);
      const during = await ann.say(id, 'during');
      await ann.api.edit(during.id, 'edited');
      expect(await late.api.message(during.id)).toMatchObject({
        id: during.id,
        conversationId: id,
        position: during.position,
        content: 'edited',
      });
      expect(await refusalOf(late.api.message(before.id))).toBe('404 not_found');
      expect((await bob.api.message(before.id)).content).toBe('before');
      const first = await late.api.history(id, { since: before.createdAt });
      expect(first.items.map(({ content }) => content)).toEqual(['edited']);
      await ann.api.deleteMessage(during.id);
      expect(await late.api.message(during.id)).toMatchObject({ content: '', position: during.position });
      await ann.api.removeMember(id, late.id);
      expect(await refusalOf(late.api.message(during.id))).toBe('404 not_found');
      expect(await refusalOf(late.api.history(id, { since: before.createdAt }))).toBe('404 not_found');
    });

    it('refuses limits outside 1-100, positions that are none, both directions at once, and unknown parameters', async () => {
      const { id, ann } = await stage.pair();
      const path = `/api/conversations/${id}/messages`;
      for (const query of [
        'limit=0',
        'limit=101',
        'limit=-1',
        'limit=many',
        'limit=1.5',
        'before=-1',
        'before=x',
        'after=1e3',
        'before=5&after=1',
        'before=5&since=2026-01-01T00:00:00.000Z',
        'since=2026-01-01',
      ])
        expect(await refusalOf(ann.api.call('GET', `${path}?${query}`)), query).toBe('400 invalid_input');
    });

    it('refuses limits outside 1-100 and invented cursors in every other list too', async () => {
      const { id, ann } = await stage.pair();
      for (const path of [
        '/api/users',
        '/api/users/active',
        '/api/conversations',
        `/api/conversations/${id}/members`,
      ]) {
        for (const limit of [0, 101])
          expect(await refusalOf(ann.api.call('GET', `${path}?limit=${limit}`)), path).toBe(
            '400 invalid_input',
          );
        const status = (await ann.api.ask('GET', `${path}?cursor=${encodeURIComponent('not ours ✗')}`))
          .status;
        expect([200, 400], `${path} with an invented cursor`).toContain(status);
      }
    });

    it('finds people by the beginning of their names, case and accents ignored', async () => {
      const ann = await stage.person('Hà-Nội');
      const { items } = await ann.api.users({ q: ann.user.username.toLowerCase() });
      expect(items.map(({ id }) => id)).toContain(ann.id);
      const folded = ann.user.username.replace('Hà-Nội', 'ha-noi');
      expect((await ann.api.users({ q: folded })).items.map(({ id }) => id)).toContain(ann.id);
    });
  });
