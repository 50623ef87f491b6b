// What every accounts adapter must do about mail: whose address it is, what a mail's link opens, and mails that wait.
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { AccountStore, NewLetter } from './port.ts';

const start = Date.parse('2026-06-01T12:00:00.007Z');
const at = (seconds: number) => new Date(start + seconds * 1000).toISOString();

export const mailOfAccountsContract = (open: () => AccountStore): void => {
  const person = async (email: string | null = `Ann-${randomUUID()}@Example.org`) => {
    const user = {
      id: randomUUID(),
      username: `ann-${randomUUID()}`,
      profilePicUrl: null,
      kind: 'person' as const,
      createdAt: at(0),
      rev: 1,
    };
    await open().create({ user, passwordHash: 'hash', email, preferences: {} }, () => '{}');
    return { id: user.id, email: email ?? '' };
  };
  const token = async (
    userId: string,
    purpose: 'verify' | 'reset',
    address: string | null,
    expires = 3600,
  ) => {
    const hash = randomUUID();
    await open().keepMailToken({ hash, userId, purpose, address, now: at(0), expiresAt: at(expires) });
    return hash;
  };
  const confirm = async ({ id, email }: { id: string; email: string }) =>
    open().confirmAddress(await token(id, 'verify', email), at(1));
  const stateOf = async (userId: string) => (await open().mailStates([userId])).get(userId);

  describe('an address', () => {
    it('is nobody’s until its owner has shown what was sent there', async () => {
      const ann = await person();
      const unknown = {
        address: ann.email,
        verifiedAt: null,
        bouncedAt: null,
        bounceReason: null,
        isProven: true,
      };
      expect(await stateOf(ann.id)).toEqual(unknown);
      expect(await open().confirmedWith(ann.email)).toEqual([]);
      const hash = await token(ann.id, 'verify', ann.email);
      expect(await open().confirmAddress(hash, at(1))).toEqual({ kind: 'confirmed', userId: ann.id });
      expect(await stateOf(ann.id)).toEqual({ ...unknown, verifiedAt: at(1) });
      expect(await open().confirmedWith(ann.email.toUpperCase())).toEqual([ann.id]);
      // Opened once more.
      expect(await open().confirmAddress(hash, at(2))).toMatchObject({ kind: 'confirmed' });
      const nobody = await person(null);
      expect(await stateOf(nobody.id)).toBeUndefined();
    });

    it('is not shown to be theirs by a token that is old, made up, for something else, or of another address', async () => {
      const ann = await person();
      const unknown = { kind: 'unknown' };
      expect(await open().confirmAddress(await token(ann.id, 'verify', ann.email), at(3600))).toEqual(
        unknown,
      );
      expect(await open().confirmAddress(randomUUID(), at(1))).toEqual(unknown);
      expect(await open().confirmAddress(await token(ann.id, 'reset', ann.email), at(1))).toEqual(unknown);
      const former = await token(ann.id, 'verify', ann.email);
      await open().change(ann.id, { email: { address: 'new@example.org', isProven: true } }, () => '{}');
      expect(await open().confirmAddress(former, at(1))).toEqual(unknown);
      expect((await stateOf(ann.id))?.verifiedAt).toBeNull();
    });

    it('is unproven when it was given without the password, until it or another is given with it', async () => {
      const ann = await person();
      const give = (address: string | null, isProven: boolean) =>
        open().change(ann.id, { email: { address, isProven } }, () => '{}');
      const given = `Given-${ann.email}`;
      await give(given, false);
      await open().confirmAddress(await token(ann.id, 'verify', given), at(1));
      expect(await stateOf(ann.id)).toMatchObject({ address: given, verifiedAt: at(1), isProven: false });
      await give(given.toUpperCase(), true);
      expect(await stateOf(ann.id)).toMatchObject({ verifiedAt: at(1), isProven: true });
      await give(given, false);
      await give(null, false);
      await give(`other-${given}`, true);
      expect(await stateOf(ann.id)).toMatchObject({ isProven: true });
    });

    it('has to be confirmed anew when it is another one', async () => {
      const ann = await person();
      await confirm(ann);
      await open().change(ann.id, { email: { address: `new-${ann.email}`, isProven: true } }, () => '{}');
      expect(await stateOf(ann.id)).toMatchObject({ address: `new-${ann.email}`, verifiedAt: null });
      expect(await open().confirmedWith(ann.email)).toEqual([]);
    });

    it('gets nothing any more once mail came back, until it is confirmed again', async () => {
      const ann = await person();
      await confirm(ann);
      const bounce = { userId: ann.id, address: ann.email, reason: 'x'.repeat(1000), now: at(5) };
      await open().addressBounced({ ...bounce, address: 'former@example.org' });
      expect((await stateOf(ann.id))?.bouncedAt).toBeNull();
      await open().addressBounced(bounce);
      expect(await stateOf(ann.id)).toMatchObject({
        verifiedAt: at(1),
        bouncedAt: at(5),
        bounceReason: 'x'.repeat(400),
      });
      expect(await open().confirmedWith(ann.email)).toEqual([]);
      await confirm(ann);
      expect(await stateOf(ann.id)).toMatchObject({ verifiedAt: at(1), bouncedAt: null, bounceReason: null });
      // Of an address that was never confirmed it is kept too.
      const bob = await person();
      await open().addressBounced({ ...bounce, userId: bob.id, address: bob.email.toLowerCase() });
      expect(await stateOf(bob.id)).toMatchObject({ verifiedAt: null, bouncedAt: at(5) });
    });

    it('is that of several, if each of them has confirmed it', async () => {
      const email = `team-${randomUUID()}@example.org`;
      const all = [await person(email), await person(email)];
      await person(email);
      for (const one of all) await confirm(one);
      expect(await open().confirmedWith(email)).toEqual(all.map(({ id }) => id).sort());
    });

    it('has a language, once the browser has said one', async () => {
      const ann = await person();
      expect(await open().mailLanguages([ann.id])).toEqual(new Map());
      await open().setMailLanguage(ann.id, 'vi');
      await confirm(ann);
      expect(await open().mailLanguages([ann.id, randomUUID()])).toEqual(new Map([[ann.id, 'vi']]));
    });
  });

  describe('a password that is forgotten', () => {
    const reset = (hash: string, letters: NewLetter[] = []) =>
      open().resetPassword(hash, 'new hash', at(10), () => letters);

    it('is replaced once, by one of all that try, and every device is signed out', async () => {
      const ann = await person();
      const session = {
        id: randomUUID(),
        userId: ann.id,
        device: '',
        createdAt: at(0),
        lastUsedAt: at(0),
        expiresAt: at(1e6),
      };
      await open().createSession(session, randomUUID());
      const hashes = [await token(ann.id, 'reset', ann.email), await token(ann.id, 'reset', ann.email)];
      const done = await Promise.all([...hashes, ...hashes].map((hash) => reset(hash)));
      expect(done.filter(({ kind }) => kind === 'reset')).toEqual([
        { kind: 'reset', userId: ann.id, sessionIds: [session.id] },
      ]);
      expect((await open().byId(ann.id))?.passwordHash).toBe('new hash');
      expect(await open().sessions([ann.id], at(11))).toEqual([]);
      expect(await open().revokedSince(at(10))).toContain(session.id);
    });

    it('is not replaced by a token that is old, made up, for something else, or of a former address', async () => {
      const ann = await person();
      const unknown = { kind: 'unknown' };
      expect(await reset(await token(ann.id, 'reset', ann.email, 10))).toEqual(unknown);
      expect(await reset(randomUUID())).toEqual(unknown);
      expect(await reset(await token(ann.id, 'verify', ann.email))).toEqual(unknown);
      const former = await token(ann.id, 'reset', ann.email);
      await open().change(ann.id, { email: { address: 'new@example.org', isProven: true } }, () => '{}');
      expect(await reset(former)).toEqual(unknown);
      expect((await open().byId(ann.id))?.passwordHash).toBe('hash');
    });

    it('is replaced by a token that was handed over, whatever their address is, once, and by none for confirming', async () => {
      for (const email of ['given@example.org', null]) {
        const ann = await person(email);
        const hash = await token(ann.id, 'reset', null);
        expect(await reset(hash)).toMatchObject({ kind: 'reset', userId: ann.id });
        expect(await reset(hash)).toEqual({ kind: 'unknown' });
        const confirming = await token(ann.id, 'verify', null);
        expect(await open().confirmAddress(confirming, at(1))).toEqual({ kind: 'unknown' });
        expect(await reset(await token(ann.id, 'reset', null, -1))).toEqual({ kind: 'unknown' });
      }
    });

    it('has at most ten tokens, of which the newest hold', async () => {
      const ann = await person();
      const hashes: string[] = [];
      for (let i = 0; i < 12; i += 1) {
        const hash = randomUUID();
        const times = { now: at(i), expiresAt: at(3600) };
        await open().keepMailToken({ hash, userId: ann.id, purpose: 'reset', address: ann.email, ...times });
        hashes.push(hash);
      }
      expect(await reset(hashes[1] as string)).toEqual({ kind: 'unknown' });
      expect(await reset(hashes[2] as string)).toMatchObject({ kind: 'reset' });
    });
  });

  describe('mails that wait', () => {
    const letter = (now: number, userId: string | null = randomUUID()): NewLetter => ({
      id: randomUUID(),
      userId,
      madeAt: at(now),
      kind: 'new_device',
      content: { device: 'điện thoại "x"' },
    });
    /** Far from the times of other tests, as the table is everybody's. */
    let epoch = 0;
    const another = (): number => {
      epoch += 10_000;
      return epoch;
    };
    const taken = async (now: number, ids: string[]) => {
      const all = await open().takeLetters({ now: at(now), leaseUntil: at(now + 60), limit: 1000 });
      return all.filter(({ id }) => ids.includes(id));
    };

    it('are taken by one, and by another when that one does not come back', async () => {
      const now = another();
      const one = letter(now);
      await open().postLetter(one);
      await open().postLetter({ ...one, content: {} });
      expect(await taken(now - 1, [one.id])).toEqual([]);
      const takers = await Promise.all([1, 2, 3].map(() => taken(now, [one.id])));
      expect(takers.flat()).toEqual([{ ...one, attempts: 1 }]);
      expect(await taken(now + 59, [one.id])).toEqual([]);
      const [second] = await taken(now + 60, [one.id]);
      expect(second?.attempts).toBe(2);
      // The first one comes late: it is not his any more.
      await open().letterDone({ id: one.id, attempts: 1 });
      await open().letterLater({ id: one.id, attempts: 1 }, at(now));
      expect(await taken(now + 61, [one.id])).toEqual([]);
      await open().letterDone({ id: one.id, attempts: 2 });
      expect(await taken(now + 1000, [one.id])).toEqual([]);
    });

    it('come back when they were put off', async () => {
      const now = another();
      const one = letter(now, null);
      await open().postLetter(one);
      const [first] = await taken(now, [one.id]);
      await open().letterLater({ id: one.id, attempts: first?.attempts ?? 0 }, at(now + 300));
      expect(await taken(now + 299, [one.id])).toEqual([]);
      expect(await taken(now + 300, [one.id])).toMatchObject([{ attempts: 2, userId: null }]);
    });

    it('are written with the account or not at all, and tell whether the former address was confirmed', async () => {
      const now = another();
      const made = letter(now);
      const user = {
        id: made.userId as string,
        username: `ann-${randomUUID()}`,
        profilePicUrl: null,
        kind: 'person' as const,
        createdAt: at(0),
        rev: 1,
      };
      const email = `${user.username}@example.org`;
      const account = { user, passwordHash: 'hash', email, preferences: {} };
      await open().create(account, () => '{}', [made]);
      expect(await taken(now, [made.id])).toMatchObject([made]);
      const told: [string | null, string | null, boolean][] = [];
      const change = (address: string, letters: NewLetter[]) =>
        open().change(
          user.id,
          { email: { address, isProven: true } },
          () => '{}',
          ({ before, now: after, wasConfirmed }) => {
            told.push([before.email, after.email, wasConfirmed]);
            return letters;
          },
        );
      const changed = letter(now, user.id);
      await change('second@example.org', [changed]);
      expect(await taken(now, [changed.id])).toHaveLength(1);
      await confirm({ id: user.id, email: 'second@example.org' });
      await change('third@example.org', []);
      expect(told).toEqual([
        [email, 'second@example.org', false],
        ['second@example.org', 'third@example.org', true],
      ]);
    });
  });

  it('knows the devices by which a person has signed in, the latest fifty', async () => {
    const userId = randomUUID();
    expect(await open().rememberDevice(userId, 'a', at(0))).toBe('first');
    expect(await open().rememberDevice(userId, 'b', at(1))).toBe('new');
    expect(await open().rememberDevice(userId, 'a', at(2))).toBe('known');
    expect(await open().rememberDevice(randomUUID(), 'a', at(2))).toBe('first');
    for (let i = 0; i < 49; i += 1) await open().rememberDevice(userId, `device ${i}`, at(3 + i));
    expect(await open().rememberDevice(userId, 'a', at(100))).toBe('known');
    expect(await open().rememberDevice(userId, 'b', at(101))).toBe('new');
  });
};
