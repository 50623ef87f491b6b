// Accounts in memory for tests beside this folder. The real adapters pass ports/accounts/contract.ts.
import type {
  Account,
  Accounts,
  Erasures,
  InstanceAdmin,
  OutboxEntry,
  StoredSession,
} from '../../ports/accounts/port.ts';

type Kept = { session: StoredSession; hash: string; former: Map<string, number>; revokedAt: string | null };

export const fakeAccounts = (): Accounts &
  Pick<Erasures, 'erase'> & { accounts: Map<string, Account>; entries: OutboxEntry[] } => {
  const accounts = new Map<string, Account>();
  const sessions = new Map<string, Kept>();
  const secrets = new Map<string, string>();
  const marks = new Map<string, string>();
  const admins = new Map<string, InstanceAdmin>();
  let entries: OutboxEntry[] = [];
  let count = 0;
  const named = (username: string) => [...accounts.values()].find((each) => each.user.username === username);
  const write = (key: string, value: string): number => {
    entries.push({ id: ++count, topic: 'chat.users', key, value });
    return count;
  };

  return {
    accounts,
    get entries() {
      return entries;
    },
    create: async (account, event) => {
      if (named(account.user.username)) return { kind: 'username_taken' };
      const { id, username, createdAt } = account.user;
      if (accounts.size === 0)
        admins.set(id, { userId: id, username, grantedAt: createdAt, grantedBy: null });
      accounts.set(id, account);
      return { kind: 'created', outboxId: write(account.user.id, event(account.user)) };
    },
    createPlaceholders: async () => new Map(),
    byUsername: async (username) => named(username) ?? null,
    byId: async (id) => accounts.get(id) ?? null,
    change: async (id, patch, event) => {
      const account = accounts.get(id);
      if (!account) return { kind: 'unknown' };
      const other = patch.username === undefined ? undefined : named(patch.username);
      if (other && other.user.id !== id) return { kind: 'username_taken' };
      const { username = account.user.username, profilePicUrl = account.user.profilePicUrl } = patch;
      const differs = username !== account.user.username || profilePicUrl !== account.user.profilePicUrl;
      const user = differs
        ? { ...account.user, username, profilePicUrl, rev: account.user.rev + 1 }
        : account.user;
      const { email = account.email, preferences = account.preferences } = patch;
      const { passwordHash = account.passwordHash } = patch;
      const changed = { ...account, user, email, preferences, passwordHash };
      accounts.set(id, changed);
      return { kind: 'changed', account: changed, outboxId: differs ? write(id, event(user)) : null };
    },
    outbox: async (limit) => entries.slice(0, limit),
    outboxDone: async (ids) => {
      entries = entries.filter((entry) => !ids.includes(entry.id));
    },
    createSession: async (session, hash) => {
      sessions.set(session.id, { session, hash, former: new Map(), revokedAt: null });
    },
    refresh: async ({ hash, nextHash, now, graceMs, expiresAt }) => {
      const time = Date.parse(now);
      for (const kept of sessions.values()) {
        const replaced = kept.former.get(hash);
        if (kept.hash !== hash && replaced === undefined) continue;
        if (kept.revokedAt || kept.session.expiresAt <= now) return { kind: 'unknown' };
        if (replaced !== undefined && time - replaced <= graceMs)
          return { kind: 'repeated', session: kept.session };
        if (replaced !== undefined) {
          kept.revokedAt = now;
          return { kind: 'reused', session: kept.session };
        }
        kept.former.set(hash, time);
        kept.hash = nextHash;
        kept.session = { ...kept.session, lastUsedAt: now, expiresAt };
        return { kind: 'rotated', session: kept.session };
      }
      return { kind: 'unknown' };
    },
    sessions: async (userId, now) =>
      [...sessions.values()]
        .filter((kept) => kept.session.userId === userId && !kept.revokedAt && kept.session.expiresAt > now)
        .map((kept) => kept.session),
    revokeSession: async (userId, id, now) => {
      const kept = sessions.get(id);
      if (!kept || kept.session.userId !== userId || kept.revokedAt) return false;
      kept.revokedAt = now;
      return true;
    },
    revokeSessions: async (userId, exceptId, now) => {
      const live = [...sessions.values()].filter(
        (kept) => kept.session.userId === userId && !kept.revokedAt && kept.session.id !== exceptId,
      );
      for (const kept of live) kept.revokedAt = now;
      return live.map((kept) => kept.session.id);
    },
    revokedSince: async (time) =>
      [...sessions.values()].filter((kept) => (kept.revokedAt ?? '') >= time).map((kept) => kept.session.id),
    admins: async () => [...admins.values()],
    isAdmin: async (id) => admins.has(id),
    grantAdmin: async ({ userId, by, now }) => {
      const account = accounts.get(userId);
      if (admins.has(userId) || !account) return account ? 'already' : 'unknown';
      admins.set(userId, { userId, username: account.user.username, grantedAt: now, grantedBy: by });
      return 'granted';
    },
    revokeAdmin: async (userId, { evenLast = false } = {}) => {
      if (admins.size === 1 && admins.has(userId) && !evenLast) return 'last';
      return admins.delete(userId) ? 'revoked' : 'unknown';
    },
    erase: async (id, { username, now }, event) => {
      const account = accounts.get(id);
      if (!account?.passwordHash) return { kind: 'unknown' };
      const user = { ...account.user, username, profilePicUrl: null, rev: account.user.rev + 1 };
      accounts.set(id, { user, passwordHash: null, email: null, preferences: {} });
      const own = [...sessions.values()].filter(({ session }) => session.userId === id);
      for (const kept of own) kept.revokedAt = now;
      const sessionIds = own.map(({ session }) => session.id);
      return { kind: 'erased', outboxId: write(id, event(user)), sessionIds };
    },
    secret: async (name, make) => {
      const kept = secrets.get(name) ?? make();
      secrets.set(name, kept);
      return kept;
    },
    mark: async (name) => marks.get(name) ?? null,
    setMark: async (name, value) => {
      marks.set(name, value);
    },
    ping: async () => {},
    close: async () => {},
  };
};
