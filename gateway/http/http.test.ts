import { randomUUID } from 'node:crypto';
import { afterAll, describe, expect, it } from 'vitest';
import { OutsideError } from '../../ports/errors.ts';
import { type Door, fakeChat, known, makeDoor } from './door.fake.ts';

const door = await makeDoor();
const { call } = door;
const person = await door.register();
const { token } = person;
afterAll(() => door.app.close());
type Answer = Awaited<ReturnType<Door['call']>>;

const expectProblem = (answer: Answer, status: number, code: string): void => {
  expect([answer.statusCode, answer.json().code, answer.json().status]).toEqual([status, code, status]);
  expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
  expect(Object.keys(answer.json())).toEqual(expect.arrayContaining(['type', 'title', 'detail']));
};

describe('people', () => {
  it('register, sign in, and see themselves; others see less', async () => {
    const made = await call('POST', '/api/users', {
      body: { username: 'Hà', password: 'long enough', email: 'ha@example.org' },
    });
    expect(made.statusCode).toBe(201);
    const { user, accessToken, expiresIn } = made.json();
    expect([user.username, user.email, expiresIn]).toEqual(['Hà', 'ha@example.org', 600]);
    expect(made.body).not.toContain('refresh');
    const cookie = made.cookies[0];
    expect(cookie).toMatchObject({
      name: 'chatvui_refresh',
      httpOnly: true,
      sameSite: 'Strict',
      path: '/api/sessions',
    });
    expect(cookie).not.toHaveProperty('secure');
    const own = await call('GET', `/api/users/${user.id.toUpperCase()}`, { token: accessToken });
    expect(own.json()).toMatchObject({ id: user.id, email: 'ha@example.org', preferences: {} });
    const seen = await call('GET', `/api/users/${user.id}`, { token });
    expect(Object.keys(seen.json())).not.toEqual(expect.arrayContaining(['email']));
    const signedIn = await call('POST', '/api/sessions', {
      body: { username: 'Hà', password: 'long enough' },
    });
    expect(signedIn.statusCode).toBe(201);
    const some = await call('GET', `/api/users?ids=${randomUUID()},${randomUUID()}`, { token });
    expect([some.statusCode, some.json()]).toEqual([200, { items: [], nextCursor: null }]);
    for (const query of ['ids=', 'ids=me', `ids=${randomUUID()}&q=x`])
      expectProblem(await call('GET', `/api/users?${query}`, { token }), 400, 'invalid_input');
    const found = await call('GET', `/api/users?q=${encodeURIComponent('Hà')}`, { token });
    expect(found.json().items.map((each: { id: string }) => each.id)).toEqual([user.id]);
  });

  it('are refused a taken name, bad names, bad passwords, wrong passwords', async () => {
    const body = { username: person.username, password: 'long enough' };
    expectProblem(await call('POST', '/api/users', { body }), 409, 'username_taken');
    expectProblem(
      await call('POST', '/api/users', { body: { ...body, username: 'a b' } }),
      400,
      'invalid_input',
    );
    expectProblem(
      await call('POST', '/api/users', { body: { ...body, password: 'short' } }),
      400,
      'invalid_input',
    );
    expectProblem(
      await call('POST', '/api/sessions', { body: { ...body, password: 'wrong' } }),
      401,
      'wrong_credentials',
    );
  });

  it('change their own profile only', async () => {
    const url = `/api/users/${person.user.id}`;
    const body = {
      profilePicUrl: 'https://example.org/a.png',
      preferences: { theme: 'dark' },
      status: 'away',
    };
    const changed = await call('PUT', url, { token, body });
    expect(changed.json()).toMatchObject(body);
    expect((await call('GET', '/api/users/active', { token })).json().items).toHaveLength(1);
    const other = await door.register();
    expectProblem(await call('PUT', url, { token: other.token, body }), 403, 'not_allowed');
    const taken = { username: other.username };
    expectProblem(await call('PUT', url, { token, body: taken }), 409, 'username_taken');
    expectProblem(await call('PUT', url, { token, body: {} }), 400, 'invalid_input');
    expectProblem(await call('GET', `/api/users/${randomUUID()}`, { token }), 404, 'not_found');
  });

  it('cannot register while the log is away', async () => {
    const away = await makeDoor({ logReady: () => false });
    const answer = await away.call('POST', '/api/users', {
      body: { username: 'x', password: 'long enough' },
    });
    expectProblem(answer, 503, 'unavailable');
    expect(answer.headers['retry-after']).toBeDefined();
    expect(away.accounts.accounts.size).toBe(0);
  });
});

describe('devices', () => {
  it('refresh by cookie, sign out, and are listed', async () => {
    const mine = await door.register();
    const refreshed = await call('POST', '/api/sessions/refresh', { headers: { cookie: mine.cookie } });
    expect(refreshed.statusCode).toBe(200);
    expect(refreshed.cookies[0]?.value).not.toBe(mine.cookie.split('=')[1]);
    const list = await call('GET', '/api/sessions', { token: refreshed.json().accessToken });
    expect(list.json()).toMatchObject({ items: [{ current: true }], nextCursor: null });
    const out = await call('DELETE', '/api/sessions/current', { token: mine.token });
    expect([out.statusCode, out.body, out.cookies[0]?.value]).toEqual([204, '', '']);
    expectProblem(await call('GET', '/api/sessions', { token: mine.token }), 401, 'not_signed_in');
    expectProblem(
      await call('POST', '/api/sessions/refresh', { headers: { cookie: mine.cookie } }),
      401,
      'not_signed_in',
    );
    expectProblem(await call('POST', '/api/sessions/refresh'), 401, 'not_signed_in');
  });

  it('cannot be signed out by others', async () => {
    const list = await call('GET', '/api/sessions', { token });
    const id = list.json().items[0].id;
    const other = await door.register();
    expectProblem(await call('DELETE', `/api/sessions/${id}`, { token: other.token }), 404, 'not_found');
  });
});

describe('conversations and messages', () => {
  const at = `/api/conversations/${known}`;
  const one = `/api/messages/${randomUUID()}`;
  it.each([
    ['POST', '/api/conversations', 201, { isGroup: true, memberIds: [] }],
    ['POST', '/api/conversations', 200, { isGroup: false, memberIds: [randomUUID()] }],
    ['GET', '/api/conversations?limit=5', 200, undefined],
    ['GET', at, 200, undefined],
    ['PATCH', at, 200, { name: 'New' }],
    ['GET', `${at}/members`, 200, undefined],
    ['POST', `${at}/members`, 201, { userId: randomUUID() }],
    ['PATCH', `${at}/members/${randomUUID()}`, 200, { isAdmin: true }],
    ['DELETE', `${at}/members/${randomUUID()}`, 204, undefined],
    ['GET', `${at}/messages?after=0&limit=3`, 200, undefined],
    ['PATCH', one, 200, { content: 'x' }],
    ['DELETE', one, 200, undefined],
    ['PUT', `${one}/reactions/${encodeURIComponent('👍🏽')}`, 200, undefined],
    ['DELETE', `${one}/reactions/%2F`, 200, undefined],
    ['PUT', `${one}/read`, 204, undefined],
    ['GET', `/api/conversations/${randomUUID()}`, 404, undefined],
    ['DELETE', `/api/conversations/${randomUUID()}/members/${randomUUID()}`, 404, undefined],
  ])('%s %s answers %i', async (method, url, status, body) => {
    const answer = await call(method, url, { token, body });
    expect(answer.statusCode).toBe(status);
    if (status === 204) expect(answer.body).toBe('');
    expectUnauthorised(await call(method, url, { body }));
  });
  const expectUnauthorised = (answer: Answer): void => {
    expectProblem(answer, 401, 'not_signed_in');
    expect(answer.headers['www-authenticate']).toMatch(/^Bearer/);
  };

  it('send once per ref', async () => {
    const body = { ref: randomUUID(), content: 'hello' };
    const first = await call('POST', `${at}/messages`, { token, body });
    const again = await call('POST', `${at}/messages`, { token, body });
    expect([first.statusCode, again.statusCode]).toEqual([201, 200]);
    expect(again.json()).toEqual(first.json());
  });

  it('take an emoji from the address as it was written', async () => {
    const answer = await call('PUT', `${one}/reactions/${encodeURIComponent('👩‍👩‍👧')}`, { token });
    expect(answer.json().reactions).toEqual([{ emoji: '👩‍👩‍👧', userIds: [person.user.id] }]);
  });
});

describe('outages and faults', () => {
  it('answer 503 with Retry-After, or a generic 500', async () => {
    const chat = fakeChat();
    const away = await makeDoor({
      chat: {
        ...chat,
        send: async () => {
          throw new OutsideError('log_unavailable', 'later', 'broker 10.0.0.7 refused');
        },
        edit: async () => {
          throw new TypeError('secret path /srv/chat');
        },
      },
    });
    const { token: theirs } = await away.register();
    const body = { ref: randomUUID(), content: 'x' };
    const sent = await away.call('POST', `/api/conversations/${known}/messages`, { token: theirs, body });
    expectProblem(sent, 503, 'unavailable');
    expect(sent.headers['retry-after']).toBe('2');
    expect(sent.body).not.toContain('10.0.0.7');
    const edited = await away.call('PATCH', `/api/messages/${randomUUID()}`, {
      token: theirs,
      body: { content: 'x' },
    });
    expectProblem(edited, 500, 'internal_error');
    expect(edited.body).not.toContain('/srv');
    expect(edited.json().detail).toContain(edited.headers['x-request-id']);
    await away.app.close();
  });

  it('limit what comes too often', async () => {
    const limited = await makeDoor({ rates: 'on' });
    const { token: theirs } = await limited.register();
    const ask = () => limited.call('GET', '/api/sessions', { token: theirs });
    // A slow machine gets some back while it asks.
    let answer = await ask();
    for (let i = 0; i < 3_000 && answer.statusCode === 200; i++) answer = await ask();
    expectProblem(answer, 429, 'rate_limited');
    expect(answer.headers['retry-after']).toBe('1');
    await limited.app.close();
  });
});
