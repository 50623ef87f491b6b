// `chatvui admin`: who looks after the whole installation, and a new password for who cannot get mail. Works on the accounts
// alone, so also beside a running server, which believes it within two seconds.

import { linksOf } from '../../consumers/mail/account-pages.ts';
import { newToken } from '../../consumers/mail/tokens.ts';
import type { Account, Accounts } from '../../ports/accounts/port.ts';
import { reasonOf } from '../../ports/errors.ts';
import { openAccounts } from '../adapters.ts';
import { type Config, originIn } from '../config.ts';
import { harmless } from '../terminal.ts';

export const grantAdmin = (config: Config, name: string): Promise<void> =>
  withAccounts(config, async (accounts) => {
    const account = await named(accounts, name);
    if (!account) return missing(name);
    const now = new Date().toISOString();
    const done = await accounts.grantAdmin({ userId: account.user.id, by: null, now });
    if (done === 'unknown') return refused(`${name} has no password and cannot sign in: an imported person.`);
    if (done === 'full')
      return refused('There are as many instance admins as there may be. Revoke one first.');
    console.log(
      done === 'already' ? `${name} is an instance admin already.` : `${name} is an instance admin.`,
    );
    return 0;
  });

export const revokeAdmin = (config: Config, name: string, force: boolean): Promise<void> =>
  withAccounts(config, async (accounts) => {
    const account = await named(accounts, name);
    if (!account) return missing(name);
    const done = await accounts.revokeAdmin(account.user.id, { evenLast: force });
    if (done === 'last')
      return refused(`${name} is the last instance admin. Grant somebody else first, or add --force.`);
    console.log(
      done === 'unknown' ? `${name} is no instance admin.` : `${name} is no instance admin any more.`,
    );
    return 0;
  });

export const listAdmins = (config: Config): Promise<void> =>
  withAccounts(config, async (accounts) => {
    const admins = await accounts.admins();
    const names = new Map(admins.map(({ userId, username }) => [userId, username]));
    for (const { username, userId, grantedAt, grantedBy } of admins) {
      const by = grantedBy === null ? '' : `, by ${names.get(grantedBy) ?? grantedBy}`;
      console.log(harmless(`${username}  ${userId}  since ${grantedAt}${by}`));
    }
    if (admins.length === 0) console.log('There is no instance admin. Make one: chatvui admin grant NAME');
    return 0;
  });

/** Hand it over in a way that only this person sees: whoever opens it first sets the password. */
export const passwordLink = (config: Config, name: string): Promise<void> =>
  withAccounts(config, async (accounts) => {
    const account = await named(accounts, name);
    if (!account) return missing(name);
    if (account.passwordHash === null)
      return refused(`${name} has no password and cannot sign in: an imported person, or a bot.`);
    const whose = { userId: account.user.id, purpose: 'reset', address: null } as const;
    const token = await newToken(accounts, { ...whose, nowMs: Date.now() });
    console.log(linksOf(originIn(config)).reset(token));
    console.error('Good once and for one hour. With the new password every session of theirs ends.');
    return 0;
  });

const named = (accounts: Accounts, name: string): Promise<Account | null> =>
  accounts.byUsername(name.normalize('NFC'));

const refused = (why: string): number => {
  console.error(why);
  return 1;
};

const missing = (name: string): number =>
  refused(`Nobody here is called "${name}". Names are exact: case and accents count.`);

type Opened = Awaited<ReturnType<typeof openAccounts>>;

const withAccounts = async (config: Config, work: (accounts: Opened) => Promise<number>): Promise<void> => {
  let accounts: Opened | undefined;
  try {
    accounts = await openAccounts(config);
    process.exitCode = await work(accounts);
  } catch (error) {
    process.exitCode = refused(`The accounts cannot be reached: ${reasonOf(error)}`);
  } finally {
    await accounts?.close();
  }
};
