// Who gets a mail, and in which language.
import type { Account, AccountMail, Accounts, MailState } from '../../ports/accounts/port.ts';
import type { MailLanguage } from './page.ts';
import { languageOf } from './words.ts';

export type Recipient = { account: Account; state: MailState; language: MailLanguage };
export type RecipientSources = Pick<Accounts, 'byId'> & Pick<AccountMail, 'mailStates' | 'mailLanguages'>;

/** Confirmed, and mail does not come back. */
export const takesMail = ({ verifiedAt, bouncedAt }: MailState): boolean =>
  verifiedAt !== null && bouncedAt === null;

export const recipientsOf = (accounts: RecipientSources) => {
  /** Null: nobody who can sign in, or without an address. */
  const recipient = async (userId: string): Promise<Recipient | null> => {
    const account = await accounts.byId(userId);
    const state = (await accounts.mailStates([userId])).get(userId);
    if (!account || account.passwordHash === null || !state) return null;
    const atFirst = (await accounts.mailLanguages([userId])).get(userId);
    return { account, state, language: languageOf(account, atFirst) };
  };
  return {
    recipient,
    confirmed: async (userId: string | null): Promise<Recipient | null> => {
      const found = userId === null ? null : await recipient(userId);
      return found && takesMail(found.state) ? found : null;
    },
  };
};
