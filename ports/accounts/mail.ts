// Where mail to people goes. What is known about an address holds for this address only: with another one in the account
// it says nothing, and whoever goes back to it need not confirm it again.
import type { Transaction } from 'kysely';
import { type Database, transaction } from '../sql/database.ts';
import { inLists } from '../sql/lists.ts';
import { writeLetters } from './letters.ts';
import type { AccountMail, MailState, MailTokenPurpose } from './port.ts';
import type { AccountTables } from './tables.ts';

type Trx = Transaction<AccountTables>;
type Known = Omit<AccountTables['account_mail'], 'user_id'>;

const tokensKept = 10;
const sharedMax = 5;
const reasonLengthMax = 400;

/** In the place of an address: the token came by another way. */
const handedOver = '';

const keyOf = (address: string): string => address.normalize('NFC').toLowerCase();
const nothing: Known = {
  address: '',
  address_key: '',
  verified_at: null,
  bounced_at: null,
  bounce_reason: null,
  language: null,
};

export const isConfirmed = async (trx: Trx, userId: string, address: string | null): Promise<boolean> => {
  if (address === null) return false;
  const row = await trx
    .selectFrom('account_mail')
    .select('user_id')
    .where('user_id', '=', userId)
    .where('address_key', '=', keyOf(address))
    .where('verified_at', 'is not', null)
    .where('bounced_at', 'is', null)
    .executeTakeFirst();
  return row !== undefined;
};

/** What is known of how an address was given, kept with the change of it. */
export const keepProof = async (
  trx: Trx,
  userId: string,
  { address, isProven }: { address: string | null; isProven: boolean },
): Promise<void> => {
  await trx.deleteFrom('unproven_addresses').where('user_id', '=', userId).execute();
  if (isProven || address === null) return;
  const values = { user_id: userId, address_key: keyOf(address) };
  await trx.insertInto('unproven_addresses').values(values).execute();
};

export const mailPart = (db: Database<AccountTables>): AccountMail => {
  const { dialect, read } = db;
  const fromTime = (kept: string | null) => (kept === null ? null : dialect.fromTime(kept));

  const set = async (trx: Trx, userId: string, patch: Partial<Known>): Promise<void> => {
    const known = await trx
      .selectFrom('account_mail')
      .select('user_id')
      .where('user_id', '=', userId)
      .executeTakeFirst();
    if (known) await trx.updateTable('account_mail').set(patch).where('user_id', '=', userId).execute();
    else
      await trx
        .insertInto('account_mail')
        .values({ user_id: userId, ...nothing, ...patch })
        .execute();
  };
  /** The account is the lock of everything about its mail. */
  const accountOf = (trx: Trx, userId: string) => {
    const query = trx.selectFrom('accounts').select(['email', 'password_hash']).where('id', '=', userId);
    return (dialect.locksRows ? query.forUpdate() : query).executeTakeFirst();
  };
  /** The token and its account, if both still fit together. */
  const lookUp = async (trx: Trx, hash: string, purpose: MailTokenPurpose, now: string) => {
    const find = () =>
      trx
        .selectFrom('mail_tokens')
        .select(['user_id', 'address_key', 'expires_at'])
        .where('hash', '=', hash)
        .where('purpose', '=', purpose)
        .where('expires_at', '>', dialect.toTime(now))
        .executeTakeFirst();
    const first = await find();
    const account = first && (await accountOf(trx, first.user_id));
    // Looked at again: whoever held the account meanwhile may have used it.
    const token = account && (await find());
    if (!token) return null;
    const { user_id: userId, address_key: key } = token;
    const canSignIn = account.password_hash !== null;
    if (purpose === 'reset' && key === handedOver) return { userId, address: '', canSignIn };
    if (account.email === null || keyOf(account.email) !== key) return null;
    return { userId, address: account.email, canSignIn };
  };

  return {
    mailStates: async (userIds) => {
      const states = new Map<string, MailState>();
      for (const some of inLists(userIds)) {
        const rows = await read
          .selectFrom('accounts')
          .leftJoin('account_mail', 'account_mail.user_id', 'accounts.id')
          .leftJoin('unproven_addresses', 'unproven_addresses.user_id', 'accounts.id')
          .select([
            'accounts.id',
            'email',
            'account_mail.address_key',
            'verified_at',
            'bounced_at',
            'bounce_reason',
            'unproven_addresses.address_key as unproven',
          ])
          .where('accounts.id', 'in', some)
          .where('email', 'is not', null)
          .execute();
        for (const row of rows) {
          const address = row.email as string;
          const { verified_at, bounced_at, bounce_reason } =
            row.address_key === keyOf(address) ? row : nothing;
          states.set(row.id, {
            address,
            verifiedAt: fromTime(verified_at),
            bouncedAt: fromTime(bounced_at),
            bounceReason: bounce_reason,
            isProven: row.unproven !== keyOf(address),
          });
        }
      }
      return states;
    },

    confirmedWith: async (address) => {
      const rows = await read
        .selectFrom('account_mail')
        .innerJoin('accounts', 'accounts.id', 'account_mail.user_id')
        .select(['user_id', 'email'])
        .where('address_key', '=', keyOf(address))
        .where('verified_at', 'is not', null)
        .where('bounced_at', 'is', null)
        .orderBy('user_id')
        .limit(100)
        .execute();
      const theirs = rows.filter(({ email }) => email !== null && keyOf(email) === keyOf(address));
      return theirs.slice(0, sharedMax).map((row) => row.user_id);
    },

    mailLanguages: async (userIds) => {
      const languages = new Map<string, string>();
      for (const some of inLists(userIds)) {
        const rows = await read
          .selectFrom('account_mail')
          .select(['user_id', 'language'])
          .where('user_id', 'in', some)
          .where('language', 'is not', null)
          .execute();
        for (const { user_id, language } of rows) languages.set(user_id, language as string);
      }
      return languages;
    },

    setMailLanguage: (userId, language) =>
      transaction(db, async (trx) => {
        if (await accountOf(trx, userId)) await set(trx, userId, { language });
      }),

    keepMailToken: ({ hash, userId, purpose, address, now, expiresAt }) =>
      transaction(db, async (trx) => {
        const kept = await trx
          .selectFrom('mail_tokens')
          .select(['hash', 'expires_at'])
          .where('user_id', '=', userId)
          .where('purpose', '=', purpose)
          .orderBy('made_at', 'desc')
          .orderBy('hash')
          .execute();
        const over = kept.filter((row, i) => i >= tokensKept - 1 || row.expires_at <= dialect.toTime(now));
        const hashes = over.map((row) => row.hash);
        if (hashes.length > 0) await trx.deleteFrom('mail_tokens').where('hash', 'in', hashes).execute();
        const token = {
          hash,
          user_id: userId,
          purpose,
          address_key: address === null ? handedOver : keyOf(address),
          made_at: dialect.toTime(now),
          expires_at: dialect.toTime(expiresAt),
        };
        await trx.insertInto('mail_tokens').values(token).execute();
      }),

    confirmAddress: (hash, now) =>
      transaction(db, async (trx) => {
        const found = await lookUp(trx, hash, 'verify', now);
        if (!found) return { kind: 'unknown' as const };
        const { userId, address } = found;
        await set(trx, userId, {
          address,
          address_key: keyOf(address),
          verified_at: dialect.toTime(now),
          bounced_at: null,
          bounce_reason: null,
        });
        return { kind: 'confirmed' as const, userId };
      }),

    resetPassword: (hash, passwordHash, now, letters) =>
      transaction(db, async (trx) => {
        const found = await lookUp(trx, hash, 'reset', now);
        if (!found?.canSignIn) return { kind: 'unknown' as const };
        const { userId } = found;
        await trx
          .updateTable('accounts')
          .set({ password_hash: passwordHash })
          .where('id', '=', userId)
          .execute();
        await trx
          .deleteFrom('mail_tokens')
          .where('user_id', '=', userId)
          .where('purpose', '=', 'reset')
          .execute();
        const live = await trx
          .selectFrom('sessions')
          .select('id')
          .where('user_id', '=', userId)
          .where('revoked_at', 'is', null)
          .where('expires_at', '>', dialect.toTime(now))
          .execute();
        await trx
          .updateTable('sessions')
          .set({ revoked_at: dialect.toTime(now) })
          .where('user_id', '=', userId)
          .where('revoked_at', 'is', null)
          .execute();
        await writeLetters(db, trx, letters(userId));
        return { kind: 'reset' as const, userId, sessionIds: live.map(({ id }) => id) };
      }),

    addressBounced: ({ userId, address, reason, now }) =>
      transaction(db, async (trx) => {
        const account = await accountOf(trx, userId);
        if (!account?.email || keyOf(account.email) !== keyOf(address)) return;
        const known = await trx
          .selectFrom('account_mail')
          .select(['address_key', 'verified_at'])
          .where('user_id', '=', userId)
          .executeTakeFirst();
        const isSame = known?.address_key === keyOf(address);
        await set(trx, userId, {
          address: account.email,
          address_key: keyOf(address),
          verified_at: isSame ? known.verified_at : null,
          bounced_at: dialect.toTime(now),
          bounce_reason: reason.slice(0, reasonLengthMax),
        });
      }),
  };
};
