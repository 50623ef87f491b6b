// What people decide about themselves: how others see them, their devices and password, their data, the end of it.
import { describe, expect, it } from 'vitest';
import { Api } from '../client/api.ts';
import { eventually, sleep } from '../client/eventually.ts';
import { type Person, password } from '../client/person.ts';
import { Socket } from '../client/socket.ts';
import type { Target } from '../harness.ts';
import { refusalOf, Stage } from './stage.ts';

const atEveryGatewayMs = 5_000;

export const oneself = (target: () => Target): void => {
  describe('a status in words', () => {
    const stage = new Stage(target);

    it('is seen by everybody until its time, and the person’s other devices hear of it', async () => {
      const ann = await stage.person('ann');
      const bob = await stage.person('bob', stage.there);
      const socket = await ann.connect({ at: stage.there });
      const soon = new Date(Date.now() + 3_000).toISOString();
      const mine = await ann.api.change(ann.id, { statusText: '🌴 nghỉ phép', statusUntil: soon });
      expect(mine).toMatchObject({ statusText: '🌴 nghỉ phép', statusUntil: soon });
      await socket.waitFor('account');
      expect(await ann.at(stage.there).user(ann.id)).toMatchObject({ statusText: '🌴 nghỉ phép' });
      const seen = async () => (await bob.api.user(ann.id)).statusText;
      await eventually(async () => (await seen()) === '🌴 nghỉ phép', 'Bob reads it', atEveryGatewayMs);
      const [found] = (await bob.api.users({ q: ann.user.username })).items;
      expect(found?.statusText).toBe('🌴 nghỉ phép');
      expect(found).not.toHaveProperty('privacy');
      await eventually(async () => (await seen()) === undefined, 'it ends by itself', 10_000);

      await bob.connect();
      bob.socket.send({ type: 'watch', userIds: [ann.id] });
      await bob.socket.settle();
      await ann.api.change(ann.id, { statusText: 'in a meeting' });
      await bob.socket.waitFor('user', (frame) => frame.statusText === 'in a meeting');
      expect(await ann.api.change(ann.id, { statusText: null })).not.toHaveProperty('statusText');
    });

    it('is refused when it is too long, empty, or ends at no time', async () => {
      const ann = await stage.person('ann');
      for (const change of [
        { statusText: 'x'.repeat(101) },
        { statusText: '' },
        { statusText: 'x', statusUntil: '2026-02-31T00:00:00.000Z' },
        { privacy: {} },
        { privacy: { invisible: 'yes' } },
      ])
        expect(await refusalOf(ann.api.change(ann.id, change))).toBe('400 invalid_input');
      expect(await ann.api.user(ann.id)).not.toHaveProperty('statusText');
    });
  });

  describe('privacy', () => {
    const stage = new Stage(target);
    /** Both gateways know it when another person's device there was told of something that came after. */
    const choose = async (person: Person, privacy: object) => {
      const elsewhere = await person.connect({ at: stage.there });
      await person.api.change(person.id, { privacy });
      await elsewhere.waitFor('account');
      await person.connect();
    };

    it('who hides how far they have read is seen by nobody, sees nobody’s, and has read it nevertheless', async () => {
      const { id, people } = await stage.group(3);
      const [ann, bob, cem] = people as [Person, Person, Person];
      const first = ann.socket.cursor;
      await choose(bob, { hideReads: true });
      const sent = await ann.say(id, 'read me');
      await bob.sees(sent.id);
      bob.socket.send({ type: 'read', conversationId: id, messageId: sent.id });
      await bob.socket.waitFor('read', ({ userId }) => userId === bob.id);
      await cem.api.markRead(sent.id);
      // Cem's came after Bob's in the same order: what Ann was to be told of Bob has come by then.
      await ann.socket.waitFor('read', ({ userId }) => userId === cem.id);
      expect(ann.socket.all('read').filter(({ userId }) => userId === bob.id)).toEqual([]);
      expect(bob.socket.all('read').filter(({ userId }) => userId === cem.id)).toEqual([]);

      expect((await bob.at(stage.there).conversation(id)).unreadCount).toBe(0);
      const readOf = async (api: Api, userId: string) =>
        (await api.members(id)).find((member) => member.userId === userId)?.readPosition;
      const shownOf = async (api: Api, userId: string) =>
        (await api.conversations()).items[0]?.members.find((member) => member.userId === userId)
          ?.readPosition;
      for (const look of [readOf, shownOf]) {
        expect(await look(ann.api, bob.id)).toBe('0');
        expect(await look(bob.api, cem.id)).toBe('0');
        expect(await look(bob.api, bob.id)).toBe(sent.position);
        expect(await look(ann.api, cem.id)).toBe(sent.position);
      }
      expect((await ann.api.history(id)).items[0]?.isRead).toBe(false);
      expect((await ann.api.conversations()).items[0]?.lastMessage?.isRead).toBe(false);

      // Who was away is told no more than who was here.
      const resumed = await ann.connect({ cursor: first });
      await ann.say(id, 'after it');
      expect(resumed.all('read').filter(({ userId }) => userId === bob.id)).toEqual([]);

      await choose(bob, { hideReads: false });
      expect(await readOf(ann.api, bob.id)).toBe(sent.position);
    });

    it('who does not show that they type is not shown typing', async () => {
      const { id, ann, bob } = await stage.pair();
      await choose(bob, { hideTyping: true });
      bob.socket.send({ type: 'typing', conversationId: id });
      await ann.sees((await bob.say(id, 'typed')).id);
      await sleep(300);
      expect(ann.socket.all('typing')).toEqual([]);
      await choose(bob, { hideTyping: false });
      bob.socket.send({ type: 'typing', conversationId: id });
      await ann.socket.waitFor('typing', ({ userId }) => userId === bob.id);
    });

    it('who is invisible is offline for everybody, whatever they do, and their last time stands still', async () => {
      const [ann, bob] = [await stage.online('ann'), await stage.online('bob', stage.there)];
      ann.socket.send({ type: 'watch', userIds: [bob.id] });
      await ann.socket.waitFor(
        'user_status',
        ({ userId, status }) => userId === bob.id && status === 'online',
      );
      await bob.api.change(bob.id, { privacy: { invisible: true } });
      await ann.socket.waitFor(
        'user_status',
        ({ userId, status }) => userId === bob.id && status === 'offline',
      );
      const shown = async () => {
        const { status, lastOnline } = await ann.api.user(bob.id);
        return { status, lastOnline };
      };
      const before = await eventually(async () => {
        const now = await shown();
        return now.status === 'offline' && now;
      }, 'Bob is shown as offline');
      const from = ann.socket.frames.length;
      await bob.connect({ at: stage.here });
      await bob.api.change(bob.id, { status: 'away' });
      bob.close();
      await bob.connect({ at: stage.there });
      await sleep(1_000);
      expect(await shown()).toEqual(before);
      expect((await ann.api.active()).map(({ id }) => id)).not.toContain(bob.id);
      expect(ann.socket.frames.slice(from).filter(({ type }) => type === 'user_status')).toEqual([]);

      await bob.api.change(bob.id, { privacy: { invisible: false } });
      await ann.socket.waitFor(
        'user_status',
        ({ userId, status }) => userId === bob.id && status === 'online',
        { from },
      );
    });
  });

  describe('devices and password', () => {
    const stage = new Stage(target);

    it('all other devices are signed out at once, and this one stays', async () => {
      const ann = await stage.person('ann');
      const others = await Promise.all(
        [stage.here, stage.there].map(async (url) => {
          const api = new Api(url);
          await api.signIn(ann.user.username, password);
          return api;
        }),
      );
      const elsewhere = await ann.connect();
      const { token } = others[1] as Api;
      const other = await Socket.open(stage.there);
      await other.connect(token as string, null);
      await ann.api.revokeOthers();
      await eventually(() => other.closed?.code === 4401, 'the other socket is closed');
      for (const api of others) expect(await refusalOf(api.devices())).toBe('401 not_signed_in');
      expect((await ann.api.devices()).items).toHaveLength(1);
      expect(elsewhere.closed).toBeNull();
      other.close();
    });

    it('a password is changed by who knows it, and whoever knew it elsewhere is out', async () => {
      const ann = await stage.person('ann');
      const other = new Api(stage.there);
      await other.signIn(ann.user.username, password);
      const next = 'another long password';
      expect(await refusalOf(ann.api.changePassword(ann.id, 'not it at all', next))).toBe(
        '403 wrong_password',
      );
      expect(await refusalOf(ann.api.changePassword(ann.id, password, 'short'))).toBe('400 invalid_input');
      const bob = await stage.person('bob');
      expect(await refusalOf(bob.api.changePassword(ann.id, password, next))).toBe('403 not_allowed');
      expect((await other.devices()).items).toHaveLength(2);
      await ann.api.changePassword(ann.id, password, next);
      await eventually(
        async () => (await refusalOf(other.devices())) === '401 not_signed_in',
        'the other device is out',
      );
      expect((await ann.api.devices()).items).toHaveLength(1);
      expect(await refusalOf(new Api(stage.there).signIn(ann.user.username, password))).toBe(
        '401 wrong_credentials',
      );
      await new Api(stage.there).signIn(ann.user.username, next);
    });
  });

  describe('what is one’s own', () => {
    const stage = new Stage(target);
    const linesOf = async (person: Person): Promise<Record<string, Record<string, unknown>>[]> => {
      const answer = await person.api.ask('GET', `/api/users/${person.id}/export`);
      expect(answer.status).toBe(200);
      expect(answer.headers.get('content-disposition')).toContain('attachment');
      return String(answer.body)
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line));
    };

    it('can be taken away whole, by oneself only, without what is others’', async () => {
      const { id, ann, bob } = await stage.pair();
      const mine = await bob.say(id, 'của tôi');
      const theirs = await ann.say(id, 'not Bob’s to take');
      await bob.sees(theirs.id);
      await bob.api.react(theirs.id, '👍');
      await bob.api.put('draft', id, { content: 'chưa gửi', replyTo: null });
      const lines = await linesOf(bob);
      expect(lines[0]?.ownData).toMatchObject({ version: 1, userId: bob.id });
      expect(Object.keys(lines.at(-1) ?? {})).toEqual(['end']);
      const of = (kind: string) => lines.flatMap((line) => line[kind] ?? []);
      expect(of('account')).toMatchObject([{ id: bob.id, username: bob.user.username, statusText: null }]);
      expect(of('session')).toHaveLength(1);
      expect(of('personal')).toMatchObject([{ kind: 'draft', key: id }]);
      expect(of('membership')).toMatchObject([{ id, isGroup: true }]);
      expect(of('message')).toMatchObject([{ id: mine.id, content: 'của tôi' }]);
      expect(of('reaction')).toEqual([{ messageId: theirs.id, emoji: '👍' }]);
      expect(JSON.stringify(lines)).not.toMatch(/argon2|not Bob/);
      const answer = await ann.api.ask('GET', `/api/users/${bob.id}/export`);
      expect(answer.status).toBe(403);
    });

    it('an account goes with all that was private, and what it said stays under a placeholder', async () => {
      const { id, people } = await stage.group(3);
      const [ann, bob] = people as [Person, Person];
      const sent = await ann.say(id, 'stays');
      const direct = await ann.api.createDirect(bob.id);
      await ann.api.change(ann.id, {
        statusText: 'leaving',
        email: 'ann@example.org',
        password,
      });
      await ann.api.put('draft', id, { content: 'never', replyTo: null });
      expect(await refusalOf(ann.api.deleteAccount(ann.id, { password: 'not it at all' }))).toBe(
        '403 wrong_password',
      );
      await ann.api.deleteAccount(ann.id, { password });
      await eventually(() => ann.socket.closed?.code === 4401, 'Ann’s socket is closed');
      expect(await refusalOf(ann.api.devices())).toBe('401 not_signed_in');
      expect(await refusalOf(new Api(stage.there).signIn(ann.user.username, password))).toBe(
        '401 wrong_credentials',
      );
      const gone = await eventually(async () => {
        const user = await bob.api.user(ann.id);
        // The name and the status come from different places, each within its time at this gateway.
        return user.username !== ann.user.username && !('statusText' in user) && user;
      }, 'the directory has the placeholder, without a status');
      expect(gone.username).toMatch(/^deleted-[0-9a-f]{8}$/);
      expect(gone).toMatchObject({ profilePicUrl: null });
      // The only admin has gone: whoever is there longest becomes one.
      const members = await eventually(async () => {
        const left = await bob.api.members(id);
        return left.length === 2 && left;
      }, 'Ann has left the group');
      expect(members.filter(({ isAdmin }) => isAdmin)).toHaveLength(1);
      expect((await bob.api.message(sent.id)).content).toBe('stays');
      expect((await bob.api.conversation(direct.id)).memberCount).toBe(2);
      // The name is free again.
      await new Api(stage.here).register(ann.user.username, password);
    });

    it('an account can take its messages along, everywhere', async () => {
      const { id, ann, bob } = await stage.pair();
      const own = [];
      for (let i = 0; i < 5; i++) own.push(await bob.say(id, `mine ${i}`));
      const theirs = await ann.say(id, 'Ann’s own');
      const direct = await bob.api.createDirect(ann.id);
      own.push(await bob.say(direct.id, 'between us'));
      await bob.api.deleteAccount(bob.id, { password, deleteMessages: true });
      for (const { id: messageId } of own)
        await eventually(
          async () => (await ann.api.message(messageId)).deletedAt !== null,
          'the message is deleted',
          15_000,
        );
      expect((await ann.api.message(theirs.id)).content).toBe('Ann’s own');
      await eventually(async () => (await ann.api.members(id)).length === 1, 'Bob has left');
    });
  });
};
