// History as a running thing: one projection, fed from two topics.
import type { EventLog } from '../../ports/event-log/port.ts';
import type { HistoryWriter } from '../../ports/history/port.ts';
import { type ConsumerOptions, type RunningConsumer, startConsumer } from '../consumer.ts';
import { type RunningProjection, together } from '../running.ts';
import { History } from './history.ts';

export type StartHistory = Omit<ConsumerOptions, 'name' | 'topic' | 'projection' | 'log'> & {
  log: Pick<EventLog, 'consume' | 'epoch'>;
  writer: HistoryWriter;
};

/** Reads wait for history, so it gathers nothing unless told to. */
export const startHistory = async ({ writer, ...options }: StartHistory): Promise<RunningProjection> => {
  const projection = new History({ writer, epoch: await options.log.epoch() });
  const running: RunningConsumer[] = [];
  for (const topic of ['chat.users', 'chat.conversations']) {
    running.push(await startConsumer({ ...options, name: 'history', topic, projection }));
  }
  return together('history', options.skips, running);
};
