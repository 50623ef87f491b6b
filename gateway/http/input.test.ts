// What the door makes of input: nothing is guessed, nothing is dropped, and the place of a fault is named.
import { randomUUID } from 'node:crypto';
import { afterAll, describe, expect, it } from 'vitest';
import { type Door, known, makeDoor } from './door.fake.ts';

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
const json = { 'content-type': 'application/json' };

describe('input', () => {
  it.each([
    ['GET', '/api/users?limit=0'],
    ['GET', '/api/users?limit=101'],
    ['GET', '/api/users?limit=-1'],
    ['GET', '/api/users?limit=5.5'],
    ['GET', '/api/users?limit=1e1'],
    ['GET', '/api/users?limit='],
    ['GET', '/api/users?limit=abc'],
    ['GET', '/api/users?limit=5&limit=6'],
    ['GET', '/api/users?q=a&q=b'],
    ['GET', '/api/users?unknown=1'],
    ['GET', '/api/users?__proto__=1'],
    ['GET', '/api/users?cursor='],
    ['GET', '/api/users/active?cursor=nonsense'],
    ['GET', '/api/users/no-uuid'],
    ['GET', '/api/users/%00'],
    ['GET', `/api/conversations/${known}/messages?before=-1`],
    ['GET', `/api/conversations/${known}/messages?since=yesterday`],
    ['GET', `/api/conversations/${known}/messages?before=01`],
    ['GET', '/api/users/%ff'],
    ['GET', '/api/users/%'],
    ['PUT', `/api/messages/${known}/reactions/${'x'.repeat(33)}`],
  ])('refuses %s %s', async (method, url) => {
    expectProblem(await call(method, url, { token }), 400, 'invalid_input');
  });

  it('is counted and coerced nowhere but in limit', async () => {
    const url = `/api/conversations/${known}/messages`;
    expect((await call('GET', `${url}?limit=100`, { token })).json().items).toHaveLength(100);
    expect((await call('GET', url, { token })).json().items).toHaveLength(50);
    const body = { isGroup: 'true', memberIds: [] };
    expectProblem(await call('POST', '/api/conversations', { token, body }), 400, 'invalid_input');
    expectProblem(
      await call('POST', '/api/conversations', { token, body: { isGroup: true, memberIds: known } }),
      400,
      'invalid_input',
    );
  });

  const send = (payload: string | Buffer, headers: Record<string, string> = json) =>
    door.app.inject({ method: 'POST', url: '/api/sessions', headers, payload });
  it.each([
    ['no JSON', '{'],
    ['nothing', ''],
    ['null', 'null'],
    ['a list', '[]'],
    ['text', '"x"'],
    ['a prototype', '{"username":"a","password":"b","__proto__":{"x":1}}'],
    ['a constructor', '{"username":"a","password":"b","constructor":{"prototype":{"x":1}}}'],
    ['a lone surrogate', '{"username":"\\ud800","password":"b"}'],
    ['bytes that are no UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d])],
    ['a deep nest', `{"username":${'['.repeat(50_000)}${']'.repeat(50_000)},"password":"b"}`],
    ['a byte order mark alone', '\ufeff'],
  ])('refuses a body of %s', async (_, payload) => {
    expectProblem(await send(payload), 400, 'invalid_input');
  });

  it('refuses what is too large, and what is not JSON', async () => {
    expectProblem(await send(`{"username":"${'a'.repeat(300_000)}"}`), 413, 'payload_too_large');
    expectProblem(await send('{}', { 'content-type': 'text/plain' }), 415, 'unsupported_media_type');
    expectProblem(await send('{}', {}), 415, 'unsupported_media_type');
    expectProblem(
      await send('a=1', { 'content-type': 'application/x-www-form-urlencoded' }),
      415,
      'unsupported_media_type',
    );
  });

  it('names the place of the fault', async () => {
    const body = { username: 'a', password: 'long enough', isAdmin: true };
    const answer = await call('POST', '/api/users', { body });
    expect(answer.json().errors).toEqual([
      { path: '/isAdmin', message: 'must NOT have additional properties' },
    ]);
    const query = await call('GET', '/api/users?limit=0', { token });
    expect(query.json().errors[0].path).toBe('/query/limit');
  });

  it('takes an empty body that says it is JSON where none is needed', async () => {
    const url = `/api/messages/${randomUUID()}`;
    const answer = await call('DELETE', url, { token, headers: json });
    expect(answer.statusCode).toBe(200);
  });
});
