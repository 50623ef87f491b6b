// Accounts in memory for tests beside this folder. The real adapters pass ports/accounts/contract.ts.
import type {
  Account,
  AccountMail,
  Accounts,
  Bots,
  Erasures,
  InstanceAdmin,
  KnownDevices,
  Letters,
  MailState,
  NewLetter,
  OutboxEntry,
  StoredBot,
  StoredBotToken,
  StoredSession,
} from '../../ports/accounts/port.ts';

type Kept = { session: StoredSession; hash: string; former: Map<string, number>; revokedAt: string | null };

export const fakeAccounts = (): Accounts &
  Pick<Erasures, 'erase'> &
  AccountMail &
  Pick<Letters, 'postLetter'> &
  Bots &
  KnownDevices & { accounts: Map<string, Account>; entries: OutboxEntry[]; letters: NewLetter[] } => {
  const accounts = new Map<string, Account>();
  const sessions = new Map<string, Kept>();
  const secrets = new Map<string, string>();
  const marks = new Map<string, string>();
  const admins = new Map<string, InstanceAdmin>();
  const letters: NewLetter[] = [];
  const states = new Map<string, Omit<MailState, 'isProven'>>();
  const unproven = new Map<string, string>();
  const languages = new Map<string, string>();
  const tokens = new Map<string, Parameters<AccountMail['keepMailToken']>[0]>();
  const devices = new Map<string, Set<string>>();
  const stateOf = (id: string): MailState | null => {
    const address = accounts.get(id)?.email;
    if (!address) return null;
    const kept = states.get(id);
    const isProven = unproven.get(id) !== address.toLowerCase();
    if (kept?.address.toLowerCase() === address.toLowerCase()) return { ...kept, address, isProven };
    return { address, verifiedAt: null, bouncedAt: null, bounceReason: null, isProven };
  };
  const isConfirmed = (id: string): boolean => {
    const state = stateOf(id);
    return state?.verifiedAt != null && state.bouncedAt === null;
  };
  const tokenFor = (hash: string, purpose: string, now: string) => {
    const token = tokens.get(hash);
    const isGood = token?.purpose === purpose && token.expiresAt > now;
    if (!isGood) return null;
    const isHandedOver = token.address === null && purpose === 'reset';
    return isHandedOver || stateOf(token.userId)?.address === token.address ? token : null;
  };
  const bots = new Map<string, Pick<StoredBot, 'ownerId' | 'createdAt'>>();
  const botTokens = new Map<string, { token: StoredBotToken; hash: string; revokedAt: string | null }>();
  const botOf = (id: string): StoredBot | null => {
    const user = accounts.get(id)?.user;
    const bot = bots.get(id);
    return user && bot ? { id, username: user.username, profilePicUrl: user.profilePicUrl, ...bot } : null;
  };
  const isGood = (each: { token: StoredBotToken; revokedAt: string | null }, now: string) =>
    !each.revokedAt && (each.token.expiresAt ?? '9') > now;
  let entries: OutboxEntry[] = [];
  let count = 0;
  const named = (username: string) => [...accounts.values()].find((each) => each.user.username === username);
  const write = (key: string, value: string): number => {
    entries.push({ id: ++count, topic: 'chat.users', key, value });
    return count;
  };

  return {
    accounts,
    letters,
    mailStates: async (ids) =>
      new Map(
        ids.flatMap((id) => {
          const state = stateOf(id);
          return state ? [[id, state] as const] : [];
        }),
      ),
    confirmedWith: async (address) =>
      [...accounts.keys()].filter(
        (id) => isConfirmed(id) && stateOf(id)?.address.toLowerCase() === address.toLowerCase(),
      ),
    mailLanguages: async (ids) =>
      new Map(ids.flatMap((id) => (languages.has(id) ? [[id, languages.get(id) as string] as const] : []))),
    setMailLanguage: async (id, language) => {
      languages.set(id, language);
    },
    keepMailToken: async (token) => {
      tokens.set(token.hash, token);
    },
    confirmAddress: async (hash, now) => {
      const token = tokenFor(hash, 'verify', now);
      if (!token?.address) return { kind: 'unknown' };
      const { address, userId } = token;
      states.set(userId, { address, verifiedAt: now, bouncedAt: null, bounceReason: null });
      return { kind: 'confirmed', userId };
    },
    resetPassword: async (hash, passwordHash, now, written) => {
      const token = tokenFor(hash, 'reset', now);
      const account = token && accounts.get(token.userId);
      if (!account) return { kind: 'unknown' };
      const { userId } = token;
      accounts.set(userId, { ...account, passwordHash });
      for (const [key, { userId: id, purpose }] of tokens)
        if (id === userId && purpose === 'reset') tokens.delete(key);
      const live = [...sessions.values()].filter((kept) => kept.session.userId === userId && !kept.revokedAt);
      for (const kept of live) kept.revokedAt = now;
      letters.push(...written(userId));
      return { kind: 'reset', userId, sessionIds: live.map((kept) => kept.session.id) };
    },
    addressBounced: async ({ userId, address, reason, now }) => {
      const state = stateOf(userId);
      if (state?.address.toLowerCase() === address.toLowerCase())
        states.set(userId, { ...state, bouncedAt: now, bounceReason: reason });
    },
    postLetter: async (letter) => {
      letters.push(letter);
    },
    rememberDevice: async (userId, hash) => {
      const known = devices.get(userId);
      if (known?.has(hash)) return 'known';
      devices.set(userId, (known ?? new Set()).add(hash));
      return known ? 'new' : 'first';
    },
    get entries() {
      return entries;
    },
    create: async (account, event, written = []) => {
      if (named(account.user.username)) return { kind: 'username_taken' };
      const { id, username, createdAt } = account.user;
      if (accounts.size === 0)
        admins.set(id, { userId: id, username, grantedAt: createdAt, grantedBy: null });
      accounts.set(id, account);
      letters.push(...written);
      return { kind: 'created', outboxId: write(account.user.id, event(account.user)) };
    },
    createPlaceholders: async () => new Map(),
    byUsername: async (username) => named(username) ?? null,
    byId: async (id) => accounts.get(id) ?? null,
    change: async (id, patch, event, written) => {
      const account = accounts.get(id);
      if (!account) return { kind: 'unknown' };
      const other = patch.username === undefined ? undefined : named(patch.username);
      if (other && other.user.id !== id) return { kind: 'username_taken' };
      const { username = account.user.username, profilePicUrl = account.user.profilePicUrl } = patch;
      const differs = username !== account.user.username || profilePicUrl !== account.user.profilePicUrl;
      const user = differs
        ? { ...account.user, username, profilePicUrl, rev: account.user.rev + 1 }
        : account.user;
      const { preferences = account.preferences } = patch;
      const email = patch.email ? patch.email.address : account.email;
      const { passwordHash = account.passwordHash } = patch;
      const changed = { ...account, user, email, preferences, passwordHash };
      const wasConfirmed = isConfirmed(id);
      accounts.set(id, changed);
      if (patch.email) unproven.delete(id);
      if (patch.email?.isProven === false && email) unproven.set(id, email.toLowerCase());
      letters.push(...(written?.({ before: account, now: changed, wasConfirmed }) ?? []));
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
    sessions: async (userIds, now) =>
      [...sessions.values()]
        .filter(
          (kept) => userIds.includes(kept.session.userId) && !kept.revokedAt && kept.session.expiresAt > now,
        )
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
    revokedSince: async (time) => [
      ...[...sessions.values()]
        .filter((kept) => (kept.revokedAt ?? '') >= time)
        .map((kept) => kept.session.id),
      ...[...botTokens.values()]
        .filter((each) => (each.revokedAt ?? '') >= time)
        .map((each) => each.token.id),
    ],
    createBot: async (account, { ownerId, max }, event) => {
      if ([...bots.values()].filter((bot) => bot.ownerId === ownerId).length >= max) return { kind: 'full' };
      const { id, username, createdAt } = account.user;
      if (named(username)) return { kind: 'username_taken' };
      accounts.set(id, account);
      bots.set(id, { ownerId, createdAt });
      return { kind: 'created', outboxId: write(id, event(account.user)) };
    },
    bot: async (id) => botOf(id),
    bots: async (ownerId) =>
      [...bots.keys()]
        .map((id) => botOf(id) as StoredBot)
        .filter((bot) => ownerId === null || bot.ownerId === ownerId),
    createBotToken: async (token, { hash, max }) => {
      if (!bots.has(token.botId)) return 'unknown';
      const own = [...botTokens.values()].filter((each) => each.token.botId === token.botId);
      if (own.filter((each) => !each.revokedAt).length >= max) return 'full';
      botTokens.set(token.id, { token, hash, revokedAt: null });
      return 'made';
    },
    botTokens: async (botId, now) =>
      [...botTokens.values()]
        .filter((each) => each.token.botId === botId && isGood(each, now))
        .map((each) => each.token),
    botTokenOf: async (hash, now) =>
      [...botTokens.values()].find((each) => each.hash === hash && isGood(each, now))?.token ?? null,
    touchBotToken: async (id, now) => {
      const kept = botTokens.get(id);
      if (kept) kept.token = { ...kept.token, lastUsedAt: now };
    },
    revokeBotToken: async (botId, id, now) => {
      const kept = botTokens.get(id);
      if (kept?.token.botId !== botId || kept.revokedAt) return false;
      kept.revokedAt = now;
      return true;
    },
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
      if (!account || !(account.passwordHash || bots.has(id))) return { kind: 'unknown' };
      bots.delete(id);
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
