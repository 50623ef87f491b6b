// Away and back: everything missed comes, in order, by cursor, at any gateway.
import { describe, expect, it } from 'vitest';
import { eventually } from '../client/eventually.ts';
import { groupOf, type Person } from '../client/person.ts';
import type { Socket } from '../client/socket.ts';
import { essence, Timeline } from '../client/timeline.ts';
import type { Target } from '../harness.ts';
import { refusalOf, Stage } from './stage.ts';

/** Goes away with a cursor that covers everything shown so far. */
const leave = async (person: Person, lastSeen: string): Promise<string> => {
  await person.sees(lastSeen);
  const at = person.socket.frames.findIndex((f) => f.type === 'message' && f.message.id === lastSeen);
  const { cursor } = await person.socket.waitFor('cursor', () => true, { from: at });
  person.close();
  return cursor;
};

const resumed = (socket: Socket): boolean => socket.all('connect')[0]?.resumed ?? false;

export const resync = (target: () => Target) =>
  describe('coming back', () => {
    const stage = new Stage(target);

    it('brings all messages missed in several conversations, each in ascending order, at the other gateway', async () => {
      const [ann, bob, cem] = await Promise.all([
        stage.online('ann'),
        stage.online('bob', stage.there),
        stage.online('cem'),
      ]);
      const groups = [
        await groupOf(ann, [bob, cem]),
        await groupOf(ann, [bob]),
        await groupOf(bob, [ann, cem]),
      ];
      const before = await ann.say(groups[0]?.id ?? '', 'before');
      const cursor = await leave(bob, before.id);
      for (let i = 0; i < 40; i++) await ann.say(groups[i % 3]?.id ?? '', `missed ${i}`);

      const socket = await bob.connect({ at: stage.here, cursor });

      expect(resumed(socket)).toBe(true);
      for (const { id } of groups) {
        const wanted = (await bob.api.wholeHistory(id)).filter((m) => m.content.startsWith('missed'));
        await bob.sees(wanted.at(-1)?.id ?? '');
        const got = socket.all('message').filter(({ message }) => message.conversationId === id);
        const missed = got.map(({ message }) => message).filter((m) => m.content.startsWith('missed'));
        expect(missed.map(({ content }) => content)).toEqual(wanted.map(({ content }) => content));
        expect(missed.map(essence)).toEqual(wanted.map(essence));
      }
      const live = await ann.say(groups[1]?.id ?? '', 'live again');
      await bob.sees(live.id);
    });

    it('brings edits, deletions, reactions, receipts and changes of the group that happened meanwhile', async () => {
      const { id, people } = await stage.group(3);
      const [ann, bob, cem] = people as [Person, Person, Person];
      const edited = await ann.say(id, 'to edit');
      const deleted = await ann.say(id, 'to delete');
      const liked = await ann.say(id, 'to like');
      const cursor = await leave(bob, liked.id);
      await cem.sees(liked.id);
      await ann.api.edit(edited.id, 'edited');
      await ann.api.deleteMessage(deleted.id);
      await cem.api.react(liked.id, '🎉');
      await cem.api.markRead(liked.id);
      await ann.api.changeConversation(id, { name: 'renamed' });
      const dan = await stage.person('dan');
      await ann.api.addMember(id, dan.id);

      await bob.connect({ cursor });

      await bob.sees(edited.id, ({ content }) => content === 'edited');
      await bob.sees(deleted.id, ({ deletedAt, content }) => deletedAt !== null && content === '');
      await bob.sees(liked.id, ({ reactions }) => reactions[0]?.userIds[0] === cem.id);
      await bob.socket.waitFor('read', (f) => f.userId === cem.id && f.position === liked.position);
      await bob.socket.waitFor(
        'conversation',
        ({ conversation }) => conversation.name === 'renamed' && conversation.memberCount === 4,
      );
    });

    it('tells of conversations begun meanwhile and brings their messages', async () => {
      const { id, ann, bob } = await stage.pair();
      const cursor = await leave(bob, (await ann.say(id, 'x')).id);
      const begun = await ann.api.createGroup('begun meanwhile', [bob.id]);
      const sent = await ann.say(begun.id, 'first of the new one');
      await bob.connect({ cursor });
      await bob.socket.waitFor('conversation', ({ conversation }) => conversation.id === begun.id);
      await bob.sees(sent.id);
    });

    it('tells who was removed while away, and shows only what came before the removal', async () => {
      const { id, people } = await stage.group(3);
      const [ann, bob] = people as [Person, Person];
      const cursor = await leave(bob, (await ann.say(id, 'x')).id);
      const last = await ann.say(id, 'before the removal');
      await ann.api.removeMember(id, bob.id);
      const secret = await ann.say(id, 'after the removal');
      const socket = await bob.connect({ at: stage.here, cursor });
      await socket.waitFor('removed', ({ conversationId }) => conversationId === id);
      await socket.settle();
      expect(JSON.stringify(socket.frames)).not.toContain(secret.id);
      expect(await refusalOf(bob.api.conversation(id))).toMatch(/^404/);
      expect(last.content).toBe('before the removal');
    });

    it('starts with the present when there is no cursor, and says so for one that it cannot serve', async () => {
      const { id, ann, bob } = await stage.pair();
      await ann.say(id, 'earlier');
      bob.close();
      await ann.say(id, 'missed');
      for (const cursor of [
        null,
        'rubbish',
        'AQID',
        Buffer.from('some other product').toString('base64url'),
      ]) {
        const socket = await bob.connect({ cursor });
        expect(resumed(socket), String(cursor)).toBe(false);
        await socket.settle();
        expect(socket.all('message')).toEqual([]);
        const live = await ann.say(id, 'now');
        await bob.sees(live.id);
        bob.close();
      }
    });

    it('gives with `connect` a cursor that loses nothing: the present without one, its own on a resume', async () => {
      const { id, ann, bob } = await stage.pair();
      await ann.say(id, 'x');
      bob.close();
      const first = await bob.connect();
      const atConnect = first.all('connect')[0]?.cursor ?? '';
      const missed = await ann.say(id, 'right after the connect');
      await bob.sees(missed.id);
      bob.close();
      for (let i = 0; i < 3; i++) {
        // Dying right after the connect frame, again and again, with what that frame gave.
        const socket = await bob.connect({ cursor: atConnect, at: i % 2 ? stage.there : stage.here });
        expect(socket.all('connect')[0]?.cursor).toBe(atConnect);
        await bob.sees(missed.id);
        bob.close();
      }
    });

    it('misses nothing and doubles nothing for who breaks off again and again while others write', async () => {
      const { id, ann, bob } = await stage.pair();
      const seen = new Timeline();
      let writing = true;
      const writer = (async () => {
        for (let i = 0; i < 150; i++) await ann.say(id, `steady ${i}`);
        writing = false;
      })();
      let cursor: string | null = bob.socket.cursor;
      bob.close();
      for (let round = 0; writing; round++) {
        seen.reconnected();
        const socket = await bob.connect({ cursor, at: round % 2 ? stage.here : stage.there });
        for (const frame of socket.frames) seen.take(frame);
        socket.onFrame = (frame) => seen.take(frame);
        await new Promise((done) => setTimeout(done, 20 + (round % 5) * 60));
        cursor = socket.cursor;
        socket.onFrame = null;
        socket.kill();
      }
      await writer;
      seen.reconnected();
      const socket = await bob.connect({ cursor });
      for (const frame of socket.frames) seen.take(frame);
      socket.onFrame = (frame) => seen.take(frame);
      const all = await ann.api.wholeHistory(id);
      await eventually(() => seen.count(id) === all.length, `bob has all ${all.length} messages`, 10_000);
      expect(seen.broken).toEqual([]);
      expect(seen.of(id).map(essence)).toEqual(all.map(essence));
    });
  });
