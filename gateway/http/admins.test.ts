import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { fakeAccounts } from '../auth/accounts.fake.ts';
import { openAdmins } from '../auth/admins.ts';
import { type Door, makeDoor } from './door.fake.ts';

const admins = '/api/operations/admins';
const statusesOf = async (door: Door, token: string): Promise<number[]> => {
  const all: [string, string][] = [
    ['GET', admins],
    ['PUT', `${admins}/${randomUUID()}`],
    ['DELETE', `${admins}/${randomUUID()}`],
  ];
  return Promise.all(all.map(async ([method, url]) => (await door.call(method, url, { token })).statusCode));
};
const stranger = async (door: Door): Promise<number[]> => statusesOf(door, 'forged.token.of-nobody');

it('shows the first account that it is an instance admin, others that they are not, and nobody about others', async () => {
  const door = await makeDoor();
  const [first, second] = [await door.register(), await door.register()];
  expect([first.user.isInstanceAdmin, second.user.isInstanceAdmin]).toEqual([true, false]);
  const seen = await door.call('GET', `/api/users/${first.user.id}`, { token: second.token });
  expect(seen.json()).not.toHaveProperty('isInstanceAdmin');
});

it('tells nobody but instance admins that there is anything', async () => {
  const door = await makeDoor();
  const [first, second] = [await door.register(), await door.register()];
  const answer = await door.call('GET', admins, { token: second.token });
  const unknown = await door.call('GET', '/api/nothing', { token: second.token });
  expect([answer.statusCode, answer.json()]).toEqual([404, unknown.json()]);
  expect(await statusesOf(door, second.token)).toEqual([404, 404, 404]);
  expect(await stranger(door)).toEqual([401, 401, 401]);
  expect((await door.call('GET', admins, { token: first.token })).json()).toEqual({
    items: [
      { userId: first.user.id, username: first.username, grantedAt: expect.any(String), grantedBy: null },
    ],
    nextCursor: null,
  });
});

it('lets an admin make another one, who may revoke the first; the last one stays', async () => {
  const door = await makeDoor();
  const [first, second] = [await door.register(), await door.register()];
  const of = (id: string) => `${admins}/${id}`;
  expect((await door.call('PUT', of(second.user.id), { token: first.token })).statusCode).toBe(204);
  expect((await door.call('PUT', of(second.user.id), { token: first.token })).statusCode).toBe(204);
  expect((await door.call('DELETE', of(first.user.id), { token: second.token })).statusCode).toBe(204);
  expect(await statusesOf(door, first.token)).toEqual([404, 404, 404]);
  const last = await door.call('DELETE', of(second.user.id), { token: second.token });
  expect([last.statusCode, last.json().code]).toEqual([409, 'last_admin']);
  const nobody = await door.call('PUT', of(randomUUID()), { token: second.token });
  expect(nobody.statusCode).toBe(404);
});

it('believes what another process changed within two seconds, and asks the store no more often', async () => {
  let time = 1_000_000;
  let asked = 0;
  const accounts = fakeAccounts();
  const isAdmin = accounts.isAdmin;
  const counted = {
    ...accounts,
    isAdmin: (id: string) => {
      asked += 1;
      return isAdmin(id);
    },
  };
  const here = openAdmins({ accounts: counted, now: () => time });
  const user = { id: randomUUID(), username: 'ann', profilePicUrl: null, kind: 'person' as const };
  const row = { ...user, createdAt: '2026-01-01T00:00:00.000Z', rev: 1 };
  await accounts.create({ user: row, passwordHash: 'x', email: null, preferences: {} }, () => '');
  for (let i = 0; i < 50; i++) expect(await here.isAdmin(user.id)).toBe(true);
  expect(asked).toBe(1);
  await accounts.revokeAdmin(user.id, { evenLast: true });
  time += 2_000;
  expect(await here.isAdmin(user.id)).toBe(false);
});

it('logs who made whom an admin, once, and nothing else', async () => {
  const accounts = fakeAccounts();
  const events: object[] = [];
  const here = openAdmins({ accounts, onSecurityEvent: (event) => events.push(event) });
  const people = ['ann', 'bob'].map((username) => ({
    user: { id: randomUUID(), username, profilePicUrl: null, kind: 'person' as const, createdAt: '', rev: 1 },
    passwordHash: 'x',
    email: null,
    preferences: {},
  }));
  for (const each of people) await accounts.create(each, () => '');
  const [ann, bob] = people.map(({ user }) => user.id) as [string, string];
  for (let i = 0; i < 2; i++) await here.grant(bob, ann);
  for (let i = 0; i < 2; i++) await here.revoke(bob, ann);
  expect(events).toEqual([
    { event: 'admin_granted', userId: bob, by: ann },
    { event: 'admin_revoked', userId: bob, by: ann },
  ]);
});

it('says in the log who is one, what others did on the terminal, and nothing twice', async () => {
  const accounts = fakeAccounts();
  const people: string[] = [];
  for (const username of ['first', 'second', 'third']) {
    const user = {
      id: randomUUID(),
      username,
      profilePicUrl: null,
      kind: 'person' as const,
      createdAt: '2026-01-01T00:00:00.000Z',
      rev: 1,
    };
    await accounts.create({ user, passwordHash: 'x', email: null, preferences: {} }, () => '');
    people.push(user.id);
  }
  const [first, second, third] = people as [string, string, string];
  const said: [string, string, string | null][] = [];
  const gateway = openAdmins({
    accounts,
    onSecurityEvent: ({ event, userId, by }) => void said.push([event, userId, by]),
  });
  const since = async (): Promise<typeof said> => {
    await gateway.heed();
    return said.splice(0);
  };
  expect(await since()).toEqual([['admin_present', first, null]]);
  await accounts.grantAdmin({ userId: second, by: null, now: '2026-01-02T00:00:00.000Z' });
  expect(await since()).toEqual([['admin_granted', second, null]]);
  await gateway.grant(third, first);
  await gateway.revoke(third, first);
  expect(await since()).toEqual([
    ['admin_granted', third, first],
    ['admin_revoked', third, first],
  ]);
  // At another gateway, which says so itself.
  await accounts.grantAdmin({ userId: third, by: first, now: '2026-01-02T00:00:00.000Z' });
  expect(await since()).toEqual([]);
  await accounts.revokeAdmin(third);
  await accounts.revokeAdmin(second);
  expect(await since()).toEqual([
    ['admin_revoked_elsewhere', second, null],
    ['admin_revoked_elsewhere', third, null],
  ]);
  expect(await since()).toEqual([]);
});
