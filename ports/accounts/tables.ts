// The tables of the account part. What is secret is here and nowhere else.
import type { Generated } from 'kysely';
import type { Migration } from '../sql/migrate.ts';

export type AccountTable = {
  id: string;
  username: string;
  profile_pic_url: string | null;
  kind: string;
  created_at: string;
  rev: number;
  password_hash: string | null;
  email: string | null;
  preferences: string;
};

export type SessionTable = {
  id: string;
  user_id: string;
  device: string;
  created_at: string;
  last_used_at: string;
  expires_at: string;
  revoked_at: string | null;
};

export type BotTokenTable = {
  id: string;
  bot_id: string;
  hash: string;
  name: string;
  scopes: string;
  created_at: string;
  last_used_at: string | null;
  expires_at: string | null;
  revoked_at: string | null;
};

export type AccountTables = {
  accounts: AccountTable;
  account_outbox: { id: Generated<number>; topic: string; message_key: string; value: string };
  sessions: SessionTable;
  /** Hashes of refresh tokens: the valid one of each session (`replaced_at` null) and its predecessors. */
  session_tokens: { hash: string; session_id: string; replaced_at: string | null };
  secrets: { name: string; value: string };
  tool_marks: { name: string; value: string };
  instance_admins: { user_id: string; granted_at: string; granted_by: string | null };
  /** The newest rev of each person, and up to which rev removals are forgotten. Its row is the lock of a person's items. */
  personal_revs: { user_id: string; rev: number; floor_rev: number };
  /** `value`: JSON with sorted keys, so that equal values are equal texts; null: removed. */
  personal_items: {
    user_id: string;
    kind: string;
    item_key: string;
    value: string | null;
    rev: number;
    updated_at: string;
  };
  /** Accounts that were deleted and whose people have not left every conversation yet. */
  erasures: { user_id: string; delete_messages: number; started_at: string; touched_at: string };
  /** What is known about the address `address`; the account may have another one by now. */
  account_mail: {
    user_id: string;
    address: string;
    /** For comparing. */
    address_key: string;
    verified_at: string | null;
    bounced_at: string | null;
    bounce_reason: string | null;
    language: string | null;
  };
  /** Given by somebody who may only have found an open session. */
  unproven_addresses: { user_id: string; address_key: string };
  mail_tokens: {
    hash: string;
    user_id: string;
    purpose: string;
    address_key: string;
    made_at: string;
    expires_at: string;
  };
  /** `content`: JSON. `due_at`: when it may be taken; while somebody has it, until when it is theirs. */
  mail_letters: {
    id: string;
    user_id: string | null;
    kind: string;
    content: string;
    made_at: string;
    due_at: string;
    attempts: number;
  };
  known_devices: { user_id: string; hash: string; seen_at: string };
  bots: { user_id: string; owner_id: string | null; created_at: string };
  bot_tokens: BotTokenTable;
  account_choices: {
    user_id: string;
    status_text: string | null;
    status_until: string | null;
    privacy: string;
    rev: number;
    changed_at: string;
  };
};

/** The mark that says who was first. It stays for ever: whoever comes after everybody was revoked is not the first. */
export const firstAccount = 'first-account';

export const accountMigrations: Migration[] = [
  {
    name: 'accounts-001',
    statements: (t) => [
      ...t.create({
        table: 'accounts',
        columns: `id ${t.id} NOT NULL PRIMARY KEY, username ${t.word(64)} NOT NULL UNIQUE,
          profile_pic_url ${t.word(2048)}, kind ${t.word(16)} NOT NULL, created_at ${t.time} NOT NULL,
          rev ${t.integer} NOT NULL, password_hash ${t.word(512)}, email ${t.word(320)},
          preferences ${t.text} NOT NULL`,
      }),
      ...t.create({
        table: 'account_outbox',
        columns: `id ${t.serial}, topic ${t.word(100)} NOT NULL, message_key ${t.id} NOT NULL,
          value ${t.text} NOT NULL`,
      }),
      ...t.create({
        table: 'sessions',
        columns: `id ${t.id} NOT NULL PRIMARY KEY, user_id ${t.id} NOT NULL, device ${t.word(255)} NOT NULL,
          created_at ${t.time} NOT NULL, last_used_at ${t.time} NOT NULL, expires_at ${t.time} NOT NULL,
          revoked_at ${t.time}`,
        indexes: { sessions_of_user: 'user_id', sessions_by_revocation: 'revoked_at' },
      }),
      ...t.create({
        table: 'session_tokens',
        columns: `hash ${t.word(128)} NOT NULL PRIMARY KEY, session_id ${t.id} NOT NULL, replaced_at ${t.time}`,
        indexes: { tokens_of_session: 'session_id, replaced_at' },
      }),
      ...t.create({
        table: 'secrets',
        columns: `name ${t.word(100)} NOT NULL PRIMARY KEY, value ${t.text} NOT NULL`,
      }),
      ...t.create({
        table: 'tool_marks',
        columns: `name ${t.word(191)} NOT NULL PRIMARY KEY, value ${t.text} NOT NULL`,
      }),
    ],
  },
  {
    name: 'accounts-002-admins',
    statements: (t) => [
      ...t.create({
        table: 'instance_admins',
        columns: `user_id ${t.id} NOT NULL PRIMARY KEY, granted_at ${t.time} NOT NULL, granted_by ${t.id}`,
      }),
      // Where people are already, the one who came first.
      `INSERT INTO tool_marks (name, value)
        SELECT '${firstAccount}', id FROM accounts
        WHERE kind = 'person' AND NOT EXISTS (SELECT 1 FROM tool_marks WHERE name = '${firstAccount}')
        ORDER BY created_at, id LIMIT 1`,
      `INSERT INTO instance_admins (user_id, granted_at, granted_by)
        SELECT id, created_at, NULL FROM accounts
        WHERE id IN (SELECT value FROM tool_marks WHERE name = '${firstAccount}')
        AND NOT EXISTS (SELECT 1 FROM instance_admins)`,
    ],
  },
  {
    name: 'accounts-003-personal',
    statements: (t) => [
      ...t.create({
        table: 'personal_revs',
        columns: `user_id ${t.id} NOT NULL PRIMARY KEY, rev ${t.integer} NOT NULL, floor_rev ${t.integer} NOT NULL`,
      }),
      ...t.create({
        table: 'personal_items',
        columns: `user_id ${t.id} NOT NULL, kind ${t.word(32)} NOT NULL, item_key ${t.id} NOT NULL,
          value ${t.text}, rev ${t.integer} NOT NULL, updated_at ${t.time} NOT NULL`,
        clusteredBy: 'user_id, kind, item_key',
        indexes: { personal_items_by_rev: 'user_id, rev' },
      }),
    ],
  },
  {
    name: 'accounts-004-choices',
    statements: (t) => [
      ...t.create({
        table: 'account_choices',
        columns: `user_id ${t.id} NOT NULL PRIMARY KEY, status_text ${t.word(400)}, status_until ${t.time},
          privacy ${t.text} NOT NULL, rev ${t.integer} NOT NULL, changed_at ${t.time} NOT NULL`,
        indexes: { choices_by_change: 'changed_at' },
      }),
    ],
  },
  {
    name: 'accounts-005-erasures',
    statements: (t) => [
      ...t.create({
        table: 'erasures',
        columns: `user_id ${t.id} NOT NULL PRIMARY KEY, delete_messages ${t.flag} NOT NULL,
          started_at ${t.time} NOT NULL, touched_at ${t.time} NOT NULL`,
      }),
    ],
  },
  {
    name: 'accounts-006-mail',
    statements: (t) => [
      ...t.create({
        table: 'account_mail',
        columns: `user_id ${t.id} NOT NULL PRIMARY KEY, address ${t.word(320)} NOT NULL,
          address_key ${t.word(320)} NOT NULL, verified_at ${t.time}, bounced_at ${t.time},
          bounce_reason ${t.word(400)}, language ${t.word(16)}`,
        indexes: { mail_by_address: 'address_key' },
      }),
      ...t.create({
        table: 'mail_tokens',
        columns: `hash ${t.word(128)} NOT NULL PRIMARY KEY, user_id ${t.id} NOT NULL, purpose ${t.word(16)} NOT NULL,
          address_key ${t.word(320)} NOT NULL, made_at ${t.time} NOT NULL, expires_at ${t.time} NOT NULL`,
        indexes: { mail_tokens_of_user: 'user_id, purpose' },
      }),
      ...t.create({
        table: 'mail_letters',
        columns: `id ${t.id} NOT NULL PRIMARY KEY, user_id ${t.id}, kind ${t.word(32)} NOT NULL,
          content ${t.text} NOT NULL, made_at ${t.time} NOT NULL, due_at ${t.time} NOT NULL,
          attempts ${t.integer} NOT NULL`,
        indexes: { mail_letters_by_due: 'due_at', mail_letters_of_user: 'user_id' },
      }),
      ...t.create({
        table: 'known_devices',
        columns: `user_id ${t.id} NOT NULL, hash ${t.word(128)} NOT NULL, seen_at ${t.time} NOT NULL`,
        clusteredBy: 'user_id, hash',
      }),
    ],
  },
  {
    name: 'accounts-007-unproven',
    statements: (t) => [
      ...t.create({
        table: 'unproven_addresses',
        columns: `user_id ${t.id} NOT NULL PRIMARY KEY, address_key ${t.word(320)} NOT NULL`,
      }),
    ],
  },
  {
    name: 'accounts-bots',
    statements: (t) => [
      ...t.create({
        table: 'bots',
        columns: `user_id ${t.id} NOT NULL PRIMARY KEY, owner_id ${t.id}, created_at ${t.time} NOT NULL`,
        indexes: { bots_of_owner: 'owner_id' },
      }),
      ...t.create({
        table: 'bot_tokens',
        columns: `id ${t.id} NOT NULL PRIMARY KEY, bot_id ${t.id} NOT NULL, hash ${t.word(64)} NOT NULL UNIQUE,
          name ${t.word(400)} NOT NULL, scopes ${t.text} NOT NULL, created_at ${t.time} NOT NULL,
          last_used_at ${t.time}, expires_at ${t.time}, revoked_at ${t.time}`,
        indexes: { bot_tokens_of_bot: 'bot_id', bot_tokens_by_revocation: 'revoked_at' },
      }),
    ],
  },
];
