// What is kept about a person beside the log, for themselves: their account, devices, drafts, saved
// messages and settings, and nothing by which anybody could sign in.
import type {
  Account,
  Accounts,
  PeopleChoices,
  PersonalItems,
  StoredSession,
} from '../../ports/accounts/port.ts';
import { limits } from '../../schemas/limits.ts';
import type { PersonalItem } from '../../schemas/personal.ts';

export type FactSources = Pick<Accounts, 'sessions'> & PersonalItems & PeopleChoices;

/** Lines for a program. */
export const factsOf = async (accounts: FactSources, { user, email, preferences }: Account, now: string) => {
  const sessions = await accounts.sessions([user.id], now);
  const kept = await keptBy(accounts, user.id);
  const { choices } = await accounts.choicesOf(user.id);
  return [
    { account: { ...user, email, preferences, ...choices } },
    ...sessions.map((session) => ({ session: visibleOf(session) })),
    ...kept.map((personal) => ({ personal })),
  ];
};

export const keptBy = async (accounts: PersonalItems, userId: string): Promise<PersonalItem[]> => {
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

const visibleOf = ({ id, device, createdAt, lastUsedAt, expiresAt }: StoredSession) => ({
  id,
  device,
  createdAt,
  lastUsedAt,
  expiresAt,
});
