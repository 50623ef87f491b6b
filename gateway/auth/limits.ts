// How often somebody may knock. Generous for people, hopeless for guessing; nobody can be locked out by a stranger for
// longer than the stranger goes on, because wrong passwords count per name AND network.
import { isIPv6 } from 'node:net';
import type { Bucket, RateLimit } from '../../ports/rate-limit/port.ts';
import { type Refusal, refuse } from '../../schemas/refusal.ts';

export type RateLimits = 'on' | 'off';
export type Limited = Refusal & { retryAfterMs: number };

const perAddress = { burst: 300, perSecond: 10 };
const registrations = { burst: 200, perSecond: 5 };
/** Only wrong passwords take from these. */
const wrongPerNameAndNetwork = { burst: 20, perSecond: 0.2 };
const wrongPerName = { burst: 100, perSecond: 1 };
const requests = { burst: 300, perSecond: 100 };
/** All of somebody's history is read for one. */
const ownData = { burst: 3, perSecond: 1 / 1200 };
/** A day's photographs at once, and then as fast as anybody looks at them. */
const uploads = { burst: 200, perSecond: 2 };
/** Mails that somebody who is not signed in can have sent, to whomever. */
const mailsAsked = { burst: 20, perSecond: 1 / 30 };
const mailTokens = { burst: 30, perSecond: 0.2 };
/** Of one person: the mail once more, and other addresses. */
const confirmations = { burst: 5, perSecond: 1 / 300 };
/** Of one incoming webhook, whoever posts; and wrong secrets of one network. */
const hookPosts = { burst: 60, perSecond: 2 };
const wrongHooks = { burst: 20, perSecond: 0.1 };
const hookTests = { burst: 10, perSecond: 0.2 };
const blockedNamesMax = 10_000;

/** An IPv6 household or server has a whole /64; an IPv4 one has an address. */
export const networkOf = (address: string): string => {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  if (mapped?.[1]) return mapped[1];
  const plain = address.replace(/%.*$/, '');
  if (!isIPv6(plain)) return address;
  const [head = '', tail] = plain.split('::');
  const start = head === '' ? [] : head.split(':');
  const end = tail ? tail.split(':') : [];
  const zeros = tail === undefined ? [] : Array<string>(Math.max(0, 8 - start.length - end.length)).fill('0');
  const groups = [...start, ...zeros, ...end].slice(0, 4);
  return `${groups.map((group) => Number.parseInt(group || '0', 16).toString(16)).join(':')}::/64`;
};

export const limited = (retryAfterMs: number): Limited => {
  const seconds = Math.max(1, Math.ceil(retryAfterMs / 1000));
  return { ...refuse('rate_limited', `Too many attempts. Try again in ${seconds} s.`), retryAfterMs };
};

export type AuthLimits = {
  registration(address: string): Promise<Limited | null>;
  /** Before the password is looked at. */
  signIn(name: string, address: string): Promise<Limited | null>;
  refresh(address: string): Promise<Limited | null>;
  /** After a wrong password: the next attempt may have to wait. */
  wrongPassword(name: string, address: string): Promise<Limited | null>;
  /** Taking one's own data along. */
  ownData(userId: string): Promise<Limited | null>;
  /** Beginning to send a file. */
  upload(userId: string): Promise<Limited | null>;
  /** A mail to somebody, asked for by nobody who is signed in. */
  mailAsked(address: string): Promise<Limited | null>;
  /** What a mail's link opens. */
  mailTokenShown(address: string): Promise<Limited | null>;
  /** A mail to an address that the person says is theirs. */
  confirmationAsked(userId: string): Promise<Limited | null>;
  hookPost(hookId: string): Promise<Limited | null>;
  /** After a wrong secret: a network that goes on with wrong ones is slowed down. */
  wrongHook(address: string): Promise<Limited | null>;
  hookTest(userId: string): Promise<Limited | null>;
  /** Any request, per person (or network while nobody is signed in). In the process. */
  request(who: string): Promise<Limited | null>;
};

export const openAuthLimits = (
  options: { mode: RateLimits; shared: RateLimit; local: RateLimit },
  now: () => number = () => performance.now(),
): AuthLimits => {
  const { mode, shared, local } = options;
  /** Names that have run out of wrong passwords, until when: the port can only take, not look. */
  const blocked = new Map<string, number>();
  const off = mode === 'off';
  const take = async (from: RateLimit, bucket: Bucket): Promise<Limited | null> => {
    if (off) return null;
    const taken = await from.take(bucket);
    return taken.ok ? null : limited(taken.retryAfterMs);
  };
  const names = (name: string, address: string): Bucket[] => [
    { key: `wrong:${name}@${networkOf(address)}`, ...wrongPerNameAndNetwork },
    { key: `wrong:${name}`, ...wrongPerName },
  ];
  const address = (from: string) => take(shared, { key: `auth:${networkOf(from)}`, ...perAddress });

  return {
    registration: (from) => take(shared, { key: `register:${networkOf(from)}`, ...registrations }),
    refresh: address,
    signIn: async (name, from) => {
      for (const { key } of names(name, from)) {
        const wait = (blocked.get(key) ?? 0) - now();
        if (wait > 0) return limited(wait);
      }
      return address(from);
    },
    wrongPassword: async (name, from) => {
      let worst: Limited | null = null;
      for (const bucket of names(name, from)) {
        const refusal = await take(shared, bucket);
        if (!refusal) continue;
        if (blocked.size >= blockedNamesMax) blocked.clear();
        blocked.set(bucket.key, now() + refusal.retryAfterMs);
        worst = refusal;
      }
      return worst;
    },
    ownData: (userId) => take(shared, { key: `own-data:${userId}`, ...ownData }),
    upload: (userId) => take(shared, { key: `upload:${userId}`, ...uploads }),
    mailAsked: (from) => take(shared, { key: `mail:${networkOf(from)}`, ...mailsAsked }),
    mailTokenShown: (from) => take(shared, { key: `mail-token:${networkOf(from)}`, ...mailTokens }),
    confirmationAsked: (userId) => take(shared, { key: `confirmation:${userId}`, ...confirmations }),
    hookPost: (hookId) => take(shared, { key: `hook:${hookId}`, ...hookPosts }),
    wrongHook: (from) => take(shared, { key: `wrong-hook:${networkOf(from)}`, ...wrongHooks }),
    hookTest: (userId) => take(shared, { key: `hook-test:${userId}`, ...hookTests }),
    request: (who) => take(local, { key: `request:${who}`, ...requests }),
  };
};
