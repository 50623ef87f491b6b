// What is kept about a person beside the log, for themselves: their account and devices, and nothing by which anybody
// could sign in.
import type { Account, Accounts, StoredSession } from '../../ports/accounts/port.ts';

/** Lines for a program. */
export const factsOf = async (accounts: Accounts, { user, email, preferences }: Account, now: string) => {
  const sessions = await accounts.sessions(user.id, now);
  return [
    { account: { ...user, email, preferences } },
    ...sessions.map((session) => ({ session: visibleOf(session) })),
  ];
};

/** The same for the person to read. */
export const readableFactsOf = async (
  accounts: Accounts,
  { user, email, preferences }: Account,
  now: string,
): Promise<[string, string][]> => {
  const sessions = await accounts.sessions(user.id, now);
  return [
    ['Name', user.username],
    ['Id', user.id],
    ['Here since', user.createdAt],
    ['Picture', user.profilePicUrl ?? ''],
    ['E-mail', email ?? ''],
    ['Preferences', JSON.stringify(preferences)],
    ...sessions.map((session): [string, string] => [
      'Device',
      `${session.device}, since ${session.createdAt}, last used ${session.lastUsedAt}`,
    ]),
  ];
};

const visibleOf = ({ id, device, createdAt, lastUsedAt, expiresAt }: StoredSession) => ({
  id,
  device,
  createdAt,
  lastUsedAt,
  expiresAt,
});
