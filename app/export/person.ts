// What is kept about a person beside the log, for themselves: their account, devices, drafts, saved
// messages and settings, and nothing by which anybody could sign in.
import type { Account, AccountStore, StoredSession } from '../../ports/accounts/port.ts';
import { limits } from '../../schemas/limits.ts';
import type { PersonalItem } from '../../schemas/personal.ts';

/** Lines for a program. */
export const factsOf = async (accounts: AccountStore, { user, email, preferences }: Account, now: string) => {
  const sessions = await accounts.sessions(user.id, now);
  const kept = await keptBy(accounts, user.id);
  return [
    { account: { ...user, email, preferences } },
    ...sessions.map((session) => ({ session: visibleOf(session) })),
    ...kept.map((personal) => ({ personal })),
  ];
};

/** The same for the person to read. */
export const readableFactsOf = async (
  accounts: AccountStore,
  { user, email, preferences }: Account,
  now: string,
): Promise<[string, string][]> => {
  const sessions = await accounts.sessions(user.id, now);
  const kept = await keptBy(accounts, user.id);
  return [
    ['Name', user.username],
    ['Id', user.id],
    ['Here since', user.createdAt],
    ['Picture', user.profilePicUrl ?? ''],
    ['E-mail', email ?? ''],
    ['Preferences', JSON.stringify(preferences)],
    ...sessions.map((session): [string, string] => [
      'Device',
      `${session.device}, since ${session.createdAt}, last used ${session.lastUsedAt}, signed in until ${session.expiresAt}`,
    ]),
    ...kept.map(readable),
  ];
};

const keptBy = async (accounts: AccountStore, userId: string): Promise<PersonalItem[]> => {
  const kept: PersonalItem[] = [];
  for (let cursor: string | undefined; ; ) {
    const page = await accounts.personalChanges(userId, { since: 0, limit: limits.pageSizeMax, cursor });
    // Begun anew: more was removed meanwhile than is remembered.
    if (page.isWhole) kept.length = 0;
    kept.push(...page.items.filter(({ value }) => value !== null));
    if (page.nextCursor === null) return kept;
    cursor = page.nextCursor;
  }
};

const readable = ({ kind, key, value, updatedAt }: PersonalItem): [string, string] => {
  const names = { conversation: 'Settings of conversation', draft: 'Draft in', saved: 'Saved message' };
  return [`${names[kind]} ${key}`, `${JSON.stringify(value)}, ${updatedAt}`];
};

const visibleOf = ({ id, device, createdAt, lastUsedAt, expiresAt }: StoredSession) => ({
  id,
  device,
  createdAt,
  lastUsedAt,
  expiresAt,
});
