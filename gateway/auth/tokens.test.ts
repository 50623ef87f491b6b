import { randomUUID } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { describe, expect, it } from 'vitest';
import { fakeAccounts } from './accounts.fake.ts';
import { accessTokenSeconds, openTokens } from './tokens.ts';
import { forgeries, signedBy } from './tokens-forged.fake.ts';

const accounts = fakeAccounts();
let time = Date.now();
const tokens = await openTokens(accounts, () => time);
const secret = Buffer.from(await accounts.secret('jwt', () => ''), 'base64url');
const userId = randomUUID();
const sessionId = randomUUID();
const good = tokens.issue(userId, sessionId);
const kid = jwt.decode(good, { complete: true })?.header.kid ?? '';

describe('access tokens', () => {
  it('say who it is, at every gateway with the same accounts', async () => {
    const other = await openTokens(accounts, () => time);
    const verified = other.verify(good);
    expect(verified).toMatchObject({ kind: 'valid', claims: { userId, sessionId } });
    // The forger's own tool is right: what is refused below is refused for the reason in its name.
    const again = signedBy(secret, { alg: 'HS256', typ: 'at+jwt', kid }, jwt.decode(good));
    expect(tokens.verify(again).kind).toBe('valid');
  });

  it.each(Object.entries(forgeries(good, secret)))('refuses: %s', (_, token) => {
    expect(tokens.verify(token).kind).not.toBe('valid');
  });

  it('refuses 20,000 mutations', () => {
    const alphabet = 'ABCXYZabcxyz0189-_.=';
    for (let i = 0; i < 20_000; i++) {
      const at = Math.floor(Math.random() * good.length);
      const letter = alphabet[Math.floor(Math.random() * alphabet.length)] ?? '';
      const kinds = [
        good.slice(0, at) + letter + good.slice(at + 1),
        good.slice(0, at) + good.slice(at + 1),
        good.slice(0, at) + letter + good.slice(at),
      ];
      const mutated = kinds[i % 3] ?? '';
      if (mutated !== good) expect(tokens.verify(mutated).kind).toBe('forged');
    }
  });

  it('expire', () => {
    const before = time;
    time += (accessTokenSeconds + 1) * 1000;
    expect(tokens.verify(good).kind).toBe('expired');
    time = before;
  });
});
