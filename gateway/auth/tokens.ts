// Access tokens: short-lived signed statements "this is that person on that device". Every gateway makes and reads the
// same ones, since the secret is kept with the accounts.
import { createHash, createSecretKey, randomBytes } from 'node:crypto';
import jwt from 'jsonwebtoken';
import type { Accounts } from '../../ports/accounts/port.ts';
import { isId } from '../../schemas/values.ts';
import type { BotClaims } from './scopes.ts';

export const accessTokenSeconds = 600;
/** How far apart the clocks of two gateways may be. */
const clockSkewSeconds = 30;
const algorithm = 'HS256';
const issuer = 'chatvui';
const audience = 'chatvui';
/** RFC 9068: an access token cannot be confused with any other JWT. */
const type = 'at+jwt';
const tokenLengthMax = 4096;

/** `bot`: shown by a bot's token; a person may do everything that is theirs. */
export type Claims = { userId: string; sessionId: string; expiresAtMs: number; bot?: BotClaims };
export type Verified = { kind: 'valid'; claims: Claims } | { kind: 'expired' } | { kind: 'forged' };

export type Tokens = { issue(userId: string, sessionId: string): string; verify(token: string): Verified };

export const openTokens = async (
  accounts: Pick<Accounts, 'secret'>,
  now: () => number = Date.now,
): Promise<Tokens> => {
  const secret = await accounts.secret('jwt', () => randomBytes(32).toString('base64url'));
  // A KeyObject, not a Buffer: the library imports a Buffer anew at each call, which costs 24 times as much.
  const key = createSecretKey(Buffer.from(secret, 'base64url'));
  const keyid = createHash('sha256').update(`kid:${secret}`).digest('hex').slice(0, 16);

  return {
    issue: (userId, sessionId) => {
      const issued = Math.floor(now() / 1000);
      return jwt.sign({ sid: sessionId, iat: issued, nbf: issued - clockSkewSeconds }, key, {
        algorithm,
        issuer,
        audience,
        keyid,
        subject: userId,
        expiresIn: accessTokenSeconds,
        header: { alg: algorithm, typ: type },
      });
    },
    verify: (token) => {
      if (token.length > tokenLengthMax) return { kind: 'forged' };
      try {
        const { header, payload } = jwt.verify(token, key, {
          algorithms: [algorithm],
          issuer,
          audience,
          complete: true,
          clockTimestamp: Math.floor(now() / 1000),
        });
        if (header.typ !== type || header.kid !== keyid || 'crit' in header) return { kind: 'forged' };
        if (typeof payload === 'string') return { kind: 'forged' };
        const { sub, sid, exp, nbf } = payload;
        if (!isId(sub) || !isId(sid) || typeof exp !== 'number' || typeof nbf !== 'number')
          return { kind: 'forged' };
        return { kind: 'valid', claims: { userId: sub, sessionId: sid, expiresAtMs: exp * 1000 } };
      } catch (error) {
        return { kind: error instanceof jwt.TokenExpiredError ? 'expired' : 'forged' };
      }
    },
  };
};
