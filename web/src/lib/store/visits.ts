// Whose state this browser keeps from visit to visit: one person's, and nobody's after a sign-out.
import { wipeShelf } from '../media/shelf.ts';
import type { User } from '../protocol.ts';
import { sayToTabs } from '../tabs.ts';
import { type Kept, LocalStore, wipe } from './local-store.ts';

const lastPersonKey = 'chatvui.person';

export const createVisits = () => {
  /** Several tabs write one store, so it needs the lock that says which of them does. */
  const canKeep = 'locks' in navigator && 'BroadcastChannel' in globalThis;
  let opened: { userId: string; store: Promise<LocalStore | null>; kept: Kept | null } | null = null;

  let wiping: Promise<void> = Promise.resolve();

  const open = async (userId: string): Promise<LocalStore | null> => {
    if (!canKeep) return null;
    await wiping;
    return LocalStore.open(userId);
  };
  const wipeSoon = (userId: string): void => {
    wiping = wiping.then(() => wipe(userId));
  };

  return {
    /** The person that this browser has kept something of, as they were. */
    lastPerson: async (): Promise<User | null> => {
      const userId = remembered();
      if (userId === null) return null;
      const store = open(userId);
      const kept = (await (await store)?.start()) ?? null;
      opened = { userId, store, kept };
      return kept?.about.user ?? null;
    },
    /** The store of who is signed in, and what it held when the page was opened. */
    storeOf: (userId: string): { store: Promise<LocalStore | null>; kept: Kept | null } => {
      const { store, kept } = opened?.userId === userId ? opened : { store: open(userId), kept: null };
      opened = null;
      return { store, kept };
    },
    enter: (user: User): void => {
      const before = remembered();
      if (before === user.id) return;
      if (before !== null) wipeSoon(before);
      remember(user.id);
    },
    leave: (userId: string): void => {
      if (remembered() === userId) remember(null);
      opened = null;
      sayToTabs(userId, { say: 'signed-out' });
      wipeSoon(userId);
      wipeShelf(userId);
    },
  };
};

const remembered = (): string | null => {
  try {
    return localStorage.getItem(lastPersonKey);
  } catch {
    return null;
  }
};

const remember = (userId: string | null): void => {
  try {
    if (userId === null) localStorage.removeItem(lastPersonKey);
    else localStorage.setItem(lastPersonKey, userId);
  } catch {
    // Then the next visit begins with nothing.
  }
};
