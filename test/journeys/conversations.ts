// One-to-one conversations and groups: who is in, who may do what, who sees what.
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Message } from '../../schemas/views.ts';
import { eventually } from '../client/eventually.ts';
import { directOf, groupOf, type Person } from '../client/person.ts';
import type { Target } from '../harness.ts';
import { refusalOf, Stage } from './stage.ts';

const contents = (items: Message[]) => items.map(({ content }) => content);
const shown = async (person: Person, id: string) => contents(await person.api.wholeHistory(id));

export const conversations = (target: () => Target) =>
  describe('conversations', () => {
    const stage = new Stage(target);

    it('makes the one-to-one conversation of two people once, whoever asks first: 201, then 200', async () => {
      const ann = await stage.person();
      const bob = await stage.person();
      const ask = (person: Person, other: Person, at = stage.here) =>
        person.at(at).ask('POST', '/api/conversations', { body: { isGroup: false, memberIds: [other.id] } });
      const first = await ask(ann, bob);
      expect(first.status).toBe(201);
      const { id } = first.body as { id: string };
      for (const again of [await ask(ann, bob), await ask(bob, ann)]) {
        expect(again.status).toBe(200);
        expect((again.body as { id: string }).id).toBe(id);
      }
      const elsewhere = await ask(bob, ann, stage.there);
      expect((elsewhere.body as { id: string }).id).toBe(id);
    });

    it('makes it once even when both ask at the same moment at two gateways', async () => {
      const ann = await stage.person();
      const bob = await stage.person('p', stage.there);
      await directOf(ann, bob).then(() => directOf(bob, ann));
      const cem = await stage.person();
      const dan = await stage.person();
      const made = await Promise.all(
        Array.from({ length: 6 }, (_, i) =>
          i % 2 ? cem.api.createDirect(dan.id) : dan.api.createDirect(cem.id),
        ),
      );
      expect(new Set(made.map(({ id }) => id)).size).toBe(1);
      expect((await cem.api.conversations()).items).toHaveLength(1);
      expect((await dan.api.conversations()).items).toHaveLength(1);
    });

    it('refuses conversations with nobody, with oneself, with unknown people, and groups without a name', async () => {
      const ann = await stage.person();
      const bob = await stage.person();
      const create = (body: object) => refusalOf(ann.api.call('POST', '/api/conversations', body));
      expect(await create({ isGroup: false, memberIds: [] })).toMatch(/^4(00|22)/);
      expect(await create({ isGroup: false, memberIds: [ann.id] })).toMatch(/^4(00|22)/);
      expect(await create({ isGroup: false, memberIds: [bob.id, randomUUID()] })).toMatch(/^4(00|22)/);
      expect(await create({ isGroup: true, name: 'x', memberIds: [randomUUID()] })).toBe(
        '422 unknown_member',
      );
      expect(await create({ isGroup: true, memberIds: [bob.id] })).toMatch(/^4(00|22)/);
      expect((await ann.api.conversations()).items).toEqual([]);
    });

    it('keeps one-to-one conversations as they are: nobody is added, removed, or leaves', async () => {
      const [ann, bob, cem] = await Promise.all([stage.person(), stage.person(), stage.person()]);
      const { id } = await directOf(ann, bob);
      expect(await refusalOf(ann.api.addMember(id, cem.id))).toMatch(/^4(00|03|09|22)/);
      expect(await refusalOf(ann.api.removeMember(id, ann.id))).toMatch(/^4(00|03|09|22)/);
      expect(await refusalOf(ann.api.changeConversation(id, { name: 'ours' }))).toMatch(/^4(00|03|09|22)/);
    });

    it('makes the creator the first admin, and lets only admins change a group and its members', async () => {
      const { id, group, people } = await stage.group(3);
      const [ann, bob, cem] = people as [Person, Person, Person];
      expect(group.members.filter(({ isAdmin }) => isAdmin).map(({ userId }) => userId)).toEqual([ann.id]);
      expect(group.memberCount).toBe(3);
      const dan = await stage.person();
      expect(await refusalOf(bob.api.changeConversation(id, { name: 'mine' }))).toBe('403 not_an_admin');
      expect(await refusalOf(bob.api.addMember(id, dan.id))).toBe('403 not_an_admin');
      expect(await refusalOf(bob.api.removeMember(id, cem.id))).toBe('403 not_an_admin');
      expect(await refusalOf(bob.api.changeMember(id, bob.id, true))).toBe('403 not_an_admin');

      await ann.api.changeMember(id, bob.id, true);
      await eventually(() => bob.api.changeConversation(id, { name: 'ours' }), 'bob is an admin');
      for (const person of people)
        await person.socket.waitFor('conversation', ({ conversation }) => conversation.name === 'ours');
    });

    it('refuses that the last admin steps down, and gives the group an heir when they leave', async () => {
      const { id, people } = await stage.group(3);
      const [ann, bob] = people as [Person, Person];
      expect(await refusalOf(ann.api.changeMember(id, ann.id, false))).toBe('409 last_admin');
      await ann.api.removeMember(id, ann.id);
      expect(await refusalOf(ann.api.conversation(id))).toMatch(/^404/);
      const admins = await eventually(async () => {
        const { members, memberCount } = await bob.api.conversation(id);
        return memberCount === 2 && members.filter(({ isAdmin }) => isAdmin);
      }, 'ann has left');
      expect(admins).toHaveLength(1);
    });

    it('tells a new member of the group, who sees what comes after joining and nothing of before', async () => {
      const { id, ann, bob } = await stage.pair();
      await ann.say(id, 'before');
      const cem = await stage.online('new', stage.there);
      await eventually(() => ann.api.addMember(id, cem.id), 'cem is known');
      const told = await cem.socket.waitFor('conversation', ({ conversation }) => conversation.id === id);
      expect(told.conversation.unreadCount).toBe(0);
      expect(told.conversation.lastMessage?.content).not.toBe('before');
      const after = await bob.say(id, 'after');
      await cem.sees(after.id);
      expect(await shown(cem, id)).toEqual(['after']);
      expect(cem.socket.all('message').map(({ message }) => message.content)).toEqual(['after']);
    });

    it('shows a new member everything once an admin has said so, and hides it again when that is taken back', async () => {
      const { id, ann } = await stage.pair();
      await ann.say(id, 'long ago');
      const cem = await stage.online('new', stage.there);
      await eventually(() => ann.api.addMember(id, cem.id), 'cem is known');
      await cem.socket.waitFor('conversation');
      expect(await shown(cem, id)).toEqual([]);
      await ann.api.changeConversation(id, { historyVisibility: 'all' });
      await eventually(async () => (await shown(cem, id)).length === 1, 'history is open');
      await ann.api.changeConversation(id, { historyVisibility: 'joined' });
      await eventually(async () => (await shown(cem, id)).length === 0, 'history is closed');
    });

    it('ends everything for who is removed, at once, and gives back their own times when they come again', async () => {
      const { id, people } = await stage.group(3);
      const [ann, bob] = people as [Person, Person];
      const first = await ann.say(id, 'with bob');
      await bob.sees(first.id);
      await ann.api.removeMember(id, bob.id);
      await bob.socket.waitFor('removed', ({ conversationId }) => conversationId === id);
      const from = bob.socket.frames.length;
      await ann.say(id, 'without bob');
      expect(await refusalOf(bob.api.conversation(id))).toMatch(/^404/);
      expect((await bob.api.conversations()).items).toEqual([]);
      expect(await refusalOf(bob.api.send(id, 'still here?'))).toMatch(/^404/);
      await bob.socket.settle();
      expect(bob.socket.frames.slice(from).filter(({ type }) => type === 'message')).toEqual([]);

      await ann.api.addMember(id, bob.id);
      await bob.socket.waitFor('conversation', ({ conversation }) => conversation.id === id, { from });
      const last = await ann.say(id, 'bob again');
      await bob.sees(last.id);
      expect(await shown(bob, id)).toEqual(['with bob', 'bob again']);
      expect(await shown(ann, id)).toEqual(['with bob', 'without bob', 'bob again']);
    });

    it('lists own conversations, the newest activity first, page by page without gap or repetition', async () => {
      const ann = await stage.online();
      const others = await Promise.all([stage.person(), stage.person(), stage.person()]);
      const made = [];
      for (const other of others) made.push(await groupOf(ann, [other]));
      await ann.say(made[0]?.id ?? '', 'newest');
      const wanted = [made[0], made[2], made[1]].map((each) => each?.id);
      const listed = await ann.api.conversations();
      expect(listed.items.map(({ id }) => id)).toEqual(wanted);
      expect(listed.items[0]?.lastMessage?.content).toBe('newest');
      const paged = [];
      for (let cursor: string | undefined; ; ) {
        const page = await ann.api.conversations({ limit: 1, ...(cursor ? { cursor } : {}) });
        paged.push(...page.items.map(({ id }) => id));
        if (!page.nextCursor) break;
        cursor = page.nextCursor;
      }
      expect(paged).toEqual(wanted);
    });

    it('answers a change to later reads at once at the same gateway, and within 5 s at the other', async () => {
      const { id, ann } = await stage.pair();
      for (let i = 0; i < 10; i++) {
        await ann.api.changeConversation(id, { name: `name ${i}` });
        expect((await ann.api.conversation(id)).name).toBe(`name ${i}`);
        const sent = await ann.api.send(id, `text ${i}`);
        expect((await ann.api.history(id, { limit: 1 })).items[0]?.id).toBe(sent.id);
      }
      const other = ann.at(stage.there);
      await eventually(async () => (await other.conversation(id)).name === 'name 9', 'the name elsewhere');
      await eventually(async () => (await other.wholeHistory(id)).length === 10, 'the messages elsewhere');
    });
  });
