// What every accounts adapter must do.
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { UserRow } from '../../schemas/rows.ts';
import { mailOfAccountsContract } from './contract-mail.ts';
import { movingContract } from './contract-moving.ts';
import { oneselfContract } from './contract-oneself.ts';
import { personalContract } from './contract-personal.ts';
import type { Account, AccountStore, Accounts, StoredSession } from './port.ts';

type Open = () => AccountStore;

const start = Date.UTC(2026, 5, 1, 12, 0, 0, 7);
export const at = (ms: number): string => new Date(start + ms).toISOString();
const day = 24 * 3600_000;
const graceMs = 10_000;

export const person = (username = `ann-${randomUUID()}`): Account => ({
  user: { id: randomUUID(), username, profilePicUrl: null, kind: 'person', createdAt: at(0), rev: 1 },
  passwordHash: '$argon2id$v=19$hash',
  email: 'ann@example.org',
  preferences: { theme: 'tối', nested: { b: [1, null], a: 'x' } },
});
export const placeholder = (username: string): UserRow => ({ ...person(username).user, kind: 'placeholder' });
export const event = (user: UserRow): string =>
  JSON.stringify({ id: user.id, name: user.username, rev: user.rev });

/** Entries of these people, oldest first; others' tests write there too. */
const entriesOf = async (accounts: Accounts, ids: string[]) =>
  (await accounts.outbox(100_000)).filter(({ key }) => ids.includes(key));

export const accountsContract = (open: Open): void => {
  peopleContract(open);
  sessionContract(open);
  movingContract(open);
  mailOfAccountsContract(open);
  personalContract(open);
  oneselfContract(open);

  it('makes a secret once, also when twenty ask at the same moment', async () => {
    const name = `secret-${randomUUID()}`;
    const made = await Promise.all(Array.from({ length: 20 }, () => open().secret(name, () => randomUUID())));
    expect(new Set(made).size).toBe(1);
    expect(await open().secret(name, () => 'another')).toBe(made[0]);
  });

  it('keeps marks by name', async () => {
    const name = `mark-${randomUUID()}`;
    expect(await open().mark(name)).toBeNull();
    await open().setMark(name, 'line 1');
    await open().setMark(name, 'line 2');
    expect(await open().mark(name)).toBe('line 2');
  });
};

const peopleContract = (open: Open): void => {
  describe('an account', () => {
    it('is created together with its entry in the outbox', async () => {
      const ann = person();
      const created = await open().create(ann, event);
      const [entry] = await entriesOf(open(), [ann.user.id]);
      expect(created).toEqual({ kind: 'created', outboxId: entry?.id });
      expect(entry).toMatchObject({ topic: 'chat.users', key: ann.user.id, value: event(ann.user) });
      expect(await open().byId(ann.user.id)).toEqual(ann);
      expect(await open().byUsername(ann.user.username)).toEqual(ann);
      await open().outboxDone([entry?.id as number]);
      expect(await entriesOf(open(), [ann.user.id])).toEqual([]);
    });

    it('is not created when its event cannot be made', async () => {
      const ann = person();
      const fail = () => {
        throw new Error('no event');
      };
      await expect(open().create(ann, fail)).rejects.toThrow('no event');
      expect(await open().byId(ann.user.id)).toBeNull();
    });

    it('is won by exactly one of twenty who want the same name at once', async () => {
      const name = `wanted-${randomUUID()}`;
      const all = Array.from({ length: 20 }, () => person(name));
      const results = await Promise.all(all.map((account) => open().create(account, event)));
      const kinds = results.map(({ kind }) => kind).sort();
      expect(kinds).toEqual(['created', ...Array.from({ length: 19 }, () => 'username_taken')]);
      const winner = all[results.findIndex(({ kind }) => kind === 'created')];
      expect(await open().byUsername(name)).toEqual(winner);
      expect(
        await entriesOf(
          open(),
          all.map(({ user }) => user.id),
        ),
      ).toHaveLength(1);
    });

    it('has a name that is exact: case and accents make another', async () => {
      const tag = randomUUID().slice(0, 8);
      for (const name of [`Hà${tag}`, `ha${tag}`, `HA${tag}`]) {
        expect(await open().create(person(name), event)).toMatchObject({ kind: 'created' });
      }
      expect((await open().byUsername(`ha${tag}`))?.user.username).toBe(`ha${tag}`);
      expect(await open().byUsername(`hà${tag}`)).toBeNull();
    });

    it('changes in private without an entry, and in public with a higher rev and one', async () => {
      const ann = person();
      const { id } = ann.user;
      await open().create(ann, event);
      const patch = { email: null, preferences: { theme: 'light' }, passwordHash: 'new' };
      const email = { address: null, isProven: true };
      const quiet = await open().change(id, { ...patch, email }, event);
      expect(quiet).toEqual({ kind: 'changed', account: { user: ann.user, ...patch }, outboxId: null });
      const same = await open().change(id, { username: ann.user.username }, event);
      expect(same).toMatchObject({ outboxId: null });
      const name = `new-${randomUUID()}`;
      const loud = await open().change(id, { username: name, profilePicUrl: '/api/media/1' }, event);
      const user = { ...ann.user, username: name, profilePicUrl: '/api/media/1', rev: 2 };
      expect(loud).toMatchObject({ kind: 'changed', account: { user, ...patch } });
      expect(await open().byId(id)).toEqual({ user, ...patch });
      const entries = await entriesOf(open(), [id]);
      expect(entries.map(({ value }) => value)).toEqual([event(ann.user), event(user)]);
      expect(loud).toMatchObject({ outboxId: entries[1]?.id });
    });

    it('does not take a name that is taken, and nobody is nobody', async () => {
      const [ann, bob] = [person(), person()];
      await open().create(ann, event);
      await open().create(bob, event);
      const email = { address: 'x@example.org', isProven: true };
      const patch = { username: bob.user.username, email };
      expect(await open().change(ann.user.id, patch, event)).toEqual({ kind: 'username_taken' });
      expect(await open().byId(ann.user.id)).toEqual(ann);
      expect(await entriesOf(open(), [ann.user.id])).toHaveLength(1);
      expect(await open().change(randomUUID(), patch, event)).toEqual({ kind: 'unknown' });
    });

    it('loses none of ten changes made at once', async () => {
      const ann = person();
      await open().create(ann, event);
      const pictures = Array.from({ length: 10 }, (_, i) => `/api/media/${i}`);
      await Promise.all(
        pictures.map((profilePicUrl) => open().change(ann.user.id, { profilePicUrl }, event)),
      );
      expect((await open().byId(ann.user.id))?.user.rev).toBe(11);
      const entries = await entriesOf(open(), [ann.user.id]);
      const revs = entries.map(({ value }) => (JSON.parse(value) as { rev: number }).rev);
      expect(revs).toEqual(Array.from({ length: 11 }, (_, i) => i + 1));
    });
  });

  it('makes placeholders in bulk, keeps those who exist, and repeats without effect', async () => {
    const tag = randomUUID().slice(0, 8);
    const ann = person(`name-7-${tag}`);
    await open().create(ann, event);
    const users = Array.from({ length: 1_203 }, (_, i) => placeholder(`name-${i}-${tag}`));
    const ids = users.map((user) => user.id);
    const first = await open().createPlaceholders(users, event);
    expect(first.size).toBe(users.length);
    expect(first.get(ann.user.username)).toBe(ann.user.id);
    expect(first.get(`name-8-${tag}`)).toBe(users[8]?.id);
    expect(await open().byId(users[8]?.id as string)).toEqual({
      user: users[8],
      passwordHash: null,
      email: null,
      preferences: {},
    });
    expect(await entriesOf(open(), ids)).toHaveLength(users.length - 1);
    const again = users.map((user) => ({ ...user, id: randomUUID() }));
    expect(await open().createPlaceholders(again, event)).toEqual(first);
    expect(await entriesOf(open(), ids)).toHaveLength(users.length - 1);
  });

  it('makes the same placeholders once when two imports run at once', async () => {
    const tag = randomUUID().slice(0, 8);
    const names = Array.from({ length: 300 }, (_, i) => `both-${i}-${tag}`);
    const [one, two] = await Promise.all([
      open().createPlaceholders(names.map(placeholder), event),
      open().createPlaceholders(names.map(placeholder).reverse(), event),
    ]);
    expect(new Map([...one].sort())).toEqual(new Map([...two].sort()));
    expect(await entriesOf(open(), [...one.values()])).toHaveLength(names.length);
  });
};

const sessionContract = (open: Open): void => {
  describe('a session', () => {
    const begin = async (userId: string = randomUUID(), from = 0) => {
      const session: StoredSession = {
        id: randomUUID(),
        userId,
        device: 'Firefox trên Debian',
        createdAt: at(from),
        lastUsedAt: at(from),
        expiresAt: at(from + day),
      };
      const hash = randomUUID();
      await open().createSession(session, hash);
      return { session, hash };
    };
    const refresh = (hash: string, nextHash: string, ms: number) =>
      open().refresh({ hash, nextHash, now: at(ms), graceMs, expiresAt: at(ms + day) });

    it('is found by its person, among those of others', async () => {
      const [one, two] = [await begin(), await begin()];
      const { session: newer } = await begin(one.session.userId, 5);
      const of = async (...userIds: string[]) => open().sessions(userIds, at(10));
      expect(await of(one.session.userId)).toEqual([newer, one.session]);
      const both = await of(one.session.userId, two.session.userId, randomUUID());
      expect(both.map(({ id }) => id).sort()).toEqual([newer.id, one.session.id, two.session.id].sort());
      expect(await of()).toEqual([]);
    });

    it('is refreshed by its token, which is replaced', async () => {
      const { session, hash } = await begin();
      const next = randomUUID();
      const expected = { ...session, lastUsedAt: at(1_000), expiresAt: at(1_000 + day) };
      expect(await refresh(hash, next, 1_000)).toEqual({ kind: 'rotated', session: expected });
      expect(await open().sessions([session.userId], at(2_000))).toEqual([expected]);
      expect(await refresh(next, randomUUID(), 2_000)).toMatchObject({ kind: 'rotated' });
    });

    it('is rotated by exactly one of fifty refreshes at once; the others get the same successor', async () => {
      const { hash } = await begin();
      const next = randomUUID();
      const all = await Promise.all(Array.from({ length: 50 }, () => refresh(hash, next, 1_000)));
      expect(all.filter(({ kind }) => kind === 'rotated')).toHaveLength(1);
      expect(all.filter(({ kind }) => kind === 'repeated')).toHaveLength(49);
      expect(await refresh(next, randomUUID(), 2_000)).toMatchObject({ kind: 'rotated' });
    });

    it('answers a former token within the grace, and ends when one is shown after it', async () => {
      const { session, hash } = await begin();
      const next = randomUUID();
      await refresh(hash, next, 1_000);
      expect(await refresh(hash, next, 1_000 + graceMs)).toMatchObject({ kind: 'repeated' });
      const stolen = await refresh(hash, next, 1_001 + graceMs);
      expect(stolen).toMatchObject({ kind: 'reused', session: { id: session.id, userId: session.userId } });
      expect(await refresh(next, randomUUID(), 12_000)).toEqual({ kind: 'unknown' });
      expect(await open().sessions([session.userId], at(12_000))).toEqual([]);
      expect(await open().revokedSince(at(1_001 + graceMs))).toContain(session.id);
    });

    it('is not refreshed by a token that nobody knows, nor after it has expired', async () => {
      const { session, hash } = await begin();
      expect(await refresh(randomUUID(), randomUUID(), 1_000)).toEqual({ kind: 'unknown' });
      expect(await refresh(hash, randomUUID(), day)).toEqual({ kind: 'unknown' });
      expect(await open().sessions([session.userId], at(day))).toEqual([]);
    });

    it('is revoked once, by its owner only', async () => {
      const { session, hash } = await begin();
      const { session: other } = await begin(session.userId, 5);
      const { userId, id } = session;
      expect(await open().revokeSession(randomUUID(), id, at(10))).toBe(false);
      expect(await open().revokeSession(userId, randomUUID(), at(10))).toBe(false);
      expect(await open().revokeSession(userId, id, at(10))).toBe(true);
      expect(await open().revokeSession(userId, id, at(11))).toBe(false);
      expect(await refresh(hash, randomUUID(), 12)).toEqual({ kind: 'unknown' });
      expect(await open().sessions([userId], at(12))).toEqual([other]);
      expect(await open().revokedSince(at(10))).toContain(id);
      expect(await open().revokedSince(at(day))).not.toContain(id);
    });

    it('that has expired goes when its owner signs in again', async () => {
      const { session, hash } = await begin();
      const { session: fresh } = await begin(session.userId, 2 * day);
      expect(await open().sessions([session.userId], at(0))).toEqual([fresh]);
      expect(await refresh(hash, randomUUID(), 10)).toEqual({ kind: 'unknown' });
    });
  });
};
