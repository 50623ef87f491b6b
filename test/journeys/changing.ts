// What can be done to a message after it was sent: edit, delete, react.
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { eventually } from '../client/eventually.ts';
import type { Person } from '../client/person.ts';
import type { Target } from '../harness.ts';
import { refusalOf, Stage } from './stage.ts';

export const changing = (target: () => Target) =>
  describe('changing messages', () => {
    const stage = new Stage(target);

    it('edits by socket and by HTTP: same id and position, `editedAt`, shown to everybody', async () => {
      const { id, ann, bob } = await stage.pair();
      const sent = await ann.say(id, 'firts');
      const ref = randomUUID();
      ann.socket.send({ type: 'edit', ref, messageId: sent.id, content: 'first' });
      const acked = await ann.acked(ref);
      expect(acked).toMatchObject({ id: sent.id, position: sent.position, content: 'first' });
      expect(acked.editedAt).not.toBeNull();
      await bob.sees(sent.id, ({ content }) => content === 'first');
      const again = await ann.api.edit(sent.id, 'first!');
      expect(again.content).toBe('first!');
      await bob.sees(sent.id, ({ content }) => content === 'first!');
      expect((await bob.api.wholeHistory(id)).map(({ content }) => content)).toEqual(['first!']);
    });

    it('lets only the sender edit, the sender or an admin delete', async () => {
      const { id, people } = await stage.group(3);
      const [ann, bob, cem] = people as [Person, Person, Person];
      const bobs = await bob.say(id, 'mine');
      await Promise.all([ann.sees(bobs.id), cem.sees(bobs.id)]);
      expect(await refusalOf(cem.api.edit(bobs.id, 'no'))).toMatch(/^403/);
      expect(await refusalOf(ann.api.edit(bobs.id, 'no'))).toMatch(/^403/);
      expect(await refusalOf(cem.api.deleteMessage(bobs.id))).toMatch(/^403/);
      const ref = randomUUID();
      cem.socket.send({ type: 'delete', ref, messageId: bobs.id });
      expect(await cem.refused(ref)).toBe('not_the_sender');
      await ann.api.deleteMessage(bobs.id);
      await bob.sees(bobs.id, ({ deletedAt }) => deletedAt !== null);
    });

    it('keeps of a deleted message its id and place, and nothing of what it said, anywhere', async () => {
      const { id, ann, bob } = await stage.pair();
      const secret = `secret ${randomUUID()}`;
      const sent = await ann.say(id, secret);
      await bob.sees(sent.id);
      const ref = randomUUID();
      ann.socket.send({ type: 'delete', ref, messageId: sent.id });
      const gone = await ann.acked(ref);
      expect(gone).toMatchObject({ id: sent.id, position: sent.position, content: '' });
      expect(gone.deletedAt).not.toBeNull();
      await bob.sees(sent.id, ({ deletedAt, content }) => deletedAt !== null && content === '');
      const seen = JSON.stringify([await bob.api.wholeHistory(id), await bob.api.conversations()]);
      expect(seen).not.toContain(secret);
      expect(await refusalOf(ann.api.edit(sent.id, 'back'))).toMatch(/^4/);
      expect(await refusalOf(bob.api.react(sent.id, '👍'))).toMatch(/^4/);
      // Deleting again is no mistake of a client that lost the answer.
      expect((await ann.api.deleteMessage(sent.id)).deletedAt).toBe(gone.deletedAt);
    });

    it('reacts, takes back and reacts again, by each person once per emoji, shown to everybody', async () => {
      const { id, ann, bob } = await stage.pair();
      const sent = await ann.say(id, 'good news');
      await bob.sees(sent.id);
      const heart = '❤️';
      expect((await bob.api.react(sent.id, heart)).reactions).toEqual([{ emoji: heart, userIds: [bob.id] }]);
      expect((await bob.api.react(sent.id, heart)).reactions).toEqual([{ emoji: heart, userIds: [bob.id] }]);
      await ann.sees(sent.id, ({ reactions }) => reactions[0]?.userIds.includes(bob.id) ?? false);
      const ref = randomUUID();
      ann.socket.send({ type: 'react', ref, messageId: sent.id, emoji: heart });
      const both = await ann.acked(ref);
      expect(both.reactions[0]?.userIds.toSorted()).toEqual([ann.id, bob.id].sort());
      await bob.sees(sent.id, ({ reactions }) => reactions[0]?.userIds.length === 2);
      expect((await bob.api.unreact(sent.id, heart)).reactions).toEqual([
        { emoji: heart, userIds: [ann.id] },
      ]);
      const back = randomUUID();
      bob.socket.send({ type: 'react', ref: back, messageId: sent.id, emoji: heart });
      expect((await bob.acked(back)).reactions[0]?.userIds).toHaveLength(2);
      const off = randomUUID();
      bob.socket.send({ type: 'unreact', ref: off, messageId: sent.id, emoji: heart });
      expect((await bob.acked(off)).reactions).toEqual([{ emoji: heart, userIds: [ann.id] }]);
      await eventually(async () => {
        const [kept] = (await ann.api.history(id)).items;
        return JSON.stringify(kept?.reactions) === JSON.stringify([{ emoji: heart, userIds: [ann.id] }]);
      }, 'history has the same');
    });

    it('loses no reaction of many people at the same moment through both gateways', async () => {
      const { id, people } = await stage.group(5);
      const sent = await (people[0] as Person).say(id, 'vote');
      await Promise.all(people.map((person) => person.sees(sent.id)));
      await Promise.all(people.map((person) => person.api.react(sent.id, '✅')));
      const all = people.map((person) => person.id).sort();
      for (const person of people)
        await person.sees(sent.id, ({ reactions }) => reactions[0]?.userIds.length === people.length);
      const [kept] = (await (people[1] as Person).api.history(id)).items;
      expect(kept?.reactions[0]?.userIds.toSorted()).toEqual(all);
    });

    it('resolves edits at the same moment by the one order: everybody ends with the same text', async () => {
      const { id, ann, bob } = await stage.pair();
      const sent = await ann.say(id, 'draft');
      await bob.sees(sent.id);
      const answers = await Promise.allSettled(
        Array.from({ length: 8 }, (_, i) =>
          ann.at(i % 2 ? stage.here : stage.there).edit(sent.id, `version ${i}`),
        ),
      );
      expect(answers.some(({ status }) => status === 'fulfilled')).toBe(true);
      const marker = await ann.say(id, 'marker');
      await Promise.all([ann.sees(marker.id), bob.sees(marker.id)]);
      const newest = (person: Person) =>
        person.socket
          .all('message')
          .filter(({ message }) => message.id === sent.id)
          .at(-1)?.message.content;
      const [kept] = await ann.api.wholeHistory(id);
      await eventually(() => newest(ann) === kept?.content, 'ann shows what history has');
      await eventually(() => newest(bob) === kept?.content, 'bob shows what history has');
    });

    it('answers 404 for messages that do not exist and for those of others` conversations alike', async () => {
      const { id, ann } = await stage.pair();
      const sent = await ann.say(id, 'ours');
      const eve = await stage.person();
      for (const messageId of [randomUUID(), sent.id]) {
        expect(await refusalOf(eve.api.edit(messageId, 'x'))).toBe('404 not_found');
        expect(await refusalOf(eve.api.deleteMessage(messageId))).toBe('404 not_found');
        expect(await refusalOf(eve.api.react(messageId, '👍'))).toBe('404 not_found');
        expect(await refusalOf(eve.api.markRead(messageId))).toBe('404 not_found');
      }
    });
  });
