// Devices that are signed in. A device holds a refresh token (opaque, hashed where it is kept, replaced at each use)
// and gets a short access token for it. The successor of a refresh token is computed from it, so that two tabs that
// refresh at the same moment, or a repeat after a lost answer, get the same one; showing one long replaced is theft.
import { createHash, createHmac, randomBytes, randomUUID } from 'node:crypto';
import type { Accounts, StoredSession } from '../../ports/accounts/port.ts';
import { isRefusal, type Refusal, refuse } from '../../schemas/refusal.ts';
import type { Session } from '../../schemas/views.ts';
import type { AuthLimits } from './limits.ts';
import { letterOf } from './mailing.ts';
import type { Passwords } from './passwords.ts';
import type { Revoked } from './revoked.ts';
import { accessTokenSeconds, type Claims, type Tokens } from './tokens.ts';

export const sessionSeconds = 30 * 24 * 3600;
const graceMs = 10_000;
const deviceLengthMax = 200;
const refreshTokenShape = /^[A-Za-z0-9_-]{43}$/;

export type Grant = {
  userId: string;
  sessionId: string;
  accessToken: string;
  expiresIn: number;
  /** For the HttpOnly cookie, never for a body. */
  refreshToken: string;
};
export type From = { device: string; address: string };

export type Sessions = {
  /** A session for somebody whose identity is certain already (just registered). */
  begin(userId: string, from: From): Promise<Grant>;
  signIn(credentials: { username: string; password: string }, from: From): Promise<Grant | Refusal>;
  refresh(token: string | undefined, from: Pick<From, 'address'>): Promise<Grant | Refusal>;
  /** Who shows this access token. Synchronous: every request and every socket asks. */
  authenticate(accessToken: string): Claims | Refusal;
  list(caller: Claims): Promise<Session[]>;
  revoke(userId: string, sessionId: string): Promise<Refusal | null>;
  /** Every device but this one; answers how many. */
  revokeOthers(caller: Claims): Promise<number>;
  /** Every other device is signed out: whoever knew the old password is not in any more. */
  changePassword(
    caller: Claims,
    change: { current: string; next: string },
    from: Pick<From, 'address'>,
  ): Promise<Refusal | null>;
  /** Null: it is this person's password. Wrong ones are counted as at signing in. */
  refusalOfPassword(userId: string, password: string, from: Pick<From, 'address'>): Promise<Refusal | null>;
  /** These were revoked in the store by somebody else. */
  announce(userId: string, sessionIds: string[]): Promise<void>;
  /** For the tail of `chat.signals`. */
  markRevoked(sessionId: string): void;
};

export type SessionOptions = {
  accounts: Accounts;
  tokens: Tokens;
  passwords: Passwords;
  limits: AuthLimits;
  revoked: Revoked;
  /** Appends `session.revoked`, so that every gateway closes the device's sockets. */
  announceRevoked(userId: string, sessionId: string): Promise<void>;
  onTrouble?: (error: unknown, what: string) => void;
  now?: () => number;
};

const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex');
const wrong = (): Refusal => refuse('wrong_credentials', 'The name or the password is wrong.');
const signInAgain = (): Refusal => refuse('not_signed_in', 'The session has ended. Sign in again.');
/** What a client says of itself: shown to its owner, so no control characters and not without end. */
const deviceOf = (text: string): string =>
  text
    .replace(/[\p{C}]/gu, '')
    .trim()
    .slice(0, deviceLengthMax) || 'unknown device';

export const openSessions = async (options: SessionOptions): Promise<Sessions> => {
  const {
    accounts,
    tokens,
    passwords,
    limits,
    revoked,
    announceRevoked,
    onTrouble,
    now = Date.now,
  } = options;
  const secret = await accounts.secret('refresh', () => randomBytes(32).toString('base64url'));
  await revoked.reload();

  const successorOf = (token: string): string =>
    createHmac('sha256', secret).update(token).digest('base64url');
  const at = (ms: number): string => new Date(ms).toISOString();
  const grant = (session: Pick<StoredSession, 'id' | 'userId'>, refreshToken: string): Grant => ({
    userId: session.userId,
    sessionId: session.id,
    accessToken: tokens.issue(session.userId, session.id),
    expiresIn: accessTokenSeconds,
    refreshToken,
  });

  const begin = async (userId: string, { device }: From): Promise<Grant> => {
    const refreshToken = randomBytes(32).toString('base64url');
    const session: StoredSession = {
      id: randomUUID(),
      userId,
      device: deviceOf(device),
      createdAt: at(now()),
      lastUsedAt: at(now()),
      expiresAt: at(now() + sessionSeconds * 1000),
    };
    await accounts.createSession(session, hashOf(refreshToken));
    return grant(session, refreshToken);
  };

  const ended = async (userId: string, sessionId: string): Promise<void> => {
    revoked.mark(sessionId);
    // It is revoked already where it counts; gateways that miss the announcement learn it from there.
    await announceRevoked(userId, sessionId).catch((error) =>
      onTrouble?.(error, 'Other gateways will hear of a signed-out device later'),
    );
  };

  const revokeOthers = async (userId: string, exceptId: string | null): Promise<number> => {
    const ids = await accounts.revokeSessions(userId, exceptId, at(now()));
    await Promise.all(ids.map((id) => ended(userId, id)));
    return ids.length;
  };

  const refusalOfPassword: Sessions['refusalOfPassword'] = async (userId, password, { address }) => {
    const account = await accounts.byId(userId);
    if (!account) return signInAgain();
    const name = account.user.username;
    const refusal = await limits.signIn(name, address);
    if (refusal) return refusal;
    const matches = await passwords.matches(account.passwordHash, password);
    if (isRefusal(matches)) return matches;
    if (matches) return null;
    return (
      (await limits.wrongPassword(name, address)) ?? refuse('wrong_password', 'This is not your password.')
    );
  };

  return {
    begin,
    revokeOthers: ({ userId, sessionId }) => revokeOthers(userId, sessionId),
    refusalOfPassword,
    announce: async (userId, ids) => {
      await Promise.all(ids.map((id) => ended(userId, id)));
    },
    changePassword: async ({ userId, sessionId }, { current, next }, from) => {
      const refusal = await refusalOfPassword(userId, current, from);
      if (refusal) return refusal;
      const passwordHash = await passwords.hash(next);
      if (isRefusal(passwordHash)) return passwordHash;
      // Nothing public changes, so there is no event to make.
      const changed = await accounts.change(
        userId,
        { passwordHash },
        () => '',
        () => [letterOf('password_changed', userId, now())],
      );
      if (changed.kind !== 'changed') return signInAgain();
      await revokeOthers(userId, sessionId);
      return null;
    },
    signIn: async ({ username, password }, from) => {
      const name = username.normalize('NFC');
      const refusal = await limits.signIn(name, from.address);
      if (refusal) return refusal;
      const account = await accounts.byUsername(name);
      const matches = await passwords.matches(account?.passwordHash ?? null, password);
      if (isRefusal(matches)) return matches;
      if (!account || !matches) return (await limits.wrongPassword(name, from.address)) ?? wrong();
      return begin(account.user.id, from);
    },
    refresh: async (token, { address }) => {
      if (!token || !refreshTokenShape.test(token)) return signInAgain();
      const refusal = await limits.refresh(address);
      if (refusal) return refusal;
      const next = successorOf(token);
      const time = now();
      const result = await accounts.refresh({
        hash: hashOf(token),
        nextHash: hashOf(next),
        now: at(time),
        graceMs,
        expiresAt: at(time + sessionSeconds * 1000),
      });
      if (result.kind === 'unknown') return signInAgain();
      if (result.kind === 'reused') {
        onTrouble?.(
          new Error(`session ${result.session.id}`),
          'A replaced refresh token was shown: signed out',
        );
        await ended(result.session.userId, result.session.id);
        return signInAgain();
      }
      return grant(result.session, next);
    },
    authenticate: (accessToken) => {
      const verified = tokens.verify(accessToken);
      if (verified.kind === 'expired')
        return refuse('token_expired', 'The access token has expired. Refresh it.');
      if (verified.kind === 'forged')
        return refuse('not_signed_in', 'The access token is not valid. Sign in.');
      return revoked.has(verified.claims.sessionId) ? signInAgain() : verified.claims;
    },
    list: async ({ userId, sessionId }) => {
      const stored = await accounts.sessions([userId], at(now()));
      return stored.map(({ id, device, createdAt, lastUsedAt }) => ({
        id,
        device,
        createdAt,
        lastUsedAt,
        current: id === sessionId,
      }));
    },
    revoke: async (userId, sessionId) => {
      if (!(await accounts.revokeSession(userId, sessionId, at(now()))))
        return refuse('not_found', 'There is no such signed-in device.');
      await ended(userId, sessionId);
      return null;
    },
    markRevoked: (sessionId) => revoked.mark(sessionId),
  };
};
