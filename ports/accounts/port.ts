// Accounts: what is secret or private about people, and the outbox that brings their public profile to the log.
import type { Choices, ChoicesPatch } from '../../schemas/choices.ts';
import type {
  ConversationSettings,
  PersonalChanges,
  PersonalItem,
  PersonalKind,
  PersonalValue,
} from '../../schemas/personal.ts';
import type { UserRow } from '../../schemas/rows.ts';
import type { MovableTables } from '../moving.ts';

export type Account = {
  user: UserRow;
  /** Null for a placeholder person, who cannot sign in. */
  passwordHash: string | null;
  email: string | null;
  preferences: Record<string, unknown>;
};

export type StoredSession = {
  id: string;
  userId: string;
  device: string;
  createdAt: string;
  lastUsedAt: string;
  expiresAt: string;
};

export type Refreshed =
  | { kind: 'rotated'; session: StoredSession }
  /** The former token, shown again within the grace: the same successor stays valid (two tabs, a lost answer). */
  | { kind: 'repeated'; session: StoredSession }
  /** A token that had been replaced long ago: somebody stole it. The session has been revoked. */
  | { kind: 'reused'; session: StoredSession }
  | { kind: 'unknown' };

export type OutboxEntry = { id: number; topic: string; key: string; value: string };

export type InstanceAdmin = {
  userId: string;
  username: string;
  grantedAt: string;
  /** Null: as the first account, or on the terminal. */
  grantedBy: string | null;
};

/** Every table. */
export type MovedTable =
  | 'accounts'
  | 'account_outbox'
  | 'sessions'
  | 'session_tokens'
  | 'secrets'
  | 'instance_admins'
  | 'tool_marks'
  | 'account_choices'
  | 'erasures'
  | 'personal_revs'
  | 'personal_items'
  | 'account_mail'
  | 'unproven_addresses'
  | 'mail_tokens'
  | 'mail_letters'
  | 'known_devices'
  | 'bots'
  | 'bot_tokens';

/** A mail about an account that is to be written and sent by whoever takes it. */
export type NewLetter = {
  /** Stable: the mail's id comes of it. */
  id: string;
  /** Null: whose it is has to be found out. */
  userId: string | null;
  kind: string;
  content: Record<string, string>;
  madeAt: string;
};
export type Letter = NewLetter & {
  /** How often it has been taken. Who shows another number has lost it to somebody else. */
  attempts: number;
};

export interface Accounts {
  /**
   * Account and outbox entry (`user.registered`, made by `event`) in one transaction. Names are unique, exactly as
   * written (NFC). The first one ever is made an instance admin in the same transaction; of two at once only one is.
   */
  create(
    account: Account,
    event: (user: UserRow) => string,
    letters?: NewLetter[],
  ): Promise<{ kind: 'created'; outboxId: number } | { kind: 'username_taken' }>;
  /** The same for many placeholders at once; those whose name exists are answered with the existing id. */
  createPlaceholders(users: UserRow[], event: (user: UserRow) => string): Promise<Map<string, string>>;
  byUsername(username: string): Promise<Account | null>;
  byId(userId: string): Promise<Account | null>;
  /**
   * Changes the private part and/or the public row. When the public row changed its rev is raised by one and an
   * outbox entry is written, in the same transaction; `outboxId` is null otherwise. `letters`: to be sent of what was
   * before and is now, in the same transaction too; `wasConfirmed`: mail could be sent to the address of before.
   */
  change(
    userId: string,
    patch: {
      username?: string;
      profilePicUrl?: string | null;
      /** `isProven`: whoever gives it knows the password. */
      email?: { address: string | null; isProven: boolean };
      preferences?: Record<string, unknown>;
      passwordHash?: string;
    },
    event: (user: UserRow) => string,
    letters?: (what: { before: Account; now: Account; wasConfirmed: boolean }) => NewLetter[],
  ): Promise<
    | { kind: 'changed'; account: Account; outboxId: number | null }
    | { kind: 'username_taken' }
    | { kind: 'unknown' }
  >;

  /** Entries not yet in the log, oldest first. */
  outbox(limit: number): Promise<OutboxEntry[]>;
  outboxDone(ids: number[]): Promise<void>;

  createSession(session: StoredSession, refreshHash: string): Promise<void>;
  /**
   * Replaces a refresh token's hash by its successor's, atomically. `graceMs`: how long the former one is answered
   * `repeated` instead of being taken for stolen.
   */
  refresh(query: {
    hash: string;
    nextHash: string;
    now: string;
    graceMs: number;
    expiresAt: string;
  }): Promise<Refreshed>;
  /** Those of these people that are still good; of each person the last used first. */
  sessions(userIds: string[], now: string): Promise<StoredSession[]>;
  /** False when there was no such live session of that person. */
  revokeSession(userId: string, sessionId: string, now: string): Promise<boolean>;
  /** Of that person, all but `exceptId`; answers whose they were. */
  revokeSessions(userId: string, exceptId: string | null, now: string): Promise<string[]>;
  /** Ids of sessions and bot tokens revoked since then: what a starting gateway must not accept any more. */
  revokedSince(time: string): Promise<string[]>;

  /** Who looks after the whole installation: the first person ever created, and whoever was granted it. Oldest first. */
  admins(): Promise<InstanceAdmin[]>;
  isAdmin(userId: string): Promise<boolean>;
  /** `unknown`: nobody who could sign in. `full`: there are as many as there may be. */
  grantAdmin(grant: {
    userId: string;
    by: string | null;
    now: string;
  }): Promise<'granted' | 'already' | 'unknown' | 'full'>;
  /** Never the last one, whoever else is revoked at the same moment, unless `evenLast`. */
  revokeAdmin(userId: string, options?: { evenLast?: boolean }): Promise<'revoked' | 'last' | 'unknown'>;

  /** A named secret, made once and kept; when several processes start at once, all get the same. */
  secret(name: string, make: () => string): Promise<string>;
  /** A named mark of tools (such as how far an import has come). */
  mark(name: string): Promise<string | null>;
  setMark(name: string, value: string): Promise<void>;
  ping(): Promise<void>;
  close(): Promise<void>;
}

/** What people keep for themselves. Every change of a person gets the next rev of that person. */
export interface PersonalItems {
  /**
   * Changes after `since`, or those after the page that gave `cursor`, in the order of their revs, of one moment.
   * Everything (`isWhole`) when `since` is 0, is from before the removals that are remembered, or was never reached.
   * Throws `ForeignCursorError`.
   */
  personalChanges(
    userId: string,
    asked: { since: number; limit: number; cursor?: string | undefined },
  ): Promise<PersonalChanges>;
  /**
   * Replaces a value, or removes it (null). What is so already stays, with its rev, whatever `base` says. `base`: only
   * if the item's rev is still this one (0: there is none). `full`: there are as many as a person may have.
   */
  putPersonal(
    userId: string,
    change: {
      kind: PersonalKind;
      key: string;
      value: PersonalValue | null;
      base?: number | undefined;
      now: string;
    },
  ): Promise<
    { kind: 'kept'; item: PersonalItem; changed: boolean } | { kind: 'conflict' } | { kind: 'full' }
  >;
}

/** The same for whoever tells people of messages: no revs, and of many at once. */
export interface ConversationChoices {
  /** By `<user id> <conversation id>`; those who chose nothing are left out. */
  conversationSettings(
    userIds: string[],
    conversationIds: string[],
  ): Promise<Map<string, ConversationSettings>>;
}

export type KeptChoices = { userId: string; choices: Choices; rev: number };

/** How people chose to be seen. */
export interface PeopleChoices {
  /** `rev` 0: nothing was ever chosen. */
  choicesOf(userId: string): Promise<KeptChoices>;
  /** Of everybody who chose something since then; null: ever. */
  choicesSince(time: string | null): Promise<KeptChoices[]>;
  choose(userId: string, patch: ChoicesPatch, now: string): Promise<KeptChoices>;
}

/** The end of accounts. */
export interface Erasures {
  /**
   * Password, e-mail and all about mail, picture, preferences, devices, choices and everything kept for oneself go; the name becomes
   * `username`; an entry of the outbox says so. All in one transaction. `sessionIds`: the devices, all revoked, and the
   * tokens of a bot and of every bot that the person answered for.
   */
  erase(
    userId: string,
    how: { username: string; deleteMessages: boolean; now: string },
    event: (user: UserRow) => string,
  ): Promise<{ kind: 'erased'; outboxId: number; sessionIds: string[] } | { kind: 'unknown' }>;
  /** The oldest that nobody has touched since then, touched now. */
  takeErasure(asked: {
    now: string;
    untouchedSince: string;
  }): Promise<{ userId: string; deleteMessages: boolean } | null>;
  touchErasure(userId: string, now: string): Promise<void>;
  erasureDone(userId: string): Promise<void>;
}

export type MailState = {
  /** As it is written in the account now. */
  address: string;
  /** Null: nobody has shown that it is theirs. */
  verifiedAt: string | null;
  /** Mail to it came back for good, and nothing else goes there until it is confirmed again or another one. */
  bouncedAt: string | null;
  bounceReason: string | null;
  /** It was given by somebody who knew the password, or at registration: by mail a new one may be set. */
  isProven: boolean;
};

/** `verify`: good until it expires. `reset`: once. */
export type MailTokenPurpose = 'verify' | 'reset';

/** Where mail to people goes, and what they show that they have got it. Tokens are hashes here. */
export interface AccountMail {
  /** Of those who have an address. */
  mailStates(userIds: string[]): Promise<Map<string, MailState>>;
  /** Whose confirmed address this is, whatever its case; at most five, nobody whose mail comes back. */
  confirmedWith(address: string): Promise<string[]>;
  /** What the person's browser asked for when they registered. */
  mailLanguages(userIds: string[]): Promise<Map<string, string>>;
  setMailLanguage(userId: string, language: string): Promise<void>;
  /**
   * Expired ones go, and of a person and purpose the oldest when there are many. `address`: where it is sent, which it is
   * good for; null: handed over by who looks after the installation, and good for a new password only.
   */
  keepMailToken(token: {
    hash: string;
    userId: string;
    purpose: MailTokenPurpose;
    address: string | null;
    now: string;
    expiresAt: string;
  }): Promise<void>;
  /** The address is the person's, if it is still the one of their account. */
  confirmAddress(
    hash: string,
    now: string,
  ): Promise<{ kind: 'confirmed'; userId: string } | { kind: 'unknown' }>;
  /** Password, the end of every session and of every such token, and `letters`, in one transaction. */
  resetPassword(
    hash: string,
    passwordHash: string,
    now: string,
    letters: (userId: string) => NewLetter[],
  ): Promise<{ kind: 'reset'; userId: string; sessionIds: string[] } | { kind: 'unknown' }>;
  /** Only if it is still the address of the account. */
  addressBounced(bounce: { userId: string; address: string; reason: string; now: string }): Promise<void>;
}

/** Mails about accounts that wait. */
export interface Letters {
  /** One with the same id stays as it is. */
  postLetter(letter: NewLetter): Promise<void>;
  /** The oldest that are due; nobody else gets them until `leaseUntil`. */
  takeLetters(asked: { now: string; leaseUntil: string; limit: number }): Promise<Letter[]>;
  letterDone(letter: Pick<Letter, 'id' | 'attempts'>): Promise<void>;
  letterLater(letter: Pick<Letter, 'id' | 'attempts'>, dueAt: string): Promise<void>;
}

export interface KnownDevices {
  /** `first`: no device of this person was known. The longest unseen are forgotten when there are many. */
  rememberDevice(userId: string, hash: string, now: string): Promise<'known' | 'new' | 'first'>;
}

export type StoredBot = {
  id: string;
  username: string;
  profilePicUrl: string | null;
  /** Null: their account is gone. */
  ownerId: string | null;
  createdAt: string;
};

export type StoredBotToken = {
  id: string;
  botId: string;
  name: string;
  scopes: string[];
  createdAt: string;
  lastUsedAt: string | null;
  /** Null: it stays good. */
  expiresAt: string | null;
};

/** Programs that people answer for. Tokens are hashes here; their ids are those of sessions to whoever signs them out. */
export interface Bots {
  /** As `create`, of an account without a password. `full`: the owner has `max` of them. */
  createBot(
    account: Account,
    how: { ownerId: string; max: number },
    event: (user: UserRow) => string,
  ): Promise<{ kind: 'created'; outboxId: number } | { kind: 'username_taken' } | { kind: 'full' }>;
  bot(id: string): Promise<StoredBot | null>;
  /** Of a person, or everybody's (null); at most `limit`, by name. */
  bots(ownerId: string | null, limit: number): Promise<StoredBot[]>;
  /** Expired ones go. `full`: there are `max` that are good. */
  createBotToken(
    token: StoredBotToken,
    how: { hash: string; max: number },
  ): Promise<'made' | 'full' | 'unknown'>;
  /** Those that are good, newest first. */
  botTokens(botId: string, now: string): Promise<StoredBotToken[]>;
  botTokenOf(hash: string, now: string): Promise<StoredBotToken | null>;
  touchBotToken(id: string, now: string): Promise<void>;
  /** False when there was no such good token of that bot. */
  revokeBotToken(botId: string, id: string, now: string): Promise<boolean>;
}

export type AccountStore = Accounts &
  PersonalItems &
  ConversationChoices &
  PeopleChoices &
  Erasures &
  AccountMail &
  Letters &
  KnownDevices &
  Bots & { moving: MovableTables<MovedTable> };
