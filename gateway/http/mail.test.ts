// What an account does by mail, from the outside: letters are left, and what they bring opens what it should and nothing else.
import { randomUUID } from 'node:crypto';
import { afterAll, describe, expect, it } from 'vitest';
import type { User } from '../../schemas/views.ts';
import { hashOf } from '../auth/mailing.ts';
import { type Door, makeDoor } from './door.fake.ts';

const door = await makeDoor();
afterAll(() => door.app.close());
const { call, accounts } = door;
const soon = () => new Date(Date.now() + 60_000).toISOString();
const token = () => `${randomUUID()}${randomUUID()}`.replaceAll('-', '').slice(0, 43);

const lettersOf = (userId: string, from: Door['accounts'] = accounts) =>
  from.letters
    .filter((letter) => letter.userId === userId)
    .map(({ kind, content }) => ({ kind, ...content }));
const password = 'long enough';
const registered = async (email?: string, headers: Record<string, string> = {}, at = door) => {
  const username = `u${randomUUID().slice(0, 8)}`;
  const body = { username, password, ...(email && { email }) };
  const answer = await at.call('POST', '/api/users', { body, headers });
  const { user, accessToken } = answer.json() as { user: User; accessToken: string };
  const device = answer.cookies.find(({ name }) => name === 'chatvui_device');
  return { id: user.id, user, username, token: accessToken, device };
};
/** As who sends the mail does. */
const mailed = async (userId: string, purpose: 'verify' | 'reset') => {
  const [secret, address] = [token(), accounts.accounts.get(userId)?.email ?? ''];
  const times = { now: new Date().toISOString(), expiresAt: soon() };
  await accounts.keepMailToken({ hash: hashOf(secret), userId, purpose, address, ...times });
  return secret;
};
const confirm = async (userId: string) =>
  call('PUT', `/api/email-confirmations/${await mailed(userId, 'verify')}`);
const self = async (who: { id: string; token: string }): Promise<User> =>
  (await call('GET', `/api/users/${who.id}`, { token: who.token })).json();

describe('an address', () => {
  it('is asked to be confirmed by who registers with one, in the language of their browser', async () => {
    const ann = await registered('ann@example.org', { 'accept-language': 'fr-FR, vi;q=0.8, en;q=0.5' });
    expect(ann.user).toMatchObject({ email: 'ann@example.org', emailStatus: 'unconfirmed' });
    expect(lettersOf(ann.id)).toEqual([{ kind: 'verify', address: 'ann@example.org' }]);
    expect(await accounts.mailLanguages([ann.id])).toEqual(new Map([[ann.id, 'vi']]));
    const bob = await registered();
    expect(bob.user.emailStatus).toBeNull();
    expect(lettersOf(bob.id)).toEqual([]);
  });

  it('is confirmed by what the mail brought, without a sign-in, also twice, and by nothing else', async () => {
    const ann = await registered('a@example.org');
    const secret = await mailed(ann.id, 'verify');
    expect((await call('PUT', `/api/email-confirmations/${token()}`)).statusCode).toBe(404);
    expect((await call('PUT', '/api/email-confirmations/short')).statusCode).toBe(400);
    const reset = await mailed(ann.id, 'reset');
    expect((await call('PUT', `/api/email-confirmations/${reset}`)).statusCode).toBe(404);
    expect((await self(ann)).emailStatus).toBe('unconfirmed');
    for (let i = 0; i < 2; i += 1)
      expect((await call('PUT', `/api/email-confirmations/${secret}`)).statusCode).toBe(204);
    expect((await self(ann)).emailStatus).toBe('confirmed');
    // Others do not learn it.
    const bob = await registered();
    const seen = (await call('GET', `/api/users/${ann.id}`, { token: bob.token })).json();
    expect(seen).not.toHaveProperty('emailStatus');
  });

  it('is asked for once more when its person wants it, and not when there is nothing to confirm', async () => {
    const ask = (who: { token: string }) => call('POST', '/api/email-confirmations', { token: who.token });
    const ann = await registered('again@example.org');
    expect((await ask(ann)).statusCode).toBe(202);
    expect(lettersOf(ann.id)).toHaveLength(2);
    await confirm(ann.id);
    expect((await ask(ann)).json()).toMatchObject({ code: 'conflict' });
    const now = new Date().toISOString();
    await accounts.addressBounced({ userId: ann.id, address: 'again@example.org', reason: 'x', now });
    expect((await self(ann)).emailStatus).toBe('bounced');
    expect((await ask(ann)).statusCode).toBe(202);
    expect((await ask(await registered())).json()).toMatchObject({ code: 'conflict' });
    expect((await call('POST', '/api/email-confirmations')).statusCode).toBe(401);
  });

  it('that takes the place of another is asked to be confirmed, and the confirmed one is told', async () => {
    const change = (who: { id: string; token: string }, email: string | null) =>
      call('PUT', `/api/users/${who.id}`, { token: who.token, body: { email, password } });
    const ann = await registered('first@example.org');
    expect((await change(ann, 'second@example.org')).json()).toMatchObject({ emailStatus: 'unconfirmed' });
    await confirm(ann.id);
    await change(ann, 'Second@example.org');
    expect(lettersOf(ann.id).slice(1)).toEqual([{ kind: 'verify', address: 'second@example.org' }]);
    await change(ann, 'third@example.org');
    await change(ann, null);
    expect(lettersOf(ann.id).slice(2)).toEqual([
      { kind: 'verify', address: 'third@example.org' },
      { kind: 'address_changed', former: 'Second@example.org', address: 'third@example.org' },
    ]);
  });
});

describe('another address', () => {
  const change = (who: { id: string; token: string }, body: object, at = door) =>
    at.call('PUT', `/api/users/${who.id}`, { token: who.token, body });

  it('takes the place of a confirmed one only with the password', async () => {
    const ann = await registered('mine@example.org');
    await confirm(ann.id);
    for (const email of ['theirs@example.org', 'Mine@example.org', null]) {
      const without = await change(ann, { email, username: `x${ann.username}` });
      expect([without.statusCode, without.json()]).toMatchObject([
        400,
        { code: 'invalid_input', errors: [{ path: '/password' }] },
      ]);
      const wrong = await change(ann, { email, password: 'not it', username: `x${ann.username}` });
      expect([wrong.statusCode, wrong.json().code]).toEqual([403, 'wrong_password']);
    }
    // Nothing else of what was refused has been done.
    expect(await self(ann)).toMatchObject({ email: 'mine@example.org', username: ann.username });
    expect((await change(ann, { email: null, password })).json()).toMatchObject({ email: null });
  });

  it('without the password is one that gets mail, and by which no password is set until it is given with it', async () => {
    const bob = await registered();
    const isProven = async () => (await accounts.mailStates([bob.id])).get(bob.id)?.isProven;
    expect((await change(bob, { email: 'bob@example.org' })).json()).toMatchObject({
      email: 'bob@example.org',
      emailStatus: 'unconfirmed',
    });
    expect(await isProven()).toBe(false);
    expect((await change(bob, { email: 'bob@example.org', password })).statusCode).toBe(200);
    expect(await isProven()).toBe(true);
    // Once asked to be confirmed, and not again for being proven.
    expect(lettersOf(bob.id)).toHaveLength(1);
  });

  it('is not what the account has already: a profile that is sent back whole asks for nothing', async () => {
    const ann = await registered('same@example.org');
    const same = await change(ann, { email: 'same@example.org', preferences: { a: 1 } });
    expect(same.json()).toMatchObject({ email: 'same@example.org', preferences: { a: 1 } });
    const bob = await registered();
    expect((await change(bob, { email: null })).statusCode).toBe(200);
    expect(lettersOf(ann.id)).toHaveLength(1);
  });

  it('is no way to guess a password: wrong ones count as at signing in', async () => {
    const strict = await makeDoor({ rates: 'on' });
    const ann = await registered(undefined, {}, strict);
    const tried: number[] = [];
    for (let i = 0; i < 22; i += 1)
      tried.push((await change(ann, { email: 'x@example.org', password: `guess ${i}` }, strict)).statusCode);
    expect([tried[0], tried.at(-1)]).toEqual([403, 429]);
    expect((await change(ann, { email: 'x@example.org', password }, strict)).statusCode).toBe(429);
    const body = { username: ann.username, password };
    expect((await strict.call('POST', '/api/sessions', { body })).statusCode).toBe(429);
    await strict.app.close();
  });
});

describe('a forgotten password', () => {
  it('is asked for with the same answer whoever is there', async () => {
    const ann = await registered('known@example.org');
    const asked = [
      { username: ann.username },
      { username: 'nobody-of-this-name' },
      { email: 'known@example.org' },
      { email: 'unknown@example.org' },
      { email: 'not an address' },
    ];
    const before = accounts.letters.length;
    const answers = [];
    for (const body of asked) answers.push(await call('POST', '/api/password-resets', { body }));
    expect(new Set(answers.map(({ statusCode, body }) => `${statusCode} ${body}`))).toEqual(
      new Set(['202 ']),
    );
    // Nobody has been looked for: who sends the mails does that.
    expect(accounts.letters.slice(before).map(({ userId, content }) => [userId, content])).toEqual(
      asked.map((body) => [null, body]),
    );
    for (const body of [{}, { username: 'a', email: 'b' }, { username: '' }])
      expect((await call('POST', '/api/password-resets', { body })).statusCode).toBe(400);
  });

  it('is replaced by what the mail brought, once, and every device is signed out', async () => {
    const ann = await registered('forgetful@example.org');
    const [secret, second] = [await mailed(ann.id, 'reset'), await mailed(ann.id, 'reset')];
    const put = (how: string, password = 'another password') =>
      call('PUT', `/api/password-resets/${how}`, { body: { password } });
    expect((await put(secret, 'short')).statusCode).toBe(400);
    expect((await put(await mailed(ann.id, 'verify'))).json()).toMatchObject({ code: 'not_found' });
    expect((await put(secret)).statusCode).toBe(204);
    for (const used of [secret, second]) expect((await put(used)).statusCode).toBe(404);
    expect((await call('GET', '/api/sessions', { token: ann.token })).statusCode).toBe(401);
    const signIn = (password: string) =>
      call('POST', '/api/sessions', { body: { username: ann.username, password } });
    expect((await signIn('long enough')).statusCode).toBe(401);
    expect((await signIn('another password')).statusCode).toBe(201);
    expect(lettersOf(ann.id)).toContainEqual({ kind: 'password_changed' });
  });
});

describe('a device', () => {
  const signIn = async (who: { username: string }, headers: Record<string, string>) => {
    const body = { username: who.username, password: 'long enough' };
    const answer = await call('POST', '/api/sessions', { body, headers });
    return answer.cookies.find(({ name }) => name === 'chatvui_device');
  };
  const tellings = (userId: string) => lettersOf(userId).filter(({ kind }) => kind === 'new_device');

  it('that is new is told of; the first one, and one that was there before, are not', async () => {
    const ann = await registered();
    const { device } = ann;
    expect(device).toMatchObject({ httpOnly: true, sameSite: 'Strict', path: '/api/sessions' });
    const known = { cookie: `chatvui_device=${device?.value}`, 'user-agent': 'Firefox/1.0' };
    expect((await signIn(ann, known))?.value).toBe(device?.value);
    expect(tellings(ann.id)).toEqual([]);
    const other = await signIn(ann, { 'user-agent': 'Other/1.0' });
    expect(other?.value).not.toBe(device?.value);
    expect(tellings(ann.id)).toEqual([{ kind: 'new_device', device: 'Other/1.0' }]);
    await signIn(ann, { cookie: `chatvui_device=${other?.value}` });
    await signIn(ann, { cookie: 'chatvui_device=made up' });
    expect(tellings(ann.id)).toHaveLength(2);
  });

  it('that signed in before browsers were known is known from when it comes back', async () => {
    const bob = await door.register();
    expect(tellings(bob.user.id)).toEqual([]);
    const answer = await call('POST', '/api/sessions/refresh', { headers: { cookie: bob.cookie } });
    const device = answer.cookies.find(({ name }) => name === 'chatvui_device');
    await signIn(bob, { cookie: `chatvui_device=${device?.value}` });
    expect(tellings(bob.user.id)).toEqual([]);
  });
});

it('bounds mails that are asked for, by person and by network, and registers people all the same', async () => {
  const strict = await makeDoor({ rates: 'on' });
  const statuses: number[] = [];
  for (let i = 0; i < 25; i += 1)
    statuses.push(
      (await strict.call('POST', '/api/password-resets', { body: { username: `u${i}` } })).statusCode,
    );
  expect(statuses.filter((status) => status === 202)).toHaveLength(20);
  expect(statuses.slice(20)).toEqual([429, 429, 429, 429, 429]);
  const ann = await registered('late@example.org', {}, strict);
  expect(lettersOf(ann.id, strict.accounts)).toEqual([]);
  const asked: number[] = [];
  for (let i = 0; i < 6; i += 1)
    asked.push((await strict.call('POST', '/api/email-confirmations', { token: ann.token })).statusCode);
  expect(asked).toEqual([202, 202, 202, 202, 202, 429]);
  const body = { email: 'other@example.org', password };
  expect((await strict.call('PUT', `/api/users/${ann.id}`, { token: ann.token, body })).statusCode).toBe(429);
  await strict.app.close();
});
