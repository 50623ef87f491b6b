// Webhooks as a running thing: a consumer that writes down what is to be told, and what tells it.
import type { EventLog, LogRecord } from '../../ports/event-log/port.ts';
import type { HistoryReader } from '../../ports/history/port.ts';
import type { Outbound } from '../../ports/outbound/port.ts';
import type { WebhookStore } from '../../ports/webhooks/port.ts';
import { type ConsumerOptions, startConsumer } from '../consumer.ts';
import { type RunningProjection, together } from '../running.ts';
import { Dispatcher } from './dispatcher.ts';
import { WebhooksProjection } from './projection.ts';
import { Replays } from './replays.ts';
import { openSender } from './sender.ts';
import { openTeller } from './tell.ts';

export type StartWebhooks = Omit<ConsumerOptions, 'name' | 'topic' | 'projection' | 'log' | 'onCommit'> & {
  log: Pick<EventLog, 'consume' | 'epoch' | 'append' | 'endOffsets'>;
  store: WebhookStore;
  history: HistoryReader;
  outbound: Pick<Outbound, 'request'>;
  read(partition: number, from: number, to: number): AsyncIterable<LogRecord>;
  partitionOf(conversationId: string): number;
  ownerOf(botId: string): Promise<string | null>;
  /** No other process works on these: whoever held a lease is dead. */
  isAlone: boolean;
};

const topic = 'chat.conversations';
const gatherMs = 50;

export const startWebhooks = async (options: StartWebhooks): Promise<RunningProjection> => {
  const { log, store, history, outbound, read, partitionOf, ownerOf, isAlone, ...shared } = options;
  const { logger, onFailure } = shared;
  if (isAlone) await store.dropLeases();
  const sender = openSender(outbound);
  const tellPaused = openTeller({ log, history, partitionOf, ownerOf });
  const dispatcher = new Dispatcher({ store, sender, logger, tellPaused, onFailure });
  const onEnqueued = () => dispatcher.wake();
  const projection = new WebhooksProjection({
    store,
    history,
    epoch: await log.epoch(),
    endOf: async (partition) => (await log.endOffsets(topic))[partition] ?? 0,
    onEnqueued,
  });
  const replays = new Replays({ store, history, read, logger, onEnqueued, onFailure });
  const consumer = await startConsumer({ gatherMs, ...shared, log, name: 'webhooks', topic, projection });
  dispatcher.start();
  replays.start();
  return together('webhooks', shared.skips, [consumer], replays, dispatcher);
};
