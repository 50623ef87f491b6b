// Bots, and a receiver of webhooks: through failures and a kill -9 what happens is told signed, in order and under stable
// ids, and nothing is told that the bot could not see.
import { createHmac } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Bot, NewBotToken, NewIncomingHook, NewWebhook, Webhook } from '../../schemas/bots.ts';
import type { Message } from '../../schemas/views.ts';
import { Api } from '../client/api.ts';
import { eventually } from '../client/eventually.ts';
import { groupOf, type Person, randomName } from '../client/person.ts';
import { Socket } from '../client/socket.ts';
import { type Outgoing, outsideHost } from './outside.ts';
import { Stage } from './stage.ts';

type Received = {
  id: string;
  type: string;
  conversationId: string;
  position: string;
  content: string;
  ok: boolean;
};

const scopes = ['messages:read', 'messages:write', 'conversations:read', 'people:read'];

export const bots = (target: () => Outgoing): void => {
  describe('bots and webhooks', () => {
    const stage = new Stage(target);
    let receiver: Server;
    let url: string;
    const received: Received[] = [];
    const forged: string[] = [];
    const secrets: string[] = [];
    /** What the receiver answers next; 204 when there is nothing. */
    const answers: number[] = [];

    beforeAll(async () => {
      receiver = createServer((request, response) => {
        let body = '';
        request.on('data', (chunk) => {
          body += chunk;
        });
        request.on('end', () => {
          const { headers } = request;
          const [id, time] = [String(headers['webhook-id']), String(headers['webhook-timestamp'])];
          const valid = secrets.some((secret) => {
            const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
            const mac = createHmac('sha256', key).update(`${id}.${time}.${body}`).digest('base64');
            return String(headers['webhook-signature']).split(' ').includes(`v1,${mac}`);
          });
          if (!valid || Math.abs(Number(time) - Date.now() / 1000) > 60) forged.push(body);
          const status = answers.shift() ?? 204;
          const { type, conversationId, position, data } = JSON.parse(body);
          const ok = status < 300;
          received.push({ id, type, conversationId, position, content: data.message?.content ?? '', ok });
          response.writeHead(status).end();
        });
      });
      await new Promise<void>((done) => receiver.listen(0, outsideHost, done));
      const { port } = receiver.address() as AddressInfo;
      url = `http://${outsideHost}:${port}/hook`;
    });
    afterAll(() => receiver?.close());

    const botOf = async (owner: Person) => {
      const bot = await owner.api.call<Bot>('POST', '/api/bots', { username: randomName('bot') });
      const path = `/api/bots/${bot.id}/tokens`;
      const token = await owner.api.call<NewBotToken>('POST', path, { name: 'test', scopes });
      return { bot, token, api: new Api(stage.here, { token: token.token }) };
    };
    const hookFor = async (owner: Person, botId: string, more: object = {}) => {
      const types = ['message.sent', 'message.edited', 'message.deleted', 'member.added', 'member.removed'];
      const body = { name: 'receiver', botId, url, types, ...more };
      const hook = await owner.api.call<NewWebhook>('POST', '/api/webhooks', body);
      secrets.push(hook.secret);
      return hook;
    };
    const stateOf = (owner: Person, id: string) => owner.api.call<Webhook>('GET', `/api/webhooks/${id}`);
    const settled = (owner: Person, id: string) =>
      eventually(
        async () => {
          const hook = await stateOf(owner, id);
          return hook.waiting === 0 && !hook.replaying && hook;
        },
        'everything is delivered',
        40_000,
      );
    const toldIn = (conversationId: string, from = 0) =>
      received.slice(from).filter((one) => one.ok && one.conversationId === conversationId);

    it('a bot sends, reads and resumes with its token like a person, within its memberships, until it is revoked', async () => {
      const ann = await stage.person('ann');
      const { bot, token, api } = await botOf(ann);
      const own = await groupOf(ann, []);
      const other = await groupOf(ann, []);
      await ann.api.addMember(own.id, bot.id);
      const socket = await Socket.open(stage.here);
      socket.send({ type: 'connect', token: token.token });
      await eventually(() => socket.all('connect')[0], 'the bot is signed in');
      const hello = await ann.api.send(own.id, 'xin chào bot');
      await eventually(
        () => socket.all('message').find(({ message }) => message.id === hello.id),
        'it is heard',
      );
      const cursor = await eventually(() => socket.cursor ?? undefined, 'a cursor');
      socket.raw.terminate();
      const missed = await ann.api.send(own.id, 'while it was away');
      const back = await Socket.open(stage.there);
      back.send({ type: 'connect', token: token.token, cursor });
      await eventually(
        () => back.all('message').find(({ message }) => message.id === missed.id),
        'it resumes',
      );
      expect((await api.send(own.id, 'tôi là bot')).senderId).toBe(bot.id);
      expect((await ann.api.user(bot.id)).isBot).toBe(true);
      for (const path of [`/api/conversations/${other.id}`, `/api/conversations/${other.id}/messages`])
        expect((await api.ask('GET', path)).status).toBe(404);
      const reaction = await api.ask('PUT', `/api/messages/${hello.id}/reactions/👍`);
      expect([reaction.status, (reaction.body as { code: string }).code]).toEqual([403, 'missing_scope']);
      back.send({ type: 'react', ref: hello.id, messageId: hello.id, emoji: '👍' });
      const refused = await eventually(() => back.all('error')[0], 'a frame beyond its scopes is refused');
      expect(refused.code).toBe('missing_scope');
      await ann.api.call('DELETE', `/api/bots/${bot.id}/tokens/${token.id}`);
      expect((await back.waitForClose(2_000)).code).toBe(4401);
      expect((await api.ask('GET', '/api/conversations')).status).toBe(401);
    });

    it('an incoming webhook posts as its bot, once for each key', async () => {
      const ann = await stage.online('ann');
      const group = await groupOf(ann, []);
      const body = { name: 'Build server', conversationId: group.id };
      const hook = await ann.api.call<NewIncomingHook>('POST', '/api/hooks', body);
      const stranger = new Api(stage.here);
      const post = (text: string, key: string) =>
        stranger.ask('POST', hook.path, { body: { text }, headers: { 'idempotency-key': key } });
      const [first, again] = [await post('*xanh*', '1'), await post('*xanh*', '1')];
      expect([first.status, again.status]).toEqual([201, 200]);
      expect((again.body as Message).id).toBe((first.body as Message).id);
      await ann.sees((first.body as Message).id);
      expect((await ann.api.wholeHistory(group.id)).map(({ content }) => content)).toEqual(['*xanh*']);
    });

    it('tells a receiver everything in order through failures and a kill -9, twice only under the same id', async () => {
      const ann = await stage.person('ann');
      const { bot } = await botOf(ann);
      const groups = await Promise.all([groupOf(ann, []), groupOf(ann, [])]);
      const unseen = await groupOf(ann, []);
      const before = await ann.api.send(groups[0]?.id as string, 'before the bot came');
      for (const { id } of groups) await ann.api.addMember(id, bot.id);
      const hook = await hookFor(ann, bot.id);
      const from = received.length;
      answers.push(500, 302);
      const sent = new Map<string, string[]>(groups.map(({ id }) => [id, []]));
      const say = async (n: number) => {
        for (const { id } of groups) sent.get(id)?.push((await ann.api.send(id, `${n}`)).content);
      };
      for (let n = 0; n < 10; n++) await say(n);
      await ann.api.send(unseen.id, 'not for the bot');
      // In the middle of a delivery.
      await eventually(() => toldIn(groups[0]?.id as string, from).length > 0, 'the first ones come', 20_000);
      for (let n = 10; n < 20; n++) await say(n);
      await target().teller.kill('SIGKILL');
      await target().teller.start();
      for (let n = 20; n < 25; n++) await say(n);
      await settled(ann, hook.id);
      expect(forged).toEqual([]);
      for (const { id } of groups) {
        const told = toldIn(id, from).filter(({ type }) => type === 'message.sent');
        const once = told.filter(({ id: each }, i) => told.findIndex((one) => one.id === each) === i);
        expect(once.map(({ content }) => content)).toEqual(sent.get(id));
        const places = told.map(({ position }) => Number(position));
        expect(places).toEqual([...places].sort((a, b) => a - b));
      }
      expect(toldIn(unseen.id)).toEqual([]);
      expect(received.map(({ content }) => content)).not.toContain(before.content);
    });

    it('replays from a position under the same ids, without what was deleted, and only what the bot may see', async () => {
      const ann = await stage.person('ann');
      const { bot } = await botOf(ann);
      const group = await groupOf(ann, []);
      await ann.api.send(group.id, 'before');
      await ann.api.addMember(group.id, bot.id);
      const hook = await hookFor(ann, bot.id, { conversationId: group.id, types: ['message.sent'] });
      const [kept, gone] = [
        await ann.api.send(group.id, 'kept'),
        await ann.api.send(group.id, 'to be deleted'),
      ];
      await settled(ann, hook.id);
      await eventually(() => toldIn(group.id).length === 2, 'both are told');
      const first = toldIn(group.id).map(({ id }) => id);
      await ann.api.deleteMessage(gone.id);
      const from = received.length;
      await ann.api.call('POST', `/api/webhooks/${hook.id}/replay`, { position: '0' });
      await settled(ann, hook.id);
      await eventually(() => toldIn(group.id, from).length === 2, 'both are told again');
      expect(toldIn(group.id, from).map(({ id, content }) => [id, content])).toEqual([
        [first[0], kept.content],
        [first[1], ''],
      ]);
    });

    it('pauses a hook that answers 410, tells its owner, and goes on where it stopped', async () => {
      const ann = await stage.online('ann');
      const { bot } = await botOf(ann);
      const group = await groupOf(ann, []);
      await ann.api.addMember(group.id, bot.id);
      const hook = await hookFor(ann, bot.id, { types: ['message.sent'] });
      answers.push(410);
      const from = received.length;
      await ann.api.send(group.id, 'one');
      await eventually(async () => (await stateOf(ann, hook.id)).state === 'paused', 'it is paused', 10_000);
      expect(await stateOf(ann, hook.id)).toMatchObject({ reason: 'gone', waiting: 1 });
      await ann.api.send(group.id, 'two');
      const told = await eventually(
        () => ann.socket.all('message').find(({ message }) => message.senderId === bot.id),
        'the bot writes to its owner',
        10_000,
      );
      expect(told.message.content).toContain('410');
      await ann.api.call('PATCH', `/api/webhooks/${hook.id}`, { state: 'active' });
      await eventually(() => toldIn(group.id, from).length === 2, 'it goes on', 20_000);
      expect(toldIn(group.id, from).map(({ content }) => content)).toEqual(['one', 'two']);
    });

    it('is asked nothing inside, whatever address somebody gives', async () => {
      const ann = await stage.person('ann');
      const { bot } = await botOf(ann);
      for (const inner of [
        'http://127.0.0.1:1/',
        'http://[::1]/',
        'http://169.254.169.254/latest',
        stage.here,
      ]) {
        const body = { name: 'x', botId: bot.id, url: inner, types: ['message.sent'] };
        const answer = await ann.api.ask('POST', '/api/webhooks', { body });
        expect([inner, answer.status]).toEqual([inner, 400]);
      }
      const right = await hookFor(ann, bot.id);
      expect(await ann.api.call('POST', `/api/webhooks/${right.id}/test`)).toMatchObject({ status: 204 });
    });
  });
};
