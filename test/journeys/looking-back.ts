// Time travel: a conversation as it was, who may look, and what a message once said.
import { describe, expect, it } from 'vitest';
import type { HistoryPage, Message } from '../../schemas/views.ts';
import { sleep } from '../client/eventually.ts';
import type { Person } from '../client/person.ts';
import type { Target } from '../harness.ts';
import { refusalOf, Stage } from './stage.ts';

const contents = ({ items }: { items: Message[] }): string[] => items.map(({ content }) => content);
const names = ({ conversation }: HistoryPage): string[] =>
  (conversation?.members ?? []).map(({ userId }) => userId).sort();

/** A moment between what was before and what comes: the clocks of one machine agree, and tell milliseconds. */
const moment = async (): Promise<string> => {
  await sleep(3);
  const now = new Date().toISOString();
  await sleep(3);
  return now;
};

export const lookingBack = (target: () => Target) =>
  describe('looking back', () => {
    const stage = new Stage(target);

    it('shows texts before they were edited, reactions as they were, and nothing that came later', async () => {
      const { id, ann, bob } = await stage.pair();
      const empty = await moment();
      const sent = await ann.api.send(id, 'the plan');
      await bob.sees(sent.id);
      await bob.api.react(sent.id, '👍');
      const first = await moment();
      await ann.api.edit(sent.id, 'another plan');
      await bob.api.unreact(sent.id, '👍');
      const second = await moment();
      await ann.api.edit(sent.id, 'no plan');
      const later = await ann.api.send(id, 'later');
      await bob.sees(later.id);

      const at = (time: string) => bob.api.historyAt(id, time);
      expect(contents(await at(empty))).toEqual([]);
      expect((await at(first)).items).toMatchObject([
        { content: 'the plan', editedAt: null, reactions: [{ emoji: '👍', userIds: [bob.id] }] },
      ]);
      const then = (await at(second)).items[0];
      expect(then).toMatchObject({ content: 'another plan', position: sent.position, reactions: [] });
      expect(then?.editedAt).not.toBeNull();
      expect(contents(await at('2999-01-01T00:00:00Z'))).toEqual(['no plan', 'later']);
      expect(await at('1999-01-01T00:00:00Z')).toEqual({ items: [], nextCursor: null, conversation: null });
      expect(await bob.api.history(id)).not.toHaveProperty('conversation');
    });

    it('pages like history does, and refuses what is no moment', async () => {
      const { id, ann } = await stage.pair();
      for (let i = 0; i < 7; i += 1) await ann.api.send(id, String(i));
      const time = await moment();
      await ann.api.send(id, 'later');
      const newest = await ann.api.historyAt(id, time, { limit: 3 });
      expect(contents(newest)).toEqual(['4', '5', '6']);
      const before = newest.nextCursor as string;
      expect(contents(await ann.api.historyAt(id, time, { limit: 3, before }))).toEqual(['1', '2', '3']);
      const forward = await ann.api.historyAt(id, time, { limit: 5, after: before });
      expect(contents(forward)).toEqual(['5', '6']);
      const path = `/api/conversations/${id}/messages?at=`;
      for (const wrong of ['yesterday', '2026-13-01T00:00:00Z', '2026-01-01', ''])
        expect(await refusalOf(ann.api.call('GET', path + wrong)), wrong).toBe('400 invalid_input');
    });

    it('shows who was a member and what it was called', async () => {
      const { id, people } = await stage.group(3);
      const [ann, bob, cem] = people as [Person, Person, Person];
      await ann.api.send(id, 'hello');
      const three = await moment();
      await ann.api.removeMember(id, cem.id);
      await ann.api.changeConversation(id, { name: 'the two of us' });
      const two = await moment();
      await ann.api.addMember(id, cem.id);
      const before = await ann.api.historyAt(id, three);
      expect(before.conversation).toMatchObject({ name: 'a group', memberCount: 3 });
      expect(names(before)).toEqual([ann.id, bob.id, cem.id].sort());
      const marker = await ann.api.send(id, 'marker');
      await bob.sees(marker.id);
      const after = await bob.api.historyAt(id, two);
      expect(after.conversation).toMatchObject({ name: 'the two of us', memberCount: 2 });
      expect(names(after)).toEqual([ann.id, bob.id].sort());
      expect(after.conversation?.members[0]).toMatchObject({ userId: ann.id, isAdmin: true });
    });

    it('shows nothing from before to who joined late, and nothing at all to who was removed', async () => {
      const { id, people } = await stage.group(2);
      const [ann, bob] = people as [Person, Person];
      const old = await ann.api.send(id, 'before');
      await ann.api.edit(old.id, 'before, edited');
      const early = await moment();
      const late = await stage.person('late');
      await expect
        .poll(() =>
          ann.api.addMember(id, late.id).then(
            () => true,
            () => false,
          ),
        )
        .toBe(true);
      const fresh = await ann.api.send(id, 'after');
      expect(await late.api.historyAt(id, early)).toEqual({
        items: [],
        nextCursor: null,
        conversation: null,
      });
      expect(contents(await late.api.historyAt(id, await moment()))).toEqual(['after']);
      const { items, changes } = await late.api.playback(id, { after: '0' });
      expect(items.map(({ message }) => message.id)).toEqual([fresh.id]);
      expect(JSON.stringify(changes)).not.toContain(bob.id);
      expect(await refusalOf(late.api.versions(old.id))).toBe('404 not_found');
      expect((await late.api.versions(fresh.id)).items).toHaveLength(1);

      await ann.api.removeMember(id, bob.id);
      await expect.poll(() => refusalOf(bob.api.history(id))).toBe('404 not_found');
      expect(await refusalOf(bob.api.historyAt(id, early))).toBe('404 not_found');
      expect(await refusalOf(bob.api.playback(id))).toBe('404 not_found');
      expect(await refusalOf(bob.api.versions(old.id))).toBe('404 not_found');
      const eve = await stage.person('eve');
      expect(await refusalOf(eve.api.historyAt(id, early))).toBe('404 not_found');
      expect(await refusalOf(eve.api.versions(old.id))).toBe('404 not_found');
    });

    it('tells of a deleted message only that it was deleted, at any time and in any way', async () => {
      const { id, ann, bob } = await stage.pair();
      const sent = await ann.api.send(id, 'secret one');
      await ann.api.edit(sent.id, 'secret two');
      const time = await moment();
      const { deletedAt } = await ann.api.deleteMessage(sent.id);
      await bob.sees(sent.id, (message) => message.deletedAt !== null);
      expect((await bob.api.historyAt(id, time)).items).toMatchObject([
        { id: sent.id, content: '', deletedAt, position: sent.position },
      ]);
      expect(await bob.api.versions(sent.id)).toEqual({ items: [], deletedAt });
      const everything = [await bob.api.playback(id), await ann.api.historyAt(id, time)];
      expect(JSON.stringify(everything)).not.toContain('secret');
    });

    it('has the edit history of a message, the newest last, at once after an edit', async () => {
      const { id, ann, bob } = await stage.pair();
      const sent = await ann.api.send(id, 'one');
      await bob.sees(sent.id);
      expect((await bob.api.versions(sent.id)).items).toMatchObject([
        { content: 'one', from: sent.createdAt },
      ]);
      for (const text of ['two', 'three']) {
        const edited = await ann.api.edit(sent.id, text);
        const { items, deletedAt } = await ann.api.versions(sent.id);
        expect(items.at(-1)).toMatchObject({ content: text, from: edited.editedAt });
        expect(deletedAt).toBeNull();
      }
      await bob.sees(sent.id, ({ content }) => content === 'three');
      const { items } = await bob.api.versions(sent.id);
      expect(items.map(({ content }) => content)).toEqual(['one', 'two', 'three']);
    });

    it('plays back in stretches that follow each other without a gap, from the beginning, the end or a time', async () => {
      const { id, people } = await stage.group(2);
      const [ann, bob] = people as [Person, Person];
      const first = await ann.api.send(id, 'one');
      const time = await moment();
      await ann.api.edit(first.id, 'one!');
      await ann.api.changeConversation(id, { name: 'renamed' });
      await bob.api.send(id, 'two');
      await ann.api.removeMember(id, bob.id);
      await ann.api.send(id, 'three');
      const texts = (page: Awaited<ReturnType<typeof ann.api.playback>>) =>
        page.items.map(({ versions }) => versions.map(({ content }) => content).join('>'));
      const begin = await ann.api.playback(id, { after: '0', limit: 2 });
      expect(texts(begin)).toEqual(['one>one!', 'two']);
      expect(begin.conversation).toMatchObject({ name: 'a group', memberCount: 2 });
      expect(begin.changes).toMatchObject([{ name: 'renamed' }]);
      const rest = await ann.api.playback(id, { after: begin.nextCursor as string, limit: 2 });
      expect(texts(rest)).toEqual(['three']);
      expect(rest.changes).toMatchObject([{ left: [bob.id], joined: [] }]);
      expect(rest.conversation).toMatchObject({ name: 'renamed', memberCount: 2 });
      expect(rest.nextCursor).toBeNull();
      expect(texts(await ann.api.playback(id, { at: time }))).toEqual(['one>one!']);
      expect(texts(await ann.api.playback(id, { limit: 1 }))).toEqual(['three']);
      const twice = ann.api.playback(id, { at: time, after: '0' });
      expect(await refusalOf(twice)).toBe('400 invalid_input');
    });
  });
