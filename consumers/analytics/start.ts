// Analytics as a running thing: one projection, fed from two topics.
import type { AnalyticsWriter } from '../../ports/analytics/port.ts';
import type { EventLog } from '../../ports/event-log/port.ts';
import type { HistoryReader } from '../../ports/history/port.ts';
import { type ConsumerOptions, type RunningConsumer, startConsumer } from '../consumer.ts';
import { type RunningProjection, together } from '../running.ts';
import { analyticsProjection } from './projection.ts';

export type StartAnalytics = Omit<ConsumerOptions, 'name' | 'topic' | 'projection' | 'log' | 'onCommit'> & {
  log: Pick<EventLog, 'consume' | 'epoch'>;
  writer: AnalyticsWriter;
  history: Pick<HistoryReader, 'applied' | 'voided'>;
};

export const analyticsTopics = ['chat.users', 'chat.conversations'] as const;
/** Nobody looks at a chart that closely, and the machine is left to those who talk. */
const gatherMs = 500;

export const startAnalytics = async ({
  writer,
  history,
  ...options
}: StartAnalytics): Promise<RunningProjection> => {
  const projection = analyticsProjection({ writer, history, epoch: await options.log.epoch() });
  const running: RunningConsumer[] = [];
  for (const topic of analyticsTopics) {
    running.push(await startConsumer({ gatherMs, ...options, name: 'analytics', topic, projection }));
  }
  return together('analytics', options.skips, running);
};
