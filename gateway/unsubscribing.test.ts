import { randomUUID } from 'node:crypto';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { readUnsubscribeToken, unsubscribeToken } from '../ports/mail/unsubscribe.ts';
import { type NotificationPreferencesBody, preferred, usualPreferences } from '../schemas/notifications.ts';
import { makeDoor, unsubscribeSecret as secret } from './http/door.fake.ts';
import { openUnsubscribing } from './unsubscribing.ts';

const changed: { userId: string; body: NotificationPreferencesBody }[] = [];
beforeEach(() => void changed.splice(0));
const gone = randomUUID();
const unsubscribe = openUnsubscribing({
  secret,
  accounts: {
    byId: async (id) => ({ passwordHash: id === gone ? null : 'hash' }) as never,
  },
  notifications: {
    setPreferences: async (userId, body) => {
      changed.push({ userId, body });
      return preferred(usualPreferences, body);
    },
  },
});
const door = await makeDoor({ unsubscribe });
afterAll(() => door.app.close());
const userId = randomUUID();
const post = (token: string, type?: string, payload?: string) =>
  door.app.inject({
    method: 'POST',
    url: `/api/unsubscribe/${token}`,
    ...(type && { headers: { 'content-type': type }, payload: payload ?? '' }),
  });

describe('a link that ends mails', () => {
  it('says whose and which, and cannot be made up or changed', () => {
    for (const kind of ['missed', 'digest'] as const) {
      const token = unsubscribeToken(secret, userId, kind);
      expect(token).toMatch(/^[A-Za-z0-9_-]{44}$/);
      expect(readUnsubscribeToken(secret, token)).toEqual({ userId, kind });
      expect(readUnsubscribeToken('another', token)).toBeNull();
      for (let i = 0; i < token.length; i += 1) {
        const other = `${token.slice(0, i)}${token[i] === 'A' ? 'B' : 'A'}${token.slice(i + 1)}`;
        expect(readUnsubscribeToken(secret, other)).toBeNull();
      }
    }
    for (const none of ['', 'x', 'A'.repeat(44)]) expect(readUnsubscribeToken(secret, none)).toBeNull();
  });

  it.each([
    ['application/x-www-form-urlencoded', 'List-Unsubscribe=One-Click'],
    ['multipart/form-data; boundary=b', '--b\r\n\r\nOne-Click\r\n--b--'],
    ['application/json', '{}'],
    [undefined, undefined],
  ])('is opened by a mail program with %s, without a sign-in', async (type, payload) => {
    const answer = await post(unsubscribeToken(secret, userId, 'missed'), type, payload);
    expect([answer.statusCode, answer.json()]).toEqual([200, { kind: 'missed' }]);
    const [{ body } = { body: {} }] = changed;
    const kinds = Object.values(preferred(usualPreferences, body).kinds);
    expect(kinds.map(({ email }) => email)).toEqual([false, false, false, false, false]);
    expect(kinds.map(({ push }) => push)).toEqual(
      Object.values(usualPreferences.kinds).map(({ push }) => push),
    );
  });

  it('ends only its own kind', async () => {
    expect((await post(unsubscribeToken(secret, userId, 'digest'))).json()).toEqual({ kind: 'digest' });
    expect(changed).toEqual([{ userId, body: { digest: null } }]);
  });

  it('changes nothing when it is only looked at, and leads to the page that asks', async () => {
    const token = unsubscribeToken(secret, userId, 'missed');
    const answer = await door.call('GET', `/api/unsubscribe/${token}`);
    expect([answer.statusCode, answer.headers.location]).toEqual([303, `/#/unsubscribe/${token}`]);
    expect(changed).toEqual([]);
  });

  it('is nobody’s when it is not signed by us, and keeps nothing of an account that is gone', async () => {
    const forged = unsubscribeToken('another', userId, 'missed');
    expect((await post(forged)).statusCode).toBe(404);
    expect((await post('short')).statusCode).toBe(400);
    expect((await post(unsubscribeToken(secret, gone, 'missed'))).statusCode).toBe(200);
    expect(changed).toEqual([]);
  });

  it('takes a form nowhere else', async () => {
    const { token } = await door.register();
    const answer = await door.app.inject({
      method: 'POST',
      url: '/api/conversations',
      headers: { 'content-type': 'application/x-www-form-urlencoded', authorization: `Bearer ${token}` },
      payload: 'isGroup=true',
    });
    expect(answer.statusCode).toBe(415);
  });
});
