// People's accounts: making one and changing one. The public half becomes an event through the outbox.
import { randomUUID } from 'node:crypto';
import type { Account, AccountMail, Accounts, Bots, Erasures, NewLetter } from '../../ports/accounts/port.ts';
import { makeEvent } from '../../schemas/codec.ts';
import type { ProfileBody, RegisterBody } from '../../schemas/http.ts';
import { isRefusal, type Refusal, refuse } from '../../schemas/refusal.ts';
import type { UserRow } from '../../schemas/rows.ts';
import { isUsername } from '../../schemas/values.ts';
import type { AuthLimits } from './limits.ts';
import { letterOf } from './mailing.ts';
import type { Outbox, UserLog } from './outbox.ts';
import type { Passwords } from './passwords.ts';
import type { From, Sessions } from './sessions.ts';

export type ProfileChange = Pick<ProfileBody, 'username' | 'profilePicUrl' | 'preferences'> & {
  /** `from`: who asks, as for a password that is tried. */
  address?: { email: string | null; password?: string | undefined; from: Pick<From, 'address'> };
};

export type Profiles = {
  /** Resolves when the directory shows the person (or after a bounded wait). */
  register(
    body: RegisterBody,
    from: { address: string; languages: string },
  ): Promise<{ userId: string } | Refusal>;
  /** The same of a bot, which has no password. `max`: how many bots its owner may have. */
  registerBot(username: string, how: { ownerId: string; max: number }): Promise<{ userId: string } | Refusal>;
  /** Everything but `status`, which is presence, and how others see the person. */
  change(userId: string, change: ProfileChange): Promise<Refusal | null>;
  /** The end of an account, but for what is in conversations. Answers the devices that were signed out by it. */
  erase(userId: string, how: { deleteMessages: boolean }): Promise<string[] | Refusal>;
};

export type ProfileOptions = {
  accounts: Accounts &
    Pick<Bots, 'createBot'> &
    Pick<Erasures, 'erase'> &
    Pick<AccountMail, 'setMailLanguage' | 'mailStates'>;
  limits: Pick<AuthLimits, 'mailAsked' | 'confirmationAsked'>;
  passwords: Passwords;
  sessions: Pick<Sessions, 'refusalOfPassword'>;
  outbox: Outbox;
  log: Pick<UserLog, 'ready'>;
  now?: () => number;
};

const preferencesBytesMax = 16 * 1024;

const badInput = (path: string, message: string): Refusal => ({
  ...refuse('invalid_input', `${path.slice(1)} ${message}`),
  errors: [{ path, message }],
});
const badName = (): Refusal =>
  badInput('/username', 'must be 1 to 64 visible characters without white space, "@" or "/"');
/** Of what the browser asks for in `Accept-Language`, the first that mails are written in. */
const mailLanguageOf = (languages: string): string | undefined =>
  languages
    .slice(0, 1000)
    .split(',')
    .map((part) => part.trim().toLowerCase().split(/[-;]/)[0])
    .find((language) => language === 'en' || language === 'vi');
const isSameAddress = (a: string | null, b: string | null): boolean => a?.toLowerCase() === b?.toLowerCase();

const taken = (username: string): Refusal =>
  refuse('username_taken', `Somebody else is called "${username}". Choose another name.`);
const unknownAccount = (): Refusal => refuse('not_found', 'This account does not exist.');
const logAway = (): Refusal =>
  refuse('unavailable', 'Changes cannot be accepted at the moment; nothing was changed. Try again shortly.');

export const openProfiles = (options: ProfileOptions): Profiles => {
  const { accounts, passwords, sessions, outbox, limits, log, now = Date.now } = options;

  const eventOf = (type: 'user.registered' | 'user.changed', kept: { json: string }) => (user: UserRow) => {
    const time = new Date(now()).toISOString();
    const event = makeEvent({
      type,
      id: randomUUID(),
      subject: user.id,
      actor: user.id,
      time,
      data: { user },
    });
    kept.json = JSON.stringify(event);
    return kept.json;
  };

  /** The new address is asked to be confirmed, and the former one told where mail goes now. */
  const lettersOfChange = (what: { before: Account; now: Account; wasConfirmed: boolean }): NewLetter[] => {
    const { user, email: former } = what.before;
    const { email: address } = what.now;
    if (isSameAddress(former, address)) return [];
    const content = { ...(address !== null && { address }), ...(former !== null && { former }) };
    return [
      ...(address === null ? [] : [letterOf('verify', user.id, now(), { address })]),
      ...(what.wasConfirmed ? [letterOf('address_changed', user.id, now(), content)] : []),
    ];
  };

  /**
   * What becomes of the address. By mail a new password can be set, so whoever has only found an open session must neither
   * take away an address that was confirmed nor get one that is good for that. What the account has already asks for nothing.
   */
  const addressOf = async (
    userId: string,
    { email, password, from }: NonNullable<ProfileChange['address']>,
  ): Promise<{ email?: { address: string | null; isProven: boolean } } | Refusal> => {
    const account = await accounts.byId(userId);
    if (!account) return unknownAccount();
    const isOther = !isSameAddress(account.email, email);
    if (password === undefined) {
      if (account.email === email) return {};
      const state = (await accounts.mailStates([userId])).get(userId);
      if (state?.verifiedAt)
        return badInput('/password', 'must be given where a confirmed address becomes another');
    } else {
      const wrong = await sessions.refusalOfPassword(userId, password, from);
      if (wrong) return wrong;
    }
    const refusal = email !== null && isOther ? await limits.confirmationAsked(userId) : null;
    return refusal ?? { email: { address: email, isProven: password !== undefined } };
  };

  return {
    register: async ({ username, password, email }, { address, languages }) => {
      if (!log.ready()) return logAway();
      const name = username.normalize('NFC');
      if (!isUsername(name)) return badName();
      // Asked first because hashing is dear; `create` asks again, and its answer counts.
      if (await accounts.byUsername(name)) return taken(name);
      const passwordHash = await passwords.hash(password);
      if (isRefusal(passwordHash)) return passwordHash;
      const user: UserRow = {
        id: randomUUID(),
        username: name,
        profilePicUrl: null,
        kind: 'person',
        createdAt: new Date(now()).toISOString(),
        rev: 1,
      };
      const kept = { json: '' };
      const account = { user, passwordHash, email: email ?? null, preferences: {} };
      // Who registers many has mails sent to few: the others can ask for theirs.
      const isAsked = email !== undefined && (await limits.mailAsked(address)) === null;
      const letters = isAsked ? [letterOf('verify', user.id, now(), { address: email })] : [];
      const made = await accounts.create(account, eventOf('user.registered', kept), letters);
      if (made.kind === 'username_taken') return taken(name);
      const language = mailLanguageOf(languages);
      if (language !== undefined) await accounts.setMailLanguage(user.id, language);
      await outbox.settle({ id: made.outboxId, key: user.id, value: kept.json });
      return { userId: user.id };
    },

    registerBot: async (username, how) => {
      if (!log.ready()) return logAway();
      const name = username.normalize('NFC');
      if (!isUsername(name)) return badName();
      const user: UserRow = {
        id: randomUUID(),
        username: name,
        profilePicUrl: null,
        kind: 'person',
        isBot: true,
        createdAt: new Date(now()).toISOString(),
        rev: 1,
      };
      const kept = { json: '' };
      const account = { user, passwordHash: null, email: null, preferences: {} };
      const made = await accounts.createBot(account, how, eventOf('user.registered', kept));
      if (made.kind === 'username_taken') return taken(name);
      if (made.kind === 'full')
        return refuse('too_many', `A person can have ${how.max} bots. Delete one first.`);
      await outbox.settle({ id: made.outboxId, key: user.id, value: kept.json });
      return { userId: user.id };
    },

    change: async (userId, { username, profilePicUrl, address, preferences }) => {
      const name = username?.normalize('NFC');
      if (name !== undefined && !isUsername(name)) return badName();
      if (preferences && Buffer.byteLength(JSON.stringify(preferences)) > preferencesBytesMax)
        return badInput('/preferences', `must be at most ${preferencesBytesMax} bytes as JSON`);
      const isPublic = name !== undefined || profilePicUrl !== undefined;
      if (isPublic && !log.ready()) return logAway();
      const asked = address ? await addressOf(userId, address) : {};
      if (isRefusal(asked)) return asked;
      const patch = {
        ...asked,
        ...(name !== undefined && { username: name }),
        ...(profilePicUrl !== undefined && { profilePicUrl }),
        ...(preferences !== undefined && { preferences }),
      };
      if (Object.keys(patch).length === 0) return null;
      const kept = { json: '' };
      const changed = await accounts.change(
        userId,
        patch,
        eventOf('user.changed', kept),
        asked.email === undefined ? undefined : lettersOfChange,
      );
      if (changed.kind === 'username_taken') return taken(name ?? '');
      if (changed.kind === 'unknown') return unknownAccount();
      if (changed.outboxId !== null)
        await outbox.settle({ id: changed.outboxId, key: userId, value: kept.json });
      return null;
    },

    erase: async (userId, { deleteMessages }) => {
      if (!log.ready()) return logAway();
      if ((await accounts.revokeAdmin(userId)) === 'last')
        return refuse('last_admin', 'This is the last instance admin. Make somebody else one first.');
      const username = `deleted-${randomUUID().slice(0, 8)}`;
      const kept = { json: '' };
      const how = { username, deleteMessages, now: new Date(now()).toISOString() };
      const erased = await accounts.erase(userId, how, eventOf('user.changed', kept));
      if (erased.kind === 'unknown') return unknownAccount();
      await outbox.settle({ id: erased.outboxId, key: userId, value: kept.json });
      return erased.sessionIds;
    },
  };
};
