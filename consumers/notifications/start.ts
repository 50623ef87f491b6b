// Notifications as a running thing: the projection that decides, and the dispatcher that tells.
import type { Registry } from 'prom-client';
import type { Accounts, ConversationChoices } from '../../ports/accounts/port.ts';
import { partitionFor } from '../../ports/event-log/partition.ts';
import type { EventLog } from '../../ports/event-log/port.ts';
import type { HistoryReader } from '../../ports/history/port.ts';
import type { Channel, NotificationStore } from '../../ports/notifications/port.ts';
import type { Presence } from '../../ports/presence/port.ts';
import { type ConsumerOptions, startConsumer } from '../consumer.ts';
import { type RunningProjection, together } from '../running.ts';
import { Dispatcher } from './dispatcher.ts';
import { LogOutbox } from './log-outbox.ts';
import { noticeMetrics } from './metrics.ts';
import { Notices } from './projection.ts';

export type StartNotifications = Omit<
  ConsumerOptions,
  'name' | 'topic' | 'projection' | 'log' | 'onCommit' | 'now'
> & {
  log: Pick<EventLog, 'consume' | 'epoch' | 'append' | 'endOffsets'>;
  store: NotificationStore;
  history: HistoryReader;
  accounts: Pick<Accounts, 'sessions'> & ConversationChoices;
  presence: Pick<Presence, 'confirmed' | 'live'>;
  channels: readonly Channel[];
  /** Of chat.conversations and chat.notifications. */
  partitions: { conversations: number; notifications: number };
  registry: Registry;
};

export const notificationsTopic = 'chat.conversations';
/** The first message of a quiet moment is decided about at once; what follows so closely shares a transaction. */
const gatherMs = 50;

export const startNotifications = async ({
  store,
  history,
  accounts,
  presence,
  channels,
  partitions,
  registry,
  ...options
}: StartNotifications): Promise<RunningProjection> => {
  const { log, logger, onFailure } = options;
  const now = Date.now;
  const partitionOf = (id: string): number => partitionFor(id, partitions.conversations);
  const outbox = new LogOutbox({
    queue: store.queue,
    log,
    partitionOf: (key) => partitionFor(key, partitions.notifications),
    logger,
    now,
  });
  const metrics = noticeMetrics(registry, store.queue, now);
  const known = { presence, channels, partitionOf, logger };
  const dispatcher = new Dispatcher({ ...known, history, accounts, store, outbox, metrics, onFailure, now });
  const epoch = await log.epoch();
  // Before anybody can say anything to a process that has both.
  await store.writer.begin(notificationsTopic, epoch, await log.endOffsets(notificationsTopic));
  const projection = new Notices({
    writer: store.writer,
    history,
    sources: { ...known, people: store.people, settings: accounts },
    epoch,
    endOf: async (topic, partition) => (await log.endOffsets(topic))[partition] ?? 0,
    onCommitted: () => dispatcher.wake(),
    now,
  });
  const consumer = await startConsumer({
    gatherMs,
    ...options,
    name: 'notifications',
    topic: notificationsTopic,
    projection,
  });
  dispatcher.start();
  return together('notifications', options.skips, [consumer], dispatcher);
};
