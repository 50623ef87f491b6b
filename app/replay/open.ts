// A replay from its configuration: the log to look at, the stores, and a copy with what follows the log into it.
import { type Skips, skipsOf } from '../../consumers/skips.ts';
import { OutsideError } from '../../ports/errors.ts';
import type { LogLook } from '../../ports/event-log/embedded-look.ts';
import type { HistoryReader } from '../../ports/history/port.ts';
import { lookAtLog, openStores, type Stores } from '../adapters.ts';
import { numberOf, UsageError } from '../arguments.ts';
import type { Config } from '../config.ts';
import { loggerOf } from '../process.ts';
import { follow, type Places } from './follower.ts';
import type { Replay } from './level.ts';
import { Pace } from './pace.ts';
import { isReplayName, type Replayable, replayableOf, replayNames } from './projections.ts';

/** Leaves most of two processors to those who talk. */
const usualRate = 5_000;
/** History keeps why it passed an event by; of more than this the oldest are forgotten here. */
const lettersMax = 100_000;

export type ReplayOptions = { rate?: string; skip?: string[] };

export type Bench = { log: LogLook; stores: Stores; close(): Promise<void> };

export const openBench = async (config: Config): Promise<Bench> => {
  const log = await lookAtLog(config, loggerOf({ ...config, logLevel: 'silent' }));
  try {
    const stores = await openStores(config);
    return {
      log,
      stores,
      close: async () => {
        await stores.close();
        await log.close();
      },
    };
  } catch (error) {
    await log.close().catch(() => undefined);
    throw error;
  }
};

export const replayableNamed = (name: string, stores: Stores): Replayable => {
  if (!isReplayName(name))
    throw new UsageError(`There is no projection "${name}". There are: ${replayNames.join(', ')}.`);
  const found = replayableOf(name, stores);
  if (!found) throw new UsageError(`There is no ${name} here: set ELASTICSEARCH_URL.`);
  return found;
};

/** All that there are. */
export const replayables = (stores: Stores): Replayable[] =>
  replayNames.flatMap((name) => replayableOf(name, stores) ?? []);

export type Opened = Replay & { writer: unknown; close(): Promise<void> };

export const openReplay = async (
  { log, stores }: Bench,
  replayable: Replayable,
  options: ReplayOptions,
): Promise<Opened> => {
  const { topics } = replayable;
  const pace = new Pace(rateOf(options.rate));
  const epoch = await log.epoch();
  const { copy, projection } = await replayable.begin(epoch);
  const skips = await skipsFor(stores.history.reader, options.skip ?? []);
  const follower = await follow({ log, topics, projection, skips, pace });
  const ends = async (): Promise<Places> => {
    const places: Places = {};
    for (const topic of topics) places[topic] = await log.endOffsets(topic);
    return places;
  };
  return { replayable, copy, follower, epoch, ends, writer: copy.writer, close: () => follower.close() };
};

const rateOf = (text: string | undefined): number => {
  if (text === undefined) return usualRate;
  if (text === 'max') return Number.POSITIVE_INFINITY;
  const rate = numberOf('--rate', text) as number;
  if (rate === 0) throw new UsageError('--rate wants events for each second, or max.');
  return rate;
};

/** What the live one was told to give up, the copy gives up too. */
const skipsFor = async (reader: Pick<HistoryReader, 'deadLetters'>, told: string[]): Promise<Skips> => {
  const { items: given } = await reader.deadLetters({ limit: lettersMax, only: 'skipped' });
  try {
    return skipsOf([
      ...given.map(({ topic, partition, offset }) => `${topic}/${partition}/${offset}`),
      ...told,
    ]);
  } catch (error) {
    throw error instanceof Error ? new UsageError(error.message) : error;
  }
};

/** Only one old one is kept. */
export const refuseOld = async (replayable: Replayable): Promise<void> => {
  if (!(await replayable.beside()).old) return;
  const { name } = replayable;
  const message = `What the last rebuild of ${name} put aside is still there. Drop it first: chatvui replay drop-old ${name}`;
  throw new OutsideError('old_copy_kept', 'never', message);
};
