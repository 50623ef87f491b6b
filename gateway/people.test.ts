import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { OutsideError } from '../ports/errors.ts';
import { openMemoryPresence } from '../ports/presence/memory.ts';
import { isRefusal } from '../schemas/refusal.ts';
import type { UserRow } from '../schemas/rows.ts';
import { fakeAccounts } from './auth/accounts.fake.ts';
import { fakeChoices } from './choices.fake.ts';
import { openPeople } from './people.ts';

const at = (second: number): string => `2026-01-01T00:00:0${second}.000Z`;
const user = (
  username: string,
  lastOnline: string | null = null,
): UserRow & { lastOnline: string | null } => ({
  id: randomUUID(),
  username,
  profilePicUrl: null,
  kind: 'person',
  createdAt: at(0),
  rev: 1,
  lastOnline,
});
const anna = user('anna', at(3));
const ben = user('ben');
const zoe = user('zoe');
const everybody = [zoe, ben, anna];
const history = {
  users: async (ids: string[]) => everybody.filter((each) => ids.includes(each.id)),
  findUsers: async () => ({ items: everybody, nextCursor: null }),
};
const presence = openMemoryPresence({ leaseMs: 1000 });
await presence.project([
  { row: { userId: anna.id, status: 'offline', at: at(5) }, partition: 0, position: 1 },
  { row: { userId: zoe.id, status: 'online', at: at(6) }, partition: 0, position: 1 },
  { row: { userId: ben.id, status: 'away', at: at(7) }, partition: 0, position: 1 },
]);
const accounts = fakeAccounts();
const choices = fakeChoices();
const people = openPeople({ history, presence, accounts, choices });
const fine = <T>(value: T) => {
  if (isRefusal(value)) throw new Error(value.code);
  return value as Exclude<T, { kind: 'refusal' }>;
};

it('shows who is active by name, with the latest that is known of each', async () => {
  const { items } = fine(await people.active({ limit: 50 }));
  expect(items.map((each) => [each.username, each.status])).toEqual([
    ['ben', 'away'],
    ['zoe', 'online'],
  ]);
  expect(fine(await people.user(ben.id, anna.id))).toMatchObject({ status: 'offline', lastOnline: at(5) });
});

it('shows several people at once, each as others see them, and nobody who is unknown', async () => {
  const found = await people.several([anna.id, randomUUID(), zoe.id]);
  expect(found.map((each) => [each.username, each.status]).sort()).toEqual([
    ['anna', 'offline'],
    ['zoe', 'online'],
  ]);
});

it('pages through the active ones, and refuses cursors that are not its own', async () => {
  const first = fine(await people.active({ limit: 1 }));
  const second = fine(await people.active({ limit: 1, cursor: first.nextCursor ?? '' }));
  expect([...first.items, ...second.items].map((each) => each.username).sort()).toEqual(['ben', 'zoe']);
  expect(second.nextCursor).toBeNull();
  expect(await people.active({ limit: 1, cursor: 'nonsense' })).toMatchObject({ code: 'invalid_input' });
});

it('shows everybody as offline while presence is away, and never hides a fault of our own', async () => {
  const failing = (error: Error) =>
    openPeople({
      history,
      accounts,
      choices,
      presence: { ...presence, projected: () => Promise.reject(error) },
    });
  const away = failing(new OutsideError('presence_unavailable', 'later', 'x'));
  const { items } = fine(await away.find({ q: '', limit: 50 }));
  expect(items.map((each) => [each.username, each.status, each.lastOnline])).toEqual([
    ['zoe', 'offline', null],
    ['ben', 'offline', null],
    ['anna', 'offline', at(3)],
  ]);
  await expect(failing(new TypeError('bug')).user(ben.id, anna.id)).rejects.toThrow('bug');
});

it('shows the own account even before the directory does, and private parts to nobody else', async () => {
  const { lastOnline: _, ...row } = user('new');
  await accounts.create({ user: row, passwordHash: 'x', email: 'a@b', preferences: { a: 1 } }, () => '');
  expect(await people.user(row.id, row.id)).toMatchObject({
    username: 'new',
    email: 'a@b',
    preferences: { a: 1 },
  });
  expect(await people.user(anna.id, row.id)).toMatchObject({ code: 'not_found' });
  expect(JSON.stringify(await people.user(row.id, row.id))).not.toContain('passwordHash');
});

it('finds nobody by what no name can contain', async () => {
  expect(fine(await people.find({ q: 'a\u0000b', limit: 5 })).items).toEqual([]);
});
