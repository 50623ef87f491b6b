// What every accounts adapter must do with how people chose to be seen, and when an account ends.
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { noChoices } from '../../schemas/choices.ts';
import type { AccountStore, StoredSession } from './port.ts';

const now = '2026-06-01T12:00:00.007Z';
const at = (seconds: number) => new Date(Date.parse(now) + seconds * 1000).toISOString();

export const oneselfContract = (open: () => AccountStore): void => {
  const person = async () => {
    const user = {
      id: randomUUID(),
      username: `ann-${randomUUID()}`,
      profilePicUrl: '/api/media/1',
      kind: 'person' as const,
      createdAt: now,
      rev: 1,
    };
    const account = { user, passwordHash: 'hash', email: 'ann@example.org', preferences: { theme: 'dark' } };
    await open().create(account, () => '{}');
    return user;
  };
  const signIn = async (userId: string) => {
    const session: StoredSession = {
      id: randomUUID(),
      userId,
      device: 'phone',
      createdAt: now,
      lastUsedAt: now,
      expiresAt: at(3600),
    };
    const hash = randomUUID();
    await open().createSession(session, hash);
    return { id: session.id, hash };
  };

  describe('how a person chose to be seen', () => {
    it('is nothing at first, then each choice on top of the one before, with a higher rev', async () => {
      const userId = randomUUID();
      expect(await open().choicesOf(userId)).toEqual({ userId, rev: 0, choices: noChoices });
      const first = await open().choose(userId, { statusText: '🌴 nghỉ phép', statusUntil: at(60) }, now);
      expect(first).toEqual({
        userId,
        rev: 1,
        choices: { ...noChoices, statusText: '🌴 nghỉ phép', statusUntil: at(60) },
      });
      const second = await open().choose(userId, { privacy: { invisible: true } }, at(1));
      expect(second.rev).toBe(2);
      expect(second.choices).toEqual({
        ...first.choices,
        privacy: { ...noChoices.privacy, invisible: true },
      });
      expect(await open().choicesOf(userId)).toEqual(second);
      // A text that goes takes its end along.
      expect((await open().choose(userId, { statusText: null }, at(2))).choices.statusUntil).toBeNull();
    });

    it('keeps each of many choices that come at once', async () => {
      const userId = randomUUID();
      const keys = ['hideReads', 'hideTyping', 'invisible'] as const;
      const made = await Promise.all(
        keys.map((key) => open().choose(userId, { privacy: { [key]: true } }, now)),
      );
      expect(made.map(({ rev }) => rev).sort()).toEqual([1, 2, 3]);
      const { choices } = await open().choicesOf(userId);
      expect(choices.privacy).toEqual({ hideReads: true, hideTyping: true, invisible: true });
    });

    it('is told of those who changed it since', async () => {
      const [before, after] = [randomUUID(), randomUUID()];
      await open().choose(before, { statusText: 'x' }, at(-10));
      await open().choose(after, { statusText: 'y' }, at(10));
      const idsSince = async (time: string | null) =>
        (await open().choicesSince(time)).map(({ userId }) => userId);
      expect(await idsSince(null)).toEqual(expect.arrayContaining([before, after]));
      expect(await idsSince(at(10))).toContain(after);
      expect(await idsSince(at(10))).not.toContain(before);
    });
  });

  it('signs every device of a person out but one', async () => {
    const { id } = await person();
    const [kept, other, third] = [await signIn(id), await signIn(id), await signIn(id)];
    const stranger = await signIn((await person()).id);
    const revoked = await open().revokeSessions(id, kept.id, now);
    expect([...revoked].sort()).toEqual([other.id, third.id].sort());
    expect((await open().sessions([id], now)).map((session) => session.id)).toEqual([kept.id]);
    expect(await open().revokedSince(now)).toEqual(expect.arrayContaining(revoked));
    expect(await open().revokedSince(now)).not.toContain(stranger.id);
    expect(await open().revokeSessions(id, kept.id, now)).toEqual([]);
  });

  describe('the end of an account', () => {
    it('takes everything secret and private along, once, and frees the name', async () => {
      const user = await person();
      const device = await signIn(user.id);
      await open().choose(user.id, { statusText: 'here', privacy: { hideReads: true } }, now);
      const value = { content: 'secret draft', replyTo: null };
      await open().putPersonal(user.id, { kind: 'draft', key: randomUUID(), value, now });
      await open().grantAdmin({ userId: user.id, by: null, now });
      await open().setMailLanguage(user.id, 'vi');
      await open().rememberDevice(user.id, 'device', now);
      const letter = { id: randomUUID(), userId: user.id, kind: 'verify', content: {}, madeAt: at(1e9) };
      await open().postLetter(letter);
      const username = `deleted-${randomUUID().slice(0, 8)}`;
      const erase = () =>
        open().erase(user.id, { username, deleteMessages: true, now }, (row) => JSON.stringify(row));
      const erased = await erase();
      expect(erased).toMatchObject({ kind: 'erased', sessionIds: [device.id] });

      const gone = { ...user, username, profilePicUrl: null, rev: 2 };
      expect(await open().byId(user.id)).toEqual({
        user: gone,
        passwordHash: null,
        email: null,
        preferences: {},
      });
      const entries = await open().outbox(100_000);
      expect(entries.filter(({ key }) => key === user.id).map((entry) => entry.value)).toEqual([
        '{}',
        JSON.stringify(gone),
      ]);
      expect(await open().sessions([user.id], now)).toEqual([]);
      const renewed = { nextHash: randomUUID(), now, graceMs: 1000, expiresAt: at(1) };
      expect(await open().refresh({ ...renewed, hash: device.hash })).toEqual({ kind: 'unknown' });
      expect(await open().revokedSince(now)).toContain(device.id);
      expect((await open().personalChanges(user.id, { since: 0, limit: 10 })).items).toEqual([]);
      expect(await open().choicesOf(user.id)).toMatchObject({ rev: 2, choices: noChoices });
      expect(await open().isAdmin(user.id)).toBe(false);
      expect(await open().mailStates([user.id])).toEqual(new Map());
      expect(await open().mailLanguages([user.id])).toEqual(new Map());
      expect(await open().rememberDevice(user.id, 'device', now)).toBe('first');
      const left = await open().takeLetters({ now: at(2e9), leaseUntil: at(2e9), limit: 1000 });
      expect(left.map(({ id }) => id)).not.toContain(letter.id);
      expect(await open().byUsername(user.username)).toBeNull();
      expect(await erase()).toEqual({ kind: 'unknown' });
    });

    it('is gone on with by one at a time when it was left, until it is done', async () => {
      const { id } = await person();
      const how = { username: `deleted-${randomUUID()}`, deleteMessages: true, now: at(-1_000_000) };
      await open().erase(id, how, () => '{}');
      const untouchedSince = at(-999_999);
      const takers = await Promise.all(
        [1, 2, 3].map(() => open().takeErasure({ now: at(-999_000), untouchedSince })),
      );
      expect(takers.filter((taken) => taken !== null)).toEqual([{ userId: id, deleteMessages: true }]);
      await open().touchErasure(id, at(-998_000));
      const later = { now: at(-997_000), untouchedSince: at(-998_500) };
      expect(await open().takeErasure(later)).toBeNull();
      await open().erasureDone(id);
      expect(await open().takeErasure({ now, untouchedSince: at(-996_000) })).toBeNull();
    });
  });
};
