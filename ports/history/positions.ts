// How far each partition of history has been applied, and who may go on.
import type { Transaction } from 'kysely';
import { OutsideError } from '../errors.ts';
import type { Database } from '../sql/database.ts';
import { appliedIn, Positions, type Step } from '../sql/positions.ts';
import type { AppliedPositions, Claim } from './port.ts';
import type { HistoryTables } from './tables.ts';

type Db = Database<HistoryTables>;

const table = 'log_positions';

const positions = (db: Db): Positions<HistoryTables> =>
  new Positions(
    db,
    table,
    (epoch, other) =>
      new OutsideError(
        'history_other_log',
        'never',
        `History was made from the log ${other}, and this is the log ${epoch}. Point it at its own log, or empty history to make it again.`,
      ),
  );

export const claimPartition = (db: Db, topic: string, partition: number, epoch: string): Promise<Claim> =>
  positions(db).claim(topic, partition, epoch);

/** See Positions: false when there is nothing to write. */
export const advance = (db: Db, trx: Transaction<HistoryTables>, step: Step): Promise<boolean> =>
  positions(db).advance(trx, step);

export const appliedOf = (db: Db['read'], topic: string): Promise<AppliedPositions> =>
  appliedIn(db, table, topic);
