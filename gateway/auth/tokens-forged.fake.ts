// Tokens that no door may ever take, for tests: made from a good one and, where that proves more, with the true secret.
import { createHmac, generateKeyPairSync } from 'node:crypto';
import jwt from 'jsonwebtoken';

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Signed with the secret, whatever it says. */
export const signedBy = (secret: Buffer, head: unknown, payload: unknown): string => {
  const text = `${part(head)}.${part(payload)}`;
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
};

export const forgeries = (good: string, secret: Buffer): Record<string, string> => {
  const [head = '', body = '', signature = ''] = good.split('.');
  const kid = jwt.decode(good, { complete: true })?.header.kid ?? '';
  const header = { alg: 'HS256', typ: 'at+jwt', kid };
  const payload = jwt.decode(good) as Record<string, unknown>;
  const second = Number(payload.iat);
  const claims = (): Record<string, unknown> => ({ ...payload });
  const signed = (first: unknown, said: unknown): string => signedBy(secret, first, said);
  const without = (name: string): Record<string, unknown> => {
    const { [name]: _, ...rest } = payload;
    return rest;
  };
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const publicKey = rsa.publicKey;

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
    'subject is a list': signed(header, { ...claims(), sub: [payload.sub] }),
    'session is an object': signed(header, { ...claims(), sid: { $ne: null } }),
    'plain JWT type': signed({ ...header, typ: 'JWT' }, claims()),
    'refresh type': signed({ ...header, typ: 'rt+jwt' }, claims()),
    'no type': signed({ alg: 'HS256', kid }, claims()),
    'no kid': signed({ alg: 'HS256', typ: 'at+jwt' }, claims()),
    'kid of others': signed({ ...header, kid: 'other' }, claims()),
    'kid path': signed({ ...header, kid: '../../dev/null' }, claims()),
    'kid null': signed({ ...header, kid: null }, claims()),
    'kid list': signed({ ...header, kid: [kid] }, claims()),
    'kid SQL': signed({ ...header, kid: "' UNION SELECT 'x' --" }, claims()),
    'kid URL': signed({ ...header, kid: 'https://evil.example/key' }, claims()),
    'kid prototype': signed({ ...header, kid: '__proto__' }, claims()),
    crit: signed({ ...header, crit: ['b64'], b64: false }, claims()),
    'jwk injected': jwt.sign(claims(), ec.privateKey, {
      algorithm: 'ES256',
      header: { ...header, alg: 'ES256', jwk: ec.publicKey.export({ format: 'jwk' }) } as never,
    }),
    'keys by address': signed(
      { ...header, kid: 'x', jku: 'https://evil.example/jwks', x5u: 'https://evil.example/x5' },
      claims(),
    ),
    'duplicate claims of somebody else': `${head}.${Buffer.from(`${JSON.stringify(payload).slice(0, -1)},"sub":"00000000-0000-4000-8000-000000000000"}`).toString('base64url')}.${signature}`,
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
  // Confusion of keys: what everybody may know, used as the secret.
  const spki = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const publicForms: Record<string, Buffer> = {
    PEM: Buffer.from(spki),
    'PEM without its last newline': Buffer.from(spki.trimEnd()),
    DER: publicKey.export({ type: 'spki', format: 'der' }),
    JWK: Buffer.from(JSON.stringify(publicKey.export({ format: 'jwk' }))),
    'the kid': Buffer.from(kid),
    'the secret as it is written': Buffer.from(secret.toString('base64url')),
  };
  for (const [name, key] of Object.entries(publicForms))
    corpus[`HS256 signed with ${name}`] = signedBy(key, header, claims());
  return corpus;
};
