// Statistics of a conversation: counted for those who may see what is counted, and for nobody else.
import { describe, expect, it } from 'vitest';
import type { Message, Statistics } from '../../schemas/views.ts';
import { eventually } from '../client/eventually.ts';
import type { Person } from '../client/person.ts';
import type { Target } from '../harness.ts';
import { refusalOf, Stage } from './stage.ts';

const ask = (person: Person, path: string, asked: Record<string, string> = {}): Promise<Statistics> =>
  person.api.call('GET', `/api/analytics${path}?${new URLSearchParams(asked)}`);

export const counting = (target: () => Target) =>
  describe('counting', () => {
    const stage = new Stage(target);

    const totals = async (person: Person, id: string) => (await ask(person, `/conversations/${id}`)).totals;
    const counted = (person: Person, id: string, messages: number) =>
      eventually(
        async () => (await totals(person, id)).messages === messages,
        `${messages} messages are counted`,
        15_000,
      );

    it('tells members how much was said, by whom, when and how fast, at every gateway', async () => {
      const { id, ann, bob } = await stage.pair();
      const question = await ann.say(id, 'who comes?');
      await bob.sees(question.id);
      await bob.api.call<Message>('POST', `/api/conversations/${id}/messages`, {
        ref: crypto.randomUUID(),
        content: 'I do',
        replyTo: question.id,
      });
      const mistake = await ann.say(id, 'oops');
      await ann.api.call('DELETE', `/api/messages/${mistake.id}`);
      await bob.api.call('PUT', `/api/messages/${question.id}/reactions/${encodeURIComponent('👍')}`);
      await eventually(
        async () => (await totals(ann, id)).reactions === 1 && (await totals(ann, id)).messages === 2,
        'all of it is counted',
        15_000,
      );
      const found = await ask(bob, `/conversations/${id}`, { timeZone: 'Asia/Ho_Chi_Minh' });
      expect(found.totals).toMatchObject({
        messages: 2,
        reactions: 1,
        activePeople: 2,
        newPeople: 2,
        responses: 1,
      });
      expect(found.totals.medianResponseMs).not.toBeNull();
      expect(found.series).toHaveLength(30);
      expect(found.series.at(0)?.at).toMatch(/T17:00:00\.000Z$/);
      expect(found.series.reduce((sum, day) => sum + day.messages, 0)).toBe(2);
      expect(found.hoursOfWeek.reduce((sum, hour) => sum + hour, 0)).toBe(2);
      expect(found.people.map(({ messages }) => messages)).toEqual([1, 1]);
      expect(found.conversations).toEqual([]);
      expect(Date.parse(found.countedThrough)).not.toBeNaN();
      const byHour = await ask(ann, `/conversations/${id}`, { granularity: 'hour' });
      expect(byHour.series.length).toBeGreaterThanOrEqual(48);
    });

    it('counts for whoever came late only what came after', async () => {
      const { id, ann } = await stage.pair();
      await ann.say(id, 'before');
      const late = await stage.person('late');
      await ann.api.call('POST', `/api/conversations/${id}/members`, { userId: late.id });
      await ann.say(id, 'after');
      await counted(ann, id, 2);
      await counted(late, id, 1);
      await ann.api.call('PATCH', `/api/conversations/${id}`, { historyVisibility: 'all' });
      await counted(late, id, 2);
    });

    it('is nobody else’s', async () => {
      const { id, ann } = await stage.pair();
      const stranger = await stage.person('stranger');
      expect(await refusalOf(ask(stranger, `/conversations/${id}`))).toBe('404 not_found');
      // Of everything: for instance admins. Everybody who registers in a journey comes after the first account.
      await ann.say(id, 'anything');
      expect(await refusalOf(ask(stranger, ''))).toBe('404 not_found');
    });

    it('refuses what cannot be asked', async () => {
      const { id, ann } = await stage.pair();
      for (const asked of [
        { timeZone: 'Mars/Olympus' },
        { from: '2026-02-31' },
        { from: '2026-02-02', to: '2026-02-01' },
        { from: '2020', to: '2026' },
        { from: '2026-01-01', to: '2026-03-01', granularity: 'hour' },
        { granularity: 'week' },
        { from: '1969' },
      ] as Record<string, string>[])
        expect(await refusalOf(ask(ann, `/conversations/${id}`, asked)), JSON.stringify(asked)).toBe(
          '400 invalid_input',
        );
    });
  });
