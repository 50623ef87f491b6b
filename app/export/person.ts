// What is kept about a person beside the log, for themselves: their account, devices, drafts, saved
// messages and settings, and nothing by which anybody could sign in.
import { keptBy } from '../../gateway/auth/facts.ts';
import type { Account, AccountStore } from '../../ports/accounts/port.ts';
import type { PersonalItem } from '../../schemas/personal.ts';

/** What `factsOf` says, for the person to read. */
export const readableFactsOf = async (
  accounts: AccountStore,
  { user, email, preferences }: Account,
  now: string,
): Promise<[string, string][]> => {
  const sessions = await accounts.sessions([user.id], now);
  const kept = await keptBy(accounts, user.id);
  const { choices } = await accounts.choicesOf(user.id);
  return [
    ['Name', user.username],
    ['Id', user.id],
    ['Here since', user.createdAt],
    ['Picture', user.profilePicUrl ?? ''],
    ['E-mail', email ?? ''],
    ['Preferences', JSON.stringify(preferences)],
    ['Status', [choices.statusText ?? '', choices.statusUntil ?? ''].join(' ').trim()],
    ['Privacy', JSON.stringify(choices.privacy)],
    ...sessions.map((session): [string, string] => [
      'Device',
      `${session.device}, since ${session.createdAt}, last used ${session.lastUsedAt}, signed in until ${session.expiresAt}`,
    ]),
    ...kept.map(readable),
  ];
};

const readable = ({ kind, key, value, updatedAt }: PersonalItem): [string, string] => {
  const names = { conversation: 'Settings of conversation', draft: 'Draft in', saved: 'Saved message' };
  return [`${names[kind]} ${key}`, `${JSON.stringify(value)}, ${updatedAt}`];
};
