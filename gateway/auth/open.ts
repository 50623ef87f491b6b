// The whole of authentication put together, from what it needs of the outside.
import type {
  AccountMail,
  Accounts,
  Bots as BotStore,
  Erasures,
  KnownDevices,
  Letters,
} from '../../ports/accounts/port.ts';
import type { RateLimit } from '../../ports/rate-limit/port.ts';
import { botTokenPrefix } from '../../schemas/bots.ts';
import type { Refusal } from '../../schemas/refusal.ts';
import { type AdminOptions, type Admins, openAdmins } from './admins.ts';
import { type Bots, openBots } from './bots.ts';
import { type AuthLimits, openAuthLimits, type RateLimits } from './limits.ts';
import { type Mailing, openMailing } from './mailing.ts';
import { type Outbox, openOutbox, type UserLog } from './outbox.ts';
import { openPasswords, type PasswordOptions } from './passwords.ts';
import { openProfiles, type Profiles } from './profiles.ts';
import { openRevoked } from './revoked.ts';
import { openSessions, type Sessions } from './sessions.ts';
import { type Claims, openTokens } from './tokens.ts';

export type AuthOptions = {
  accounts: Accounts &
    BotStore &
    Pick<Erasures, 'erase'> &
    AccountMail &
    Pick<Letters, 'postLetter'> &
    KnownDevices;
  log: UserLog;
  /** `shared` holds over all gateways, `local` in this process. */
  limits: { mode: RateLimits; shared: RateLimit; local: RateLimit };
  announceRevoked(userId: string, sessionId: string): Promise<void>;
  /** Close the device's sockets here. Called once for each session that this gateway hears of. */
  onRevoked?: (sessionId: string) => void;
  onTrouble?: (error: unknown, what: string) => void;
  /** What an audit asks for: never a secret in it. */
  onSecurityEvent?: AdminOptions['onSecurityEvent'];
  passwords?: PasswordOptions;
  now?: () => number;
};

export type Auth = {
  sessions: Sessions;
  profiles: Profiles;
  mailing: Mailing;
  limits: AuthLimits;
  admins: Admins;
  bots: Bots;
  /** Who shows this token, person or bot. */
  authenticate(token: string): Claims | Refusal | Promise<Claims | Refusal>;
  outbox: Outbox;
  /** Begins the periodic work: the outbox sweep and the safety net under revocations. */
  start(): void;
  close(): Promise<void>;
};

const reloadEveryMs = 15_000;

export const openAuth = async (options: AuthOptions): Promise<Auth> => {
  const { accounts, log, announceRevoked, onRevoked, now } = options;
  const shared = {
    ...(options.onTrouble && { onTrouble: options.onTrouble }),
    ...(now && { now }),
  };
  const limits = openAuthLimits(options.limits, now);
  const passwords = await openPasswords(options.passwords);
  const outbox = openOutbox({ accounts, log, ...shared });
  const revoked = openRevoked(accounts, (id) => onRevoked?.(id), now);
  const tokens = await openTokens(accounts, now);
  const sessions = await openSessions({
    accounts,
    tokens,
    passwords,
    limits,
    revoked,
    announceRevoked,
    ...shared,
  });
  const profiles = openProfiles({ accounts, passwords, sessions, outbox, limits, log, ...shared });
  const mailing = openMailing({ accounts, sessions, passwords, limits, ...shared });
  const admins = openAdmins({
    accounts,
    ...(now && { now }),
    ...(options.onSecurityEvent && { onSecurityEvent: options.onSecurityEvent }),
  });
  const bots = openBots({
    accounts,
    profiles,
    revoked,
    ended: (botId, tokenId) => sessions.announce(botId, [tokenId]),
    isInstanceAdmin: (userId) => admins.isAdmin(userId),
    ...(now && { now }),
    ...(options.onSecurityEvent && { onSecurityEvent: options.onSecurityEvent }),
  });
  const heed = () =>
    admins.heed().catch((error) => options.onTrouble?.(error, 'Instance admins could not be asked for'));
  let timer: NodeJS.Timeout | undefined;
  return {
    sessions,
    profiles,
    mailing,
    limits,
    admins,
    bots,
    authenticate: (token) =>
      token.startsWith(botTokenPrefix) ? bots.authenticate(token) : sessions.authenticate(token),
    outbox,
    start: () => {
      outbox.start();
      void heed();
      timer ??= setInterval(() => {
        void heed();
        revoked
          .reload()
          .catch((error) => options.onTrouble?.(error, 'Signed-out devices could not be asked for'));
      }, reloadEveryMs).unref();
    },
    close: async () => {
      clearInterval(timer);
      await outbox.close();
    },
  };
};
