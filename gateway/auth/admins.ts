// Who may look after the whole installation, asked of the store at most every two seconds for each person: a grant or
// revocation, wherever it was made, holds at every gateway within that time.
import type { Accounts, InstanceAdmin } from '../../ports/accounts/port.ts';
import { type Refusal, refuse } from '../../schemas/refusal.ts';

export type Admins = {
  isAdmin(userId: string): Promise<boolean>;
  list(): Promise<InstanceAdmin[]>;
  grant(userId: string, by: string): Promise<Refusal | null>;
  revoke(userId: string, by: string): Promise<Refusal | null>;
  /**
   * Looks whether others have changed who is one, for the log: the first time it says who is. What another gateway did has
   * its line there; a grant on the terminal has none but this.
   */
  heed(): Promise<void>;
};

export type AdminOptions = {
  accounts: Pick<Accounts, 'admins' | 'isAdmin' | 'grantAdmin' | 'revokeAdmin'>;
  /** Grants and revocations leave a line in the log: who did it to whom; `by` null: on the terminal. */
  onSecurityEvent?: (event: { event: string; userId: string; by: string | null }) => void;
  now?: () => number;
};

const believedMs = 2_000;
const knownMax = 1_000;

export const openAdmins = (options: AdminOptions): Admins => {
  const { accounts, onSecurityEvent, now = Date.now } = options;
  const known = new Map<string, { isAdmin: boolean; until: number }>();
  /** As the log has it; null: nothing was said yet. */
  let said: Set<string> | null = null;

  return {
    isAdmin: async (userId) => {
      const kept = known.get(userId);
      const time = now();
      if (kept && kept.until > time) return kept.isAdmin;
      const isAdmin = await accounts.isAdmin(userId);
      if (known.size >= knownMax) known.clear();
      known.set(userId, { isAdmin, until: time + believedMs });
      return isAdmin;
    },
    list: () => accounts.admins(),
    grant: async (userId, by) => {
      const done = await accounts.grantAdmin({ userId, by, now: new Date(now()).toISOString() });
      known.delete(userId);
      if (done === 'unknown') return refuse('not_found', 'There is nobody with this id who can sign in.');
      if (done === 'full') return refuse('conflict', 'There are as many instance admins as there may be.');
      said?.add(userId);
      if (done === 'granted') onSecurityEvent?.({ event: 'admin_granted', userId, by });
      return null;
    },
    revoke: async (userId, by) => {
      const done = await accounts.revokeAdmin(userId);
      known.delete(userId);
      if (done === 'unknown') return refuse('not_found', 'This person is no instance admin.');
      if (done === 'last')
        return refuse('last_admin', 'This is the last instance admin. Make somebody else one first.');
      said?.delete(userId);
      onSecurityEvent?.({ event: 'admin_revoked', userId, by });
      return null;
    },
    heed: async () => {
      const before = said && new Set(said);
      const present = await accounts.admins();
      const ids = new Set(present.map(({ userId }) => userId));
      for (const { userId, grantedBy } of present) {
        if (!before) onSecurityEvent?.({ event: 'admin_present', userId, by: grantedBy });
        else if (!said?.has(userId) && !before.has(userId) && grantedBy === null)
          onSecurityEvent?.({ event: 'admin_granted', userId, by: null });
      }
      for (const userId of before ?? [])
        if (!ids.has(userId) && said?.has(userId))
          onSecurityEvent?.({ event: 'admin_revoked_elsewhere', userId, by: null });
      said = ids;
    },
  };
};
