// What every accounts adapter must do about instance admins. Each test has a store of its own, since there is one first.
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { at, event, person, placeholder } from './contract.ts';
import type { Accounts } from './port.ts';

/** A fresh store, opened by two processes. */
export type OpenTwice = () => Promise<{ one: Accounts; two: Accounts; close(): Promise<void> }>;

export const adminContract = (openTwice: OpenTwice): void => {
  const withStore = async (work: (one: Accounts, two: Accounts) => Promise<void>): Promise<void> => {
    const { one, two, close } = await openTwice();
    try {
      await work(one, two);
    } finally {
      await close();
    }
  };
  const idsOf = async (accounts: Accounts) => (await accounts.admins()).map(({ userId }) => userId);
  const grant = (accounts: Accounts, userId: string, by: string | null = null) =>
    accounts.grantAdmin({ userId, by, now: at(9) });

  describe('an instance admin', () => {
    it('is exactly one of twenty who are the first at the same moment, in two processes', () =>
      withStore(async (one, two) => {
        const people = Array.from({ length: 20 }, () => person());
        await Promise.all(people.map((each, i) => (i % 2 ? one : two).create(each, event)));
        const admins = await one.admins();
        expect(admins).toHaveLength(1);
        const first = people.find(({ user }) => user.id === admins[0]?.userId);
        const { id, username, createdAt } = (first ?? person()).user;
        expect(admins).toEqual([{ userId: id, username, grantedAt: createdAt, grantedBy: null }]);
        expect([await one.isAdmin(id), await two.isAdmin(randomUUID())]).toEqual([true, false]);
      }));

    it('is the first who can sign in, whatever placeholders and refused names came before', () =>
      withStore(async (one) => {
        await one.createPlaceholders([placeholder('imported')], event);
        expect(await one.create(person('imported'), event)).toEqual({ kind: 'username_taken' });
        expect(await one.admins()).toEqual([]);
        const [ann, bob] = [person(), person()];
        await one.create(ann, event);
        await one.create(bob, event);
        expect(await idsOf(one)).toEqual([ann.user.id]);
      }));

    it('is granted and revoked once, which every process sees', () =>
      withStore(async (one, two) => {
        const [ann, bob] = [person(), person()];
        await one.create(ann, event);
        await one.create(bob, event);
        expect(await grant(one, bob.user.id, ann.user.id)).toBe('granted');
        expect(await grant(two, bob.user.id)).toBe('already');
        expect((await two.admins())[1]).toEqual({
          userId: bob.user.id,
          username: bob.user.username,
          grantedAt: at(9),
          grantedBy: ann.user.id,
        });
        expect(await two.revokeAdmin(bob.user.id)).toBe('revoked');
        expect(await one.revokeAdmin(bob.user.id)).toBe('unknown');
        expect([await one.isAdmin(bob.user.id), await idsOf(one)]).toEqual([false, [ann.user.id]]);
      }));

    it('is nobody who does not exist or cannot sign in', () =>
      withStore(async (one) => {
        const somebody = placeholder('somebody');
        await one.createPlaceholders([somebody], event);
        expect(await grant(one, somebody.id)).toBe('unknown');
        expect(await grant(one, randomUUID())).toBe('unknown');
        expect(await one.admins()).toEqual([]);
      }));

    it('is left when two revoke each other at once; the last one goes only by force, and nobody inherits', () =>
      withStore(async (one, two) => {
        const [ann, bob] = [person(), person()];
        await one.create(ann, event);
        await one.create(bob, event);
        await grant(one, bob.user.id);
        const done = await Promise.all([one.revokeAdmin(ann.user.id), two.revokeAdmin(bob.user.id)]);
        expect([...done].sort()).toEqual(['last', 'revoked']);
        const [left] = await idsOf(one);
        expect(await one.revokeAdmin(left as string, { evenLast: true })).toBe('revoked');
        await one.create(person(), event);
        expect(await one.admins()).toEqual([]);
      }));
  });
};
