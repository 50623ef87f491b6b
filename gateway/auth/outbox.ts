// From the accounts' outbox to the log. Whoever wrote an entry publishes it at once; a sweep takes what was left behind
// by a crash or an outage. An entry may reach the log twice: rows are taken by their rev, so that is harmless.
import type { Accounts, OutboxEntry } from '../../ports/accounts/port.ts';

export type UserLog = {
  /** False when an append would fail now: then nothing is written anywhere. */
  ready(): boolean;
  /** Appends to `chat.users`; resolves with the place in the key's partition. */
  publishUserEvent(key: string, json: string): Promise<number>;
  /** Resolves when history has applied that place of the key's partition. */
  waitApplied(topic: 'chat.users', key: string, position: number): Promise<void>;
};

export type OutboxOptions = {
  accounts: Pick<Accounts, 'outbox' | 'outboxDone'>;
  log: UserLog;
  onTrouble?: (error: unknown, what: string) => void;
  sweepEveryMs?: number;
  /** How long a writer waits for the directory to show what it wrote. */
  waitMs?: number;
};

export type Outbox = {
  /** Publishes own entry and waits until history has it, both bounded. False: it will be there later. Never throws. */
  settle(entry: Pick<OutboxEntry, 'id' | 'key' | 'value'>): Promise<boolean>;
  /** Publishes what was left behind. With `all` also what somebody may be publishing right now. */
  sweep(all?: boolean): Promise<number>;
  start(): void;
  close(): Promise<void>;
};

const sweepSize = 200;

const within = async <T>(work: Promise<T>, ms: number): Promise<T> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
};

export const openOutbox = (options: OutboxOptions): Outbox => {
  const { accounts, log, onTrouble, sweepEveryMs = 5000, waitMs = 5000 } = options;
  let seenBefore = new Set<number>();
  let timer: NodeJS.Timeout | undefined;
  let sweeping: Promise<number> | undefined;

  const sweepOnce = async (all: boolean): Promise<number> => {
    const entries = await accounts.outbox(sweepSize);
    // An entry of this very moment is its writer's business; one that was there a sweep ago has lost its writer.
    const left = all ? entries : entries.filter((entry) => seenBefore.has(entry.id));
    seenBefore = new Set(entries.map((entry) => entry.id));
    let done = 0;
    for (const entry of left) {
      await log.publishUserEvent(entry.key, entry.value);
      await accounts.outboxDone([entry.id]);
      done += 1;
    }
    return done;
  };
  const sweep = (all = false): Promise<number> => {
    sweeping ??= sweepOnce(all).finally(() => {
      sweeping = undefined;
    });
    return sweeping;
  };

  return {
    settle: async (entry) => {
      const work = async () => {
        const position = await log.publishUserEvent(entry.key, entry.value);
        await accounts.outboxDone([entry.id]);
        await log.waitApplied('chat.users', entry.key, position);
      };
      try {
        const working = work();
        working.catch(() => {});
        await within(working, waitMs);
        return true;
      } catch (error) {
        onTrouble?.(error, 'A change of a profile will reach the directory later');
        return false;
      }
    },
    sweep,
    start: () => {
      timer ??= setInterval(() => {
        if (log.ready()) sweep().catch((error) => onTrouble?.(error, 'The outbox could not be swept'));
      }, sweepEveryMs).unref();
    },
    close: async () => {
      clearInterval(timer);
      await sweeping?.catch(() => {});
    },
  };
};
