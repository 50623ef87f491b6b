import { createHmac, generateKeyPairSync, randomUUID } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { describe, expect, it } from 'vitest';
import { fakeAccounts } from './accounts.fake.ts';
import { accessTokenSeconds, openTokens } from './tokens.ts';

const accounts = fakeAccounts();
let time = Date.now();
const tokens = await openTokens(accounts, () => time);
const secret = Buffer.from(await accounts.secret('jwt', () => ''), 'base64url');
const userId = randomUUID();
const sessionId = randomUUID();
const good = tokens.issue(userId, sessionId);
const kid = jwt.decode(good, { complete: true })?.header.kid ?? '';

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const claims = (): Record<string, unknown> => ({ ...(jwt.decode(good) as object) });
const header = { alg: 'HS256', typ: 'at+jwt', kid };
/** Signed with the true secret, whatever it says. */
const signed = (head: unknown, payload: unknown): string => {
  const text = `${part(head)}.${part(payload)}`;
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
};
const without = (name: string): Record<string, unknown> => {
  const { [name]: _, ...rest } = claims();
  return rest;
};
const second = Math.floor(time / 1000);
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const publicPem = rsa.publicKey.export({ type: 'spki', format: 'pem' }).toString();
const [head = '', body = '', signature = ''] = good.split('.');

const corpus: Record<string, string> = {
  empty: '',
  dots: '..',
  'one part': head,
  'no signature': `${head}.${body}.`,
  'two parts': `${head}.${body}`,
  'zero signature': `${head}.${body}.${'A'.repeat(43)}`,
  'long signature': `${good}A`,
  'trailing newline': `${good}\n`,
  'trailing space': `${good} `,
  'leading space': ` ${good}`,
  'four parts': `${good}.x`,
  padded: `${good}=`,
  huge: `${head}.${'A'.repeat(100_000)}.${signature}`,
  'other secret': jwt.sign(claims(), 'guess', { header }),
  'empty secret': `${head}.${body}.${createHmac('sha256', '').update(`${head}.${body}`).digest('base64url')}`,
  'HS512 with the secret': jwt.sign(claims(), secret, {
    algorithm: 'HS512',
    header: { ...header, alg: 'HS512' },
  }),
  'HS384 with the secret': jwt.sign(claims(), secret, {
    algorithm: 'HS384',
    header: { ...header, alg: 'HS384' },
  }),
  'RS256 of their own': jwt.sign(claims(), rsa.privateKey, {
    algorithm: 'RS256',
    header: { ...header, alg: 'RS256' },
  }),
  'ES256 of their own': jwt.sign(claims(), ec.privateKey, {
    algorithm: 'ES256',
    header: { ...header, alg: 'ES256' },
  }),
  'HS256 signed with a public key': (() => {
    const text = `${part(header)}.${part(claims())}`;
    return `${text}.${createHmac('sha256', publicPem).update(text).digest('base64url')}`;
  })(),
  'wrong audience': signed(header, { ...claims(), aud: 'other' }),
  'no audience': signed(header, without('aud')),
  'wrong issuer': signed(header, { ...claims(), iss: 'other' }),
  'no issuer': signed(header, without('iss')),
  'no expiry': signed(header, without('exp')),
  'expiry as text': signed(header, { ...claims(), exp: String(second + 600) }),
  'no beginning': signed(header, without('nbf')),
  future: signed(header, { ...claims(), nbf: second + 600 }),
  expired: signed(header, { ...claims(), exp: second - 1 }),
  'no subject': signed(header, without('sub')),
  'no session': signed(header, without('sid')),
  'subject is no id': signed(header, { ...claims(), sub: 'admin' }),
  'subject is a list': signed(header, { ...claims(), sub: [userId] }),
  'session is an object': signed(header, { ...claims(), sid: { $ne: null } }),
  'plain JWT type': signed({ ...header, typ: 'JWT' }, claims()),
  'refresh type': signed({ ...header, typ: 'rt+jwt' }, claims()),
  'no type': signed({ alg: 'HS256', kid }, claims()),
  'no kid': signed({ alg: 'HS256', typ: 'at+jwt' }, claims()),
  'kid of others': signed({ ...header, kid: 'other' }, claims()),
  'kid path': signed({ ...header, kid: '../../dev/null' }, claims()),
  'kid null': signed({ ...header, kid: null }, claims()),
  'kid list': signed({ ...header, kid: [kid] }, claims()),
  crit: signed({ ...header, crit: ['b64'], b64: false }, claims()),
  'jwk injected': jwt.sign(claims(), ec.privateKey, {
    algorithm: 'ES256',
    header: { ...header, alg: 'ES256', jwk: ec.publicKey.export({ format: 'jwk' }) } as never,
  }),
  'payload is text': signed(header, 'hello'),
  'payload is a list': signed(header, [claims()]),
  'payload is null': signed(header, null),
};
for (const alg of [
  'none',
  'None',
  'NONE',
  'nOnE',
  '',
  null,
  ['HS256'],
  'hs256',
  'HS256 ',
  'RS256',
  'ES256',
  'PS256',
]) {
  const text = `${part({ ...header, alg })}.${part(claims())}`;
  corpus[`alg ${JSON.stringify(alg)} unsigned`] = `${text}.`;
  corpus[`alg ${JSON.stringify(alg)} with the old signature`] = `${text}.${signature}`;
  corpus[`alg ${JSON.stringify(alg)} signed`] = signed({ ...header, alg }, claims());
}

describe('access tokens', () => {
  it('say who it is, at every gateway with the same accounts', async () => {
    const other = await openTokens(accounts, () => time);
    const verified = other.verify(good);
    expect(verified).toMatchObject({ kind: 'valid', claims: { userId, sessionId } });
    expect(signed(header, claims())).not.toBe('');
    expect(tokens.verify(signed(header, claims())).kind).toBe('valid');
  });

  it.each(Object.entries(corpus))('refuses: %s', (_, token) => {
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
