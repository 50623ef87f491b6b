// Search as a running thing: one projection of one topic.
import type { EventLog } from '../../ports/event-log/port.ts';
import type { HistoryReader } from '../../ports/history/port.ts';
import type { SearchWriter } from '../../ports/search/port.ts';
import { type ConsumerOptions, startConsumer } from '../consumer.ts';
import { type RunningProjection, together } from '../running.ts';
import { searchProjection } from './projection.ts';

export type StartSearch = Omit<ConsumerOptions, 'name' | 'topic' | 'projection' | 'log'> & {
  log: Pick<EventLog, 'consume' | 'epoch'>;
  writer: SearchWriter;
  history: Pick<HistoryReader, 'applied' | 'voided'>;
};

const topic = 'chat.conversations';
/** An index likes few large bites, and nobody notices a tenth of a second. */
const gatherMs = 100;

export const startSearch = async ({
  writer,
  history,
  ...options
}: StartSearch): Promise<RunningProjection> => {
  const projection = searchProjection({ writer, history, epoch: await options.log.epoch() });
  const consumer = await startConsumer({ gatherMs, ...options, name: 'search', topic, projection });
  return together('search', options.skips, [consumer]);
};
