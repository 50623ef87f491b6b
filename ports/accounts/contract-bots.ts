// What every accounts adapter must do about bots.
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { at, event, person } from './contract.ts';
import type { Account, AccountStore, StoredBotToken } from './port.ts';

const bot = (username = `bot-${randomUUID()}`): Account => ({
  user: { ...person(username).user, isBot: true },
  passwordHash: null,
  email: null,
  preferences: {},
});
const token = (botId: string, changes: Partial<StoredBotToken> = {}): StoredBotToken => ({
  id: randomUUID(),
  botId,
  name: 'máy chủ',
  scopes: ['messages:read'],
  createdAt: at(0),
  lastUsedAt: null,
  expiresAt: null,
  ...changes,
});

export const botsContract = (open: () => AccountStore): void => {
  const owned = async () => {
    const owner = person();
    await open().create(owner, event);
    const made = bot();
    const how = { ownerId: owner.user.id, max: 2 };
    expect(await open().createBot(made, how, event)).toMatchObject({ kind: 'created' });
    return { owner: owner.user, made: made.user, how };
  };

  describe('a bot', () => {
    it('is an account that says that it is one, made in the same transaction as its entry in the outbox', async () => {
      const { owner, made } = await owned();
      expect((await open().byId(made.id))?.user).toEqual(made);
      const stored = { id: made.id, username: made.username, profilePicUrl: null, ownerId: owner.id };
      expect(await open().bot(made.id)).toEqual({ ...stored, createdAt: at(0) });
      expect(await open().bots(owner.id, 10)).toEqual([{ ...stored, createdAt: at(0) }]);
      expect((await open().bots(null, 10_000)).map(({ id }) => id)).toContain(made.id);
      const entries = (await open().outbox(100_000)).filter(({ key }) => key === made.id);
      expect(entries).toHaveLength(1);
      expect(await open().grantAdmin({ userId: made.id, by: null, now: at(1) })).toBe('unknown');
    });

    it('is refused beyond the bound, whoever makes two at once, and under a name that is taken', async () => {
      const { owner, made, how } = await owned();
      const several = await Promise.all([1, 2, 3].map(() => open().createBot(bot(), how, event)));
      expect(several.map(({ kind }) => kind).sort()).toEqual(['created', 'full', 'full']);
      const again = bot(made.username);
      const other = { ownerId: owner.id, max: 9 };
      expect(await open().createBot(again, other, event)).toEqual({ kind: 'username_taken' });
      expect(await open().bot(again.user.id)).toBeNull();
    });

    it('shows tokens until they expire or are revoked', async () => {
      const { made } = await owned();
      const [one, short] = [token(made.id), token(made.id, { expiresAt: at(100), scopes: ['a', 'b'] })];
      const hash = randomUUID();
      expect(await open().createBotToken(one, { hash, max: 2 })).toBe('made');
      const shortHash = randomUUID();
      expect(await open().createBotToken(short, { hash: shortHash, max: 2 })).toBe('made');
      const third = () => open().createBotToken(token(made.id), { hash: randomUUID(), max: 2 });
      expect(await third()).toBe('full');
      const nobody = token(randomUUID());
      expect(await open().createBotToken(nobody, { hash: randomUUID(), max: 2 })).toBe('unknown');
      expect(await open().botTokenOf(shortHash, at(99))).toEqual(short);
      expect(await open().botTokenOf(shortHash, at(100))).toBeNull();
      expect((await open().botTokens(made.id, at(100))).map(({ id }) => id)).toEqual([one.id]);
      await open().touchBotToken(one.id, at(50));
      expect(await open().botTokenOf(hash, at(51))).toEqual({ ...one, lastUsedAt: at(50) });
      expect(await open().revokeBotToken(randomUUID(), one.id, at(60))).toBe(false);
      expect(await open().revokeBotToken(made.id, one.id, at(60))).toBe(true);
      expect(await open().revokeBotToken(made.id, one.id, at(61))).toBe(false);
      expect(await open().botTokenOf(hash, at(61))).toBeNull();
      expect(await open().revokedSince(at(60))).toContain(one.id);
    });

    it('goes as a person does; of whoever answers for it, its tokens go', async () => {
      const { owner, made } = await owned();
      const kept = token(made.id);
      await open().createBotToken(kept, { hash: randomUUID(), max: 9 });
      const end = (id: string) =>
        open().erase(id, { username: `deleted-${randomUUID()}`, deleteMessages: false, now: at(5) }, event);
      expect(await end(owner.id)).toMatchObject({ kind: 'erased', sessionIds: [kept.id] });
      expect(await open().bot(made.id)).toMatchObject({ ownerId: null });
      expect(await open().botTokens(made.id, at(6))).toEqual([]);
      const second = token(made.id);
      await open().createBotToken(second, { hash: randomUUID(), max: 9 });
      expect(await end(made.id)).toMatchObject({ kind: 'erased', sessionIds: [second.id] });
      expect(await open().bot(made.id)).toBeNull();
      expect((await open().byId(made.id))?.user.isBot).toBe(true);
      expect(await end(made.id)).toEqual({ kind: 'unknown' });
    });
  });
};
