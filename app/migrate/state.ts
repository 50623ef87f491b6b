// What a migration remembers in the target, so that it can be killed at any moment and goes on: where it copies from, and
// how far the source went each time somebody looked.
import type { Accounts } from '../../ports/accounts/port.ts';
import type { EventLog } from '../../ports/event-log/port.ts';
import type { Stretch } from '../log-scan.ts';

const markName = 'migrate';

export type Migration = {
  /** Epoch of the source's log. */
  from: string;
  /**
   * Stretches of the source in the order in which they are copied. What the source gained since the last look is
   * another round, so that what was copied already is always the beginning of all that is to be copied.
   */
  rounds: Stretch[][];
  /** Tables have begun to move: what the source gains from now on would be missing in them. */
  hasRows: boolean;
  done: boolean;
};

export const migrationIn = async (accounts: Accounts): Promise<Migration | null> => {
  const kept = await accounts.mark(markName);
  return kept === null ? null : (JSON.parse(kept) as Migration);
};

export const keepMigration = (accounts: Accounts, migration: Migration): Promise<void> =>
  accounts.setMark(markName, JSON.stringify(migration));

/** With what the source has now. */
export const withRound = (migration: Migration, now: Stretch[]): Migration => {
  const through = new Map<string, number>();
  for (const { topic, partition, to } of migration.rounds.flat()) through.set(`${topic}/${partition}`, to);
  const fresh = now
    .map((stretch) => ({
      ...stretch,
      from: Math.max(stretch.from, through.get(`${stretch.topic}/${stretch.partition}`) ?? 0),
    }))
    .filter(({ from, to }) => from < to);
  return fresh.length === 0 ? migration : { ...migration, rounds: [...migration.rounds, fresh] };
};

/** In each topic's partitions how many records there are. */
export const endsOf = async (log: EventLog, topics: readonly string[]): Promise<Map<string, number[]>> =>
  new Map(await Promise.all(topics.map(async (topic) => [topic, await log.endOffsets(topic)] as const)));
