// `chatvui admin`: who looks after the whole installation. Works on the accounts alone, so also beside a running server,
// which believes it within two seconds.

import type { Account, Accounts } from '../../ports/accounts/port.ts';
import { reasonOf } from '../../ports/errors.ts';
import { openAccounts } from '../adapters.ts';
import type { Config } from '../config.ts';
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

const named = (accounts: Accounts, name: string): Promise<Account | null> =>
  accounts.byUsername(name.normalize('NFC'));

const refused = (why: string): number => {
  console.error(why);
  return 1;
};

const missing = (name: string): number =>
  refused(`Nobody here is called "${name}". Names are exact: case and accents count.`);

const withAccounts = async (config: Config, work: (accounts: Accounts) => Promise<number>): Promise<void> => {
  let accounts: Accounts | undefined;
  try {
    accounts = await openAccounts(config);
    process.exitCode = await work(accounts);
  } catch (error) {
    process.exitCode = refused(`The accounts cannot be reached: ${reasonOf(error)}`);
  } finally {
    await accounts?.close();
  }
};
