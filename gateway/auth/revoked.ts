// Devices that were signed out, kept as long as one of their access tokens could still be shown.
import type { Accounts } from '../../ports/accounts/port.ts';
import { accessTokenSeconds } from './tokens.ts';

const keptMs = (accessTokenSeconds + 60) * 1000;

export type Revoked = {
  has(sessionId: string): boolean;
  /** Called by whoever hears of it: this gateway itself, or its tail of `chat.signals`. Idempotent. */
  mark(sessionId: string): void;
  /** Asks the accounts: at the start, and now and then, so that a lost signal matters for seconds only. */
  reload(): Promise<void>;
};

export const openRevoked = (
  accounts: Pick<Accounts, 'revokedSince'>,
  onRevoked: (sessionId: string) => void,
  now: () => number = Date.now,
): Revoked => {
  const until = new Map<string, number>();
  const mark = (sessionId: string): void => {
    if (until.has(sessionId)) return;
    const time = now();
    // The map keeps the order of insertion, and all are kept equally long.
    for (const [id, end] of until) {
      if (end > time) break;
      until.delete(id);
    }
    until.set(sessionId, time + keptMs);
    onRevoked(sessionId);
  };
  return {
    has: (sessionId) => until.has(sessionId),
    mark,
    reload: async () => {
      const since = new Date(now() - keptMs).toISOString();
      for (const sessionId of await accounts.revokedSince(since)) mark(sessionId);
    },
  };
};
