// Presence as a running thing: the projection of its topic, and the sweeper beside it.
import { setTimeout } from 'node:timers/promises';
import { partitionFor } from '../../ports/event-log/partition.ts';
import type { EventLog } from '../../ports/event-log/port.ts';
import type { PresenceHistory } from '../../ports/history/port.ts';
import type { Presence } from '../../ports/presence/port.ts';
import type { ChatEvent } from '../../schemas/events.ts';
import { type ConsumerOptions, startConsumer } from '../consumer.ts';
import { type RunningProjection, together } from '../running.ts';
import { PresenceProjection } from './projection.ts';
import { SelfCheck } from './self-check.ts';
import { Sweeper } from './sweeper.ts';

export type StartPresence = Omit<ConsumerOptions, 'name' | 'topic' | 'projection' | 'log'> & {
  log: Pick<EventLog, 'consume' | 'epoch'>;
  store: PresenceHistory;
  view: Presence;
  /** Of chat.presence. */
  partitions: number;
  publish: (event: ChatEvent) => Promise<unknown>;
  sweepMs?: number;
  /** How often a view that lies in this process is held against its rows; left out: it lies elsewhere. */
  checkMs?: number;
};

const topic = 'chat.presence';
/** Nobody waits for it, and people come and go in crowds. */
const gatherMs = 20;

export const startPresence = async (options: StartPresence): Promise<RunningProjection> => {
  const { store, view, partitions, publish, sweepMs = 1500, checkMs, ...shared } = options;
  const projection = new PresenceProjection({ store, view, epoch: await shared.log.epoch() });
  const consumer = await startConsumer({ gatherMs, ...shared, name: 'presence', topic, projection });
  const { logger } = shared;
  const partitionOf = (userId: string) => partitionFor(userId, partitions);
  // Where the projection does not move, the view says nothing about now.
  const moving = () => {
    const running = consumer.status().filter(({ state }) => state === 'running');
    return new Set(running.map(({ partition }) => partition));
  };
  const sweeper = new Sweeper({ view, store, publish, partitionOf, kept: moving, logger });
  const check = new SelfCheck({ view, store, partitionOf, moving, logger });
  return together(
    'presence',
    shared.skips,
    [consumer],
    every(sweepMs, () => sweeper.sweep()),
    ...(checkMs === undefined ? [] : [every(checkMs, () => check.look())]),
  );
};

/** One after the other, with pauses between; `close` waits for the one that runs. */
const every = (pauseMs: number, work: () => Promise<void>): { close(): Promise<void> } => {
  const closing = new AbortController();
  const { signal } = closing;
  const running = (async () => {
    while (!signal.aborted) {
      await work();
      await setTimeout(pauseMs, undefined, { signal, ref: false }).catch(() => undefined);
    }
  })();
  return {
    close() {
      closing.abort();
      return running;
    },
  };
};
