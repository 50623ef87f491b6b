// People as others see them: the directory of history with the status of presence; and one's own account.
import type { AccountMail, Accounts, MailState } from '../ports/accounts/port.ts';
import { isOutsideError } from '../ports/errors.ts';
import type { HistoryReader } from '../ports/history/port.ts';
import type { Presence } from '../ports/presence/port.ts';
import type { EmailStatus } from '../schemas/mail.ts';
import { isRefusal, refuse } from '../schemas/refusal.ts';
import type { PresenceRow, UserRow } from '../schemas/rows.ts';
import { isId } from '../schemas/values.ts';
import type { User } from '../schemas/views.ts';
import { type People, pageFor } from './chat.ts';
import type { ChoicesKept } from './choices.ts';

export type PeopleOptions = {
  history: Pick<HistoryReader, 'findUsers' | 'users'>;
  presence: Pick<Presence, 'projected' | 'active'>;
  accounts: Pick<Accounts, 'byId' | 'isAdmin'> & Pick<AccountMail, 'mailStates'>;
  choices: Pick<ChoicesKept, 'of' | 'statusOf' | 'heard'>;
  onTrouble?: (error: unknown, what: string) => void;
};

type Known = UserRow & { lastOnline: string | null };

const statusOfAddress = (state: MailState | undefined): EmailStatus | null => {
  if (!state) return null;
  if (state.bouncedAt) return 'bounced';
  return state.verifiedAt ? 'confirmed' : 'unconfirmed';
};

/** Times are all in one form, so the later is the greater text. */
const later = (a: string | null, b: string | null): string | null => ((a ?? '') > (b ?? '') ? a : b);

export const openPeople = (options: PeopleOptions): People => {
  const { history, presence, accounts, choices, onTrouble } = options;

  const view = (user: Known, row: PresenceRow | undefined): User => ({
    id: user.id,
    username: user.username,
    profilePicUrl: user.profilePicUrl,
    status: row?.status ?? 'offline',
    lastOnline: later(user.lastOnline, row?.at ?? null),
    createdAt: user.createdAt,
    ...(user.isBot && { isBot: user.isBot }),
    ...choices.statusOf(user.id),
  });

  /** Without presence everybody is shown as offline, with what SQL knows: a directory is worth more than a green dot. */
  const statuses = async (ids: string[]): Promise<Map<string, PresenceRow>> => {
    try {
      return await presence.projected(ids);
    } catch (error) {
      if (!isOutsideError(error)) throw error;
      onTrouble?.(error, 'People are shown as offline');
      return new Map();
    }
  };
  const views = async (users: Known[]): Promise<User[]> => {
    const rows = await statuses(users.map((user) => user.id));
    return users.map((user) => view(user, rows.get(user.id)));
  };

  return {
    find: async (request) => {
      const q = request.q.normalize('NFC').trim();
      // No name contains such characters, and a database may stumble over NUL.
      if (/\p{Cc}/u.test(q)) return { items: [], nextCursor: null };
      const found = await pageFor(history.findUsers({ ...request, q }));
      if (isRefusal(found)) return found;
      return { items: await views(found.items), nextCursor: found.nextCursor };
    },

    // In the order of ids from page to page, which stays while people come and go; by name inside a page.
    active: async (request) => {
      if (request.cursor !== undefined && !isId(request.cursor))
        return refuse('invalid_input', 'This cursor is not one of ours.');
      const { items, nextCursor } = await presence.active(request);
      const rows = new Map(items.map((row) => [row.userId, row]));
      const users = await history.users([...rows.keys()]);
      const shown = users.map((user) => view(user, rows.get(user.id)));
      shown.sort((a, b) => a.username.localeCompare(b.username) || (a.id < b.id ? -1 : 1));
      return { items: shown, nextCursor };
    },

    several: async (ids) => views(await history.users(ids)),

    user: async (readerId, id) => {
      const own = id === readerId ? await accounts.byId(id) : null;
      if (own) await choices.heard(id);
      const [kept] = await history.users([id]);
      // One's own account may be newer than the directory: just registered, or history lags.
      const user =
        own && own.user.rev > (kept?.rev ?? 0) ? { ...own.user, lastOnline: kept?.lastOnline ?? null } : kept;
      if (!user) return refuse('not_found', 'There is nobody with this id.');
      const rows = await statuses([id]);
      const shown = view(user, rows.get(id));
      if (!own) return shown;
      const isInstanceAdmin = await accounts.isAdmin(id);
      const { privacy } = choices.of(id);
      const emailStatus = statusOfAddress((await accounts.mailStates([id])).get(id));
      const { email, preferences } = own;
      return { ...shown, email, emailStatus, preferences, privacy, isInstanceAdmin };
    },
  };
};
