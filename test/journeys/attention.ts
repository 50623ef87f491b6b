// What people know of each other's attention: read receipts, unread counts, typing, presence.
import { describe, expect, it } from 'vitest';
import { eventually, sleep } from '../client/eventually.ts';
import { groupOf, type Person } from '../client/person.ts';
import type { Target } from '../harness.ts';
import { refusalOf, Stage } from './stage.ts';

const offlineWithinMs = 15_000;

export const attention = (target: () => Target): void => {
  describe('read receipts', () => {
    const stage = new Stage(target);

    it('counts what others wrote after the read position, and only reading moves it, never back', async () => {
      const { id, ann, bob } = await stage.pair();
      const sent = [];
      for (let i = 0; i < 4; i++) sent.push(await ann.say(id, `text ${i}`));
      const [first, second, , last] = sent;
      await bob.sees(last?.id ?? '');
      const unread = async () => (await bob.api.conversation(id)).unreadCount;
      await eventually(async () => (await unread()) === 4, 'four unread');
      // Own messages and looking at history are no reading.
      await bob.say(id, 'mine');
      await bob.api.wholeHistory(id);
      expect(await unread()).toBe(4);
      await bob.api.markRead(second?.id ?? '');
      expect(await unread()).toBe(2);
      await bob.api.markRead(first?.id ?? '');
      expect(await unread()).toBe(2);
      await bob.api.markRead(last?.id ?? '');
      expect(await unread()).toBe(0);
      expect((await bob.api.conversations()).items[0]?.unreadCount).toBe(0);
      expect((await ann.api.conversation(id)).unreadCount).toBe(1);
    });

    it('tells every member of a read position, and marks a message read when all others have read it', async () => {
      const { id, people } = await stage.group(3);
      const [ann, bob, cem] = people as [Person, Person, Person];
      const sent = await ann.say(id, 'read me');
      await Promise.all([bob.sees(sent.id), cem.sees(sent.id)]);
      const isRead = async (person: Person) => (await person.api.history(id)).items[0]?.isRead;

      bob.socket.send({ type: 'read', conversationId: id, messageId: sent.id });
      for (const person of people) {
        const frame = await person.socket.waitFor('read', ({ userId }) => userId === bob.id);
        expect(frame).toMatchObject({ conversationId: id, position: sent.position });
      }
      expect(await isRead(ann)).toBe(false);
      expect(await isRead(bob)).toBe(true);
      expect(await isRead(cem)).toBe(false);
      await cem.api.markRead(sent.id);
      await ann.socket.waitFor('read', ({ userId }) => userId === cem.id);
      expect(await isRead(ann)).toBe(true);
      const members = await ann.api.members(id);
      expect(members.find(({ userId }) => userId === bob.id)?.readPosition).toBe(sent.position);
    });
  });

  describe('the times of reads', () => {
    const stage = new Stage(target);

    it('are those of the first reading, for who may see the message, page by page, and not of who hides them', async () => {
      const { id, people } = await stage.group(3);
      const [ann, bob, cem] = people as [Person, Person, Person];
      const first = await ann.say(id, 'first');
      await Promise.all([bob.sees(first.id), cem.sees(first.id)]);
      const began = new Date().toISOString();
      await bob.api.markRead(first.id);
      const [bobs] = await eventually(async () => {
        const { items } = await ann.api.reads(first.id);
        return items.length === 1 && items;
      }, 'Bob has read it');
      expect(bobs?.userId).toBe(bob.id);
      expect(Math.abs(Date.parse(bobs?.at ?? '') - Date.parse(began))).toBeLessThan(5_000);

      const second = await ann.say(id, 'second');
      await Promise.all([bob.sees(second.id), cem.sees(second.id)]);
      await Promise.all([bob.api.markRead(second.id), cem.api.markRead(second.id)]);
      const reads = async (one: string) => (await ann.api.reads(one)).items;
      await eventually(async () => (await reads(second.id)).length === 2, 'both have read the second');
      // Reading on does not change when somebody had read what came before.
      const ofFirst = await reads(first.id);
      expect(ofFirst.find(({ userId }) => userId === bob.id)).toEqual(bobs);
      const page = await ann.api.reads(first.id, { limit: 1 });
      const rest = await ann.api.reads(first.id, { cursor: page.nextCursor ?? '' });
      expect([...page.items, ...rest.items]).toEqual(ofFirst);

      const eve = await stage.person('eve');
      expect(await refusalOf(eve.api.reads(first.id))).toBe('404 not_found');
      expect(await refusalOf(ann.api.reads(first.id, { cursor: 'mine' }))).toBe('400 invalid_input');
      await cem.api.change(cem.id, { privacy: { hideReads: true } });
      await eventually(async () => (await reads(second.id)).length === 1, 'Cem hides it');
      expect((await cem.api.reads(second.id)).items.map(({ userId }) => userId)).toEqual([cem.id]);
    });
  });

  describe('typing', () => {
    const stage = new Stage(target);

    it('is shown to the other members and to nobody else', async () => {
      const { id, ann, bob } = await stage.pair();
      const eve = await stage.online('eve', stage.there);
      ann.socket.send({ type: 'typing', conversationId: id });
      const frame = await bob.socket.waitFor('typing');
      expect(frame).toEqual({ type: 'typing', conversationId: id, userId: ann.id });
      eve.socket.send({ type: 'typing', conversationId: id });
      await eve.socket.waitFor('error');
      // A message after it: what typing there was to show has been shown by then.
      await bob.sees((await ann.say(id, 'done')).id);
      await sleep(300);
      expect(ann.socket.all('typing')).toEqual([]);
      expect(eve.socket.all('typing')).toEqual([]);
      expect(bob.socket.all('typing')).toHaveLength(1);
    });
  });

  describe('delivery', () => {
    const stage = new Stage(target);

    it('is told to the other members, of small conversations, by members only, and not by who hides what they read', async () => {
      const { id, ann, bob } = await stage.pair();
      const eve = await stage.online('eve', stage.there);
      const { id: messageId, position } = await ann.say(id, 'has it reached you?');
      await bob.sees(messageId);
      eve.socket.send({ type: 'delivered', conversationId: id, position });
      await eve.socket.waitFor('error');
      bob.socket.send({ type: 'delivered', conversationId: id, position });
      const frame = await ann.socket.waitFor('delivered');
      expect(frame).toEqual({ type: 'delivered', conversationId: id, userId: bob.id, position });

      const chi = await stage.online('chi');
      const hidden = await groupOf(ann, [chi]);
      await chi.api.change(chi.id, { privacy: { hideReads: true } });
      const second = await ann.say(hidden.id, 'and you?');
      await chi.sees(second.id);
      chi.socket.send({ type: 'delivered', conversationId: hidden.id, position: second.position });
      // A message after it: what there was to show has been shown by then.
      await ann.sees((await chi.say(hidden.id, 'no word')).id);
      await sleep(300);
      expect(
        ann.socket.all('delivered').filter(({ conversationId }) => conversationId === hidden.id),
      ).toEqual([]);
      expect(bob.socket.all('delivered')).toEqual([]);
    });
  });

  describe('presence', () => {
    const stage = new Stage(target);

    it.concurrent('shows a watched person coming and, within 15 s of the last socket, going; the list of active people agrees', async () => {
      const ann = await stage.online('watcher', stage.here);
      const bob = await stage.person('watched', stage.there);
      ann.socket.send({ type: 'watch', userIds: [bob.id] });
      await ann.socket.settle();

      await bob.connect();
      await ann.socket.waitFor(
        'user_status',
        ({ userId, status }) => userId === bob.id && status === 'online',
        { timeoutMs: 8_000 },
      );
      const isActive = async () => (await ann.api.active()).some(({ id }) => id === bob.id);
      await eventually(isActive, 'bob is listed as active');
      await eventually(async () => (await ann.api.user(bob.id)).status === 'online', 'bob`s profile agrees');

      const from = ann.socket.frames.length;
      bob.close();
      const gone = await ann.socket.waitFor(
        'user_status',
        ({ userId, status }) => userId === bob.id && status === 'offline',
        { from, timeoutMs: offlineWithinMs },
      );
      expect(gone.lastOnline).not.toBeNull();
      await eventually(async () => !(await isActive()), 'bob is no longer listed');
      await eventually(async () => (await ann.api.user(bob.id)).status === 'offline', 'bob`s profile agrees');
    });

    it.concurrent('keeps a person online as long as one of several sockets is open, and through a reload', async () => {
      const ann = await stage.online('watcher', stage.there);
      const bob = await stage.online('watched', stage.here);
      const second = await bob.connect({ at: stage.there });
      ann.socket.send({ type: 'watch', userIds: [bob.id] });
      await ann.socket.waitFor('user_status', ({ status }) => status === 'online', { timeoutMs: 8_000 });
      second.kill();
      await sleep(500);
      await bob.connect();
      await sleep(6_000);
      const offline = ann.socket.all('user_status').filter(({ status }) => status === 'offline');
      expect(offline).toEqual([]);
    });

    it.concurrent('tells only who watches, and stops when the list is replaced', async () => {
      const ann = await stage.online('watcher');
      const [bob, cem] = await Promise.all([stage.person('one'), stage.person('two')]);
      ann.socket.send({ type: 'watch', userIds: [bob.id] });
      ann.socket.send({ type: 'watch', userIds: [cem.id] });
      await ann.socket.settle();
      await bob.connect();
      await cem.connect();
      await ann.socket.waitFor(
        'user_status',
        ({ userId, status }) => userId === cem.id && status === 'online',
        { timeoutMs: 8_000 },
      );
      const bobs = ann.socket.all('user_status').filter((f) => f.userId === bob.id && f.status === 'online');
      expect(bobs).toEqual([]);
    });

    it.concurrent('shows `away` when somebody says so, and `online` again', async () => {
      const ann = await stage.online('watcher', stage.there);
      const bob = await stage.online('watched', stage.here);
      ann.socket.send({ type: 'watch', userIds: [bob.id] });
      for (const status of ['away', 'online'] as const) {
        await ann.socket.settle();
        const from = ann.socket.frames.length;
        await bob.api.call('PUT', `/api/users/${bob.id}`, { status });
        await ann.socket.waitFor('user_status', (f) => f.userId === bob.id && f.status === status, {
          from,
          timeoutMs: 8_000,
        });
        await eventually(async () => (await ann.api.user(bob.id)).status === status, `profile is ${status}`);
      }
    });
  });
};
