// What a person keeps for themselves: the same on each of their devices, and nobody else's business.
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { PersonalItem } from '../../schemas/personal.ts';
import { sleep } from '../client/eventually.ts';
import type { Person } from '../client/person.ts';
import type { Target } from '../harness.ts';
import { refusalOf, Stage } from './stage.ts';

const draft = (content: string) => ({ content, replyTo: null });

export const personal = (target: () => Target): void => {
  describe('personal items', () => {
    const stage = new Stage(target);
    /** Two devices of one person, at two gateways where there are two. */
    const devices = async (person: Person) => ({
      here: person.api,
      there: person.at(stage.there),
      socket: await person.connect({ at: stage.there }),
    });

    it('follow the person to their other device at once, and nobody else hears of it', async () => {
      const { id, ann, bob } = await stage.pair();
      const { here, there, socket } = await devices(ann);
      const settings = { pinned: true, notify: 'mentions', mutedUntil: 'forever', unreadFrom: '1' };
      const put = await here.put('conversation', id, settings);
      expect(put).toMatchObject({ kind: 'conversation', key: id, value: settings, rev: 1 });
      const frame = await socket.waitFor('personal');
      expect(frame).toEqual({ type: 'personal', kind: 'conversation', key: id, rev: 1 });
      expect(await there.personal(0)).toEqual({ items: [put], nextCursor: null, isWhole: true, rev: 1 });

      const kept = await here.put('draft', id, draft('chưa gửi  \n'));
      await socket.waitFor('personal', ({ rev }) => rev === kept.rev);
      expect((await there.personal(1)).items).toEqual([kept]);
      const gone = await there.drop('draft', id);
      expect((await here.personal(kept.rev)).items).toEqual([gone]);
      expect(gone).toMatchObject({ value: null, rev: 3 });

      // A message after it: what there was to be told has been told by then.
      await bob.sees((await ann.say(id, 'done')).id);
      await sleep(300);
      expect(bob.socket.all('personal')).toEqual([]);
      expect(await bob.api.personal(0)).toEqual({ items: [], nextCursor: null, isWhole: true, rev: 0 });
    });

    it('never overwrite a draft that another device has changed since', async () => {
      const { id, ann } = await stage.pair();
      const { here, there } = await devices(ann);
      const first = await here.put('draft', id, draft('one'), 0);
      await there.put('draft', id, draft('two'), first.rev);
      expect(await refusalOf(here.put('draft', id, draft('three'), first.rev))).toBe('409 conflict');
      expect(await refusalOf(here.drop('draft', id, first.rev))).toBe('409 conflict');
      const { items, rev } = await here.personal(first.rev);
      expect(items.map(({ value }) => value)).toEqual([draft('two')]);
      // The same once more, as after a lost answer, is no change.
      expect(await there.put('draft', id, draft('two'), first.rev)).toEqual(items[0]);
      expect((await here.put('draft', id, draft('three'), rev)).rev).toBe(rev + 1);
    });

    it('are refused for what the person may not see', async () => {
      const { id, ann } = await stage.pair();
      const eve = await stage.person('eve', stage.there);
      const { id: messageId } = await ann.say(id, 'keep this');
      const saved = { conversationId: id, at: '2026-01-01T00:00:00.000Z' };
      const item = await ann.api.put('saved', messageId, saved);
      expect(item.value).toEqual(saved);
      for (const [kind, key, value] of [
        ['conversation', id, { pinned: true }],
        ['draft', id, draft('x')],
        ['saved', messageId, saved],
        ['draft', randomUUID(), draft('x')],
        ['saved', randomUUID(), saved],
      ] as const)
        expect(await refusalOf(eve.api.put(kind, key, value))).toBe('404 not_found');
      expect((await eve.api.personal(0)).items).toEqual([]);
      const elsewhere = { ...saved, conversationId: randomUUID() };
      expect(await refusalOf(ann.api.put('saved', messageId, elsewhere))).toBe('422 unknown_message');
      // Removing needs no right: one may have left meanwhile.
      expect(await eve.api.drop('draft', id)).toMatchObject({ value: null, rev: 0 });
    });

    it('are refused when they are not what they say', async () => {
      const { id, ann } = await stage.pair();
      for (const [kind, value] of [
        ['conversation', { isAdmin: true }],
        ['conversation', { mutedUntil: '2026-02-31T00:00:00.000Z' }],
        ['conversation', { mutedUntil: '2026-99-99T99:99:99.999Z' }],
        ['conversation', { unreadFrom: 7 }],
        ['draft', { content: 'x' }],
        ['draft', draft('x'.repeat(16_001))],
        ['secrets', {}],
      ] as const) {
        const answer = await ann.api.ask('PUT', `/api/personal/${kind}/${id}`, { body: value });
        const isWrong = answer.status === 400 || (kind === 'secrets' && answer.status === 404);
        expect([kind, value, answer.status, isWrong]).toEqual([kind, value, answer.status, true]);
      }
      expect(await refusalOf(ann.api.personal(-1))).toBe('400 invalid_input');
      expect((await ann.api.personal(0)).items).toEqual([]);
    });

    it('come in pages, all of them, and only once', async () => {
      const { id, ann } = await stage.pair();
      const sent = [];
      for (let i = 0; i < 7; i++) sent.push(await ann.say(id, `text ${i}`));
      for (const { id: key, createdAt } of sent)
        await ann.api.put('saved', key, { conversationId: id, at: createdAt });
      const seen: PersonalItem[] = [];
      for (let cursor: string | undefined; ; ) {
        const page = await ann.api.personal(0, { limit: 3, ...(cursor ? { cursor } : {}) });
        seen.push(...page.items);
        if (page.nextCursor === null) break;
        cursor = page.nextCursor;
      }
      expect(seen.map(({ key }) => key)).toEqual(sent.map(({ id: key }) => key));
      expect(await refusalOf(ann.api.personal(0, { cursor: 'made-up' }))).toBe('400 invalid_input');
    });
  });
};
