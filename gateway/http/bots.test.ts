// Bots: what they are, what their tokens open, and the addresses that post.
import { randomUUID } from 'node:crypto';
import { afterAll, describe, expect, it } from 'vitest';
import { BotGate, refusalOfScope } from '../auth/scopes.ts';
import { textOf } from '../webhooks/posting.ts';
import { known, makeDoor } from './door.fake.ts';

const door = await makeDoor();
const { call } = door;
const owner = await door.register();
const stranger = await door.register();
afterAll(() => door.app.close());

const every = [
  'messages:read',
  'messages:write',
  'reactions:write',
  'conversations:read',
  'conversations:write',
  'people:read',
];
const makeBot = async (by = owner, username = `bot-${randomUUID().slice(0, 8)}`) => {
  const made = await call('POST', '/api/bots', { token: by.token, body: { username } });
  expect(made.statusCode).toBe(201);
  return made.json();
};
const makeToken = async (id: string, scopes: string[], more: object = {}) => {
  const body = { name: 'máy chủ', scopes, ...more };
  const made = await call('POST', `/api/bots/${id}/tokens`, { token: owner.token, body });
  expect(made.statusCode).toBe(201);
  return made.json();
};

type Operation = { operationId: string; security?: object[] };

describe('a bot', () => {
  it('is a person who says that it is a bot, and signs in by nothing but its tokens', async () => {
    const bot = await makeBot();
    const seen = await call('GET', `/api/users/${bot.id}`, { token: stranger.token });
    expect(seen.json()).toMatchObject({ username: bot.username, isBot: true });
    expect(
      (await call('GET', `/api/users/${owner.user.id}`, { token: stranger.token })).json(),
    ).not.toHaveProperty('isBot');
    for (const password of ['', 'long enough', 'null']) {
      const body = { username: bot.username, password };
      expect((await call('POST', '/api/sessions', { body })).statusCode).toBe(401);
    }
  });

  it('is looked after by its owner and by instance admins; to others there is none', async () => {
    const bot = await makeBot(stranger);
    const third = await door.register();
    for (const [method, url, body] of [
      ['GET', `/api/bots/${bot.id}`, undefined],
      ['PATCH', `/api/bots/${bot.id}`, { username: 'mine' }],
      ['GET', `/api/bots/${bot.id}/tokens`, undefined],
      ['POST', `/api/bots/${bot.id}/tokens`, { name: 'x', scopes: ['messages:read'] }],
      ['DELETE', `/api/bots/${bot.id}`, undefined],
    ] as const)
      expect((await call(method, url, { token: third.token, body })).statusCode).toBe(404);
    // The first account of the door is an instance admin.
    expect((await call('GET', `/api/bots/${bot.id}`, { token: owner.token })).statusCode).toBe(200);
    const all = await call('GET', '/api/bots?all=true', { token: owner.token });
    expect(all.json().items.map(({ id }: { id: string }) => id)).toContain(bot.id);
    expect((await call('GET', '/api/bots?all=true', { token: third.token })).statusCode).toBe(403);
  });

  it('is one of twenty', async () => {
    const maker = await door.register();
    for (let i = 0; i < 20; i++) await makeBot(maker);
    const body = { username: `bot-${randomUUID()}` };
    const answer = await call('POST', '/api/bots', { token: maker.token, body });
    expect([answer.statusCode, answer.json().code]).toEqual([409, 'too_many']);
  });

  it('goes with its tokens', async () => {
    const bot = await makeBot();
    const { token } = await makeToken(bot.id, every);
    expect((await call('DELETE', `/api/bots/${bot.id}`, { token: owner.token })).statusCode).toBe(204);
    expect((await call('GET', `/api/bots/${bot.id}`, { token: owner.token })).statusCode).toBe(404);
    expect((await call('GET', '/api/bots/current', { token })).statusCode).toBe(401);
  });
});

describe('a token', () => {
  it('is shown once, known by its prefix, and says what it is good for', async () => {
    const bot = await makeBot();
    const made = await makeToken(bot.id, ['messages:read']);
    expect(made.token).toMatch(/^cvb_[A-Za-z0-9_-]{43}$/);
    const list = await call('GET', `/api/bots/${bot.id}/tokens`, { token: owner.token });
    expect(list.body).not.toContain(made.token);
    const current = await call('GET', '/api/bots/current', { token: made.token });
    expect(current.json()).toMatchObject({ bot, token: { id: made.id, scopes: ['messages:read'] } });
  });

  it('is good for its scopes and nothing else, whatever the route', async () => {
    const bot = await makeBot();
    const { token } = await makeToken(bot.id, ['messages:write']);
    const body = { ref: randomUUID(), content: 'chào' };
    const sent = await call('POST', `/api/conversations/${known}/messages`, { token, body });
    expect(sent.statusCode).toBe(201);
    const document = (await call('GET', '/docs/openapi.json')).json();
    // What needs no token at all, nobody's scopes are asked for.
    const open = new Set(['refresh', 'media', 'putPart']);
    const may = ['send', 'edit', 'deleteMessage', 'pin', 'unpin', 'currentBot'];
    const passed: string[] = [];
    for (const [path, item] of Object.entries<Record<string, Operation>>(document.paths))
      for (const [method, { operationId, security }] of Object.entries(item)) {
        if (!path.startsWith('/api/') || open.has(operationId) || security?.length === 0) continue;
        const url = path.replace(/\{\w+\}/g, () => randomUUID());
        const answer = await call(method.toUpperCase(), url, { token });
        if (answer.statusCode !== 403 || answer.json().code !== 'missing_scope') passed.push(operationId);
      }
    expect(passed.filter((id) => !may.includes(id) && !/upload/i.test(id))).toEqual([]);
    expect(passed).toEqual(expect.arrayContaining(may));
  });

  it('is good no more once it is revoked or has expired', async () => {
    const bot = await makeBot();
    const { id, token } = await makeToken(bot.id, every);
    const url = '/api/conversations';
    expect((await call('GET', url, { token })).statusCode).toBe(200);
    const revoke = () => call('DELETE', `/api/bots/${bot.id}/tokens/${id}`, { token: owner.token });
    expect((await revoke()).statusCode).toBe(204);
    expect((await revoke()).statusCode).toBe(404);
    expect((await call('GET', url, { token })).json()).toMatchObject({ status: 401, code: 'not_signed_in' });
    const body = { name: 'x', scopes: every, expiresAt: '2020-01-01T00:00:00.000Z' };
    const past = await call('POST', `/api/bots/${bot.id}/tokens`, { token: owner.token, body });
    expect(past.statusCode).toBe(400);
  });

  it.each(['cvb_', `cvb_${'a'.repeat(43)}`, `cvb_${'a'.repeat(44)}`, 'CVB_x'])('is not %s', async (token) => {
    expect((await call('GET', '/api/conversations', { token })).statusCode).toBe(401);
  });

  it('is limited with all the others of its bot, over requests and frames', () => {
    const clock = { ms: 0 };
    const gate = new BotGate(true, () => clock.ms);
    const bot = { scopes: new Set(every) };
    const ask = (userId: string) => gate.refusal(userId, bot, { frame: 'message' });
    for (let i = 0; i < 100; i++) expect(ask('one')).toBeNull();
    expect(ask('one')).toMatchObject({ code: 'rate_limited' });
    expect(ask('two')).toBeNull();
    clock.ms = 1000;
    expect(gate.refusal('one', bot, { method: 'GET', route: '/api/conversations' })).toBeNull();
  });

  it('opens a socket when it may read, and no frame that it may not', () => {
    const bot = { scopes: new Set(['messages:read']) };
    expect(refusalOfScope(bot, { frame: 'connect' })).toMatchObject({ code: 'missing_scope' });
    expect(refusalOfScope(bot, { frame: 'read' })).toBeNull();
    expect(refusalOfScope(bot, { frame: 'message' })?.detail).toContain('messages:write');
    expect(refusalOfScope(bot, { method: 'GET', route: 'constructor' })).toMatchObject({
      code: 'missing_scope',
    });
  });
});

describe('an incoming webhook', () => {
  const admin = { isGroup: true, isAdmin: true, memberIds: [] };
  const makeHook = async () => {
    door.roles.set(owner.user.id, admin);
    const body = { name: 'Thời tiết Hà Nội', conversationId: known };
    const made = await call('POST', '/api/hooks', { token: owner.token, body });
    expect(made.statusCode).toBe(201);
    return made.json();
  };

  it('posts as its bot, the same key once, and is found by its owner without its secret', async () => {
    const hook = await makeHook();
    const first = await call('POST', hook.path, { body: { text: '30 độ', icon_emoji: ':sun:', ref: 'a' } });
    expect([first.statusCode, first.json().content]).toEqual([201, '30 độ']);
    const headers = { 'idempotency-key': 'a' };
    const again = await call('POST', hook.path, { body: { content: '30 độ' }, headers });
    expect([again.statusCode, again.json().id]).toEqual([200, first.json().id]);
    const list = await call('GET', `/api/hooks?conversationId=${known}`, { token: owner.token });
    expect(list.json().items.at(-1)).toMatchObject({ id: hook.id, name: 'Thời tiết Hà Nội' });
    expect(list.body).not.toContain(hook.path.split('/').at(-1));
  });

  it('answers a wrong secret as it does an unknown webhook, and slows down who goes on guessing', async () => {
    const hook = await makeHook();
    const wrong = await call('POST', `${hook.path}x`, { body: { text: 'x' } });
    const unknown = await call('POST', `/api/hooks/${randomUUID()}/x`, { body: { text: 'x' } });
    expect([wrong.statusCode, wrong.json().detail]).toEqual([404, unknown.json().detail]);
    const strict = await makeDoor({ rates: 'on' });
    const codes: number[] = [];
    for (let i = 0; i < 25; i++) {
      const answer = await strict.call('POST', `/api/hooks/${randomUUID()}/x`, { body: { text: 'x' } });
      codes.push(answer.statusCode);
    }
    expect(codes.slice(0, 20)).toEqual(Array(20).fill(404));
    expect(codes.at(-1)).toBe(429);
    await strict.app.close();
  });

  it('can be switched off, given another address, and deleted', async () => {
    const hook = await makeHook();
    const url = `/api/hooks/${hook.id}`;
    const { token } = owner;
    await call('PATCH', url, { token, body: { isDisabled: true } });
    const off = await call('POST', hook.path, { body: { text: 'x' } });
    expect([off.statusCode, off.json().code]).toEqual([403, 'hook_disabled']);
    await call('PATCH', url, { token, body: { isDisabled: false } });
    const renewed = (await call('PUT', url.replace('/hooks/', '/hook-secrets/'), { token })).json();
    expect((await call('POST', hook.path, { body: { text: 'x' } })).statusCode).toBe(404);
    expect((await call('POST', renewed.path, { body: { text: 'x' } })).statusCode).toBe(201);
    expect((await call('DELETE', url, { token: stranger.token })).statusCode).toBe(404);
    expect((await call('DELETE', url, { token })).statusCode).toBe(204);
    expect((await call('POST', renewed.path, { body: { text: 'x' } })).statusCode).toBe(404);
  });

  it('is made by admins of the group; in a one-to-one only for its own bot', async () => {
    const body = { name: 'x', conversationId: known };
    const { token } = stranger;
    expect((await call('POST', '/api/hooks', { token, body })).statusCode).toBe(404);
    door.roles.set(stranger.user.id, { ...admin, isAdmin: false });
    expect((await call('POST', '/api/hooks', { token, body })).json().code).toBe('not_an_admin');
    const direct = (id: string) => ({ isGroup: false, isAdmin: false, memberIds: [stranger.user.id, id] });
    door.roles.set(stranger.user.id, direct(owner.user.id));
    expect((await call('POST', '/api/hooks', { token, body })).json().code).toBe('bot_cannot');
    const bot = await makeBot(stranger);
    door.roles.set(stranger.user.id, direct(bot.id));
    expect((await call('POST', '/api/hooks', { token, body })).json()).toMatchObject({ botId: bot.id });
  });

  it.each([
    [{ text: 'a <https://x.org/1|b c> <https://y.org>' }, 'a [b c](https://x.org/1) https://y.org'],
    [{ text: 'x', username: 'An_*' }, '**An\\_\\***\nx'],
    [
      { attachments: [{ title: 'T', title_link: 'https://x.org', text: 'y', fallback: 'z' }] },
      '[T](https://x.org)\ny',
    ],
    [{ attachments: [{ fallback: 'z' }] }, 'z'],
    [{ text: '  ', username: 'An' }, ''],
  ])('takes the words of %j', (body, text) => {
    expect(textOf(body)).toBe(text);
  });
});
