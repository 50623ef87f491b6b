// Previews as a running thing: one projection that makes jobs, and a reader that does them.
import type { EventLog } from '../../ports/event-log/port.ts';
import type { HistoryReader } from '../../ports/history/port.ts';
import type { PreviewStore } from '../../ports/previews/port.ts';
import { type ConsumerOptions, startConsumer } from '../consumer.ts';
import { type RunningProjection, together } from '../running.ts';
import { Previews } from './projection.ts';
import { PageReader, type ReaderOptions } from './reader.ts';

export type StartPreviews = Omit<
  ConsumerOptions,
  'name' | 'topic' | 'projection' | 'log' | 'onCommit' | 'now'
> &
  Pick<ReaderOptions, 'outbound' | 'pictures' | 'rateLimit' | 'publish'> & {
    log: Pick<EventLog, 'consume' | 'epoch'>;
    store: PreviewStore;
    history: Pick<HistoryReader, 'applied' | 'voided' | 'messages'>;
  };

export const previewTopic = 'chat.conversations';
/** A preview may come a moment later. */
const gatherMs = 200;

export const startPreviews = async (options: StartPreviews): Promise<RunningProjection> => {
  const { store, history, outbound, pictures, rateLimit, publish, ...shared } = options;
  const nowMs = Date.now;
  const epoch = await shared.log.epoch();
  const reader = new PageReader({
    store,
    history,
    outbound,
    pictures,
    rateLimit,
    publish,
    logger: shared.logger,
    nowMs,
  });
  const projection = new Previews({ store, history, epoch, nowMs, wake: () => reader.wake() });
  const consumer = await startConsumer({
    gatherMs,
    ...shared,
    name: 'previews',
    topic: previewTopic,
    projection,
  });
  return together('previews', shared.skips, [consumer], reader);
};
