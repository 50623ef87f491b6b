// The projections as roles of a process.

import { startAnalytics } from '../consumers/analytics/start.ts';
import { startHistory } from '../consumers/history/start.ts';
import { startMedia } from '../consumers/media/start.ts';
import { consumerMetrics } from '../consumers/metrics.ts';
import { startNotifications } from '../consumers/notifications/start.ts';
import { startPresence } from '../consumers/presence/start.ts';
import { startPreviews } from '../consumers/previews/start.ts';
import type { PartitionStatus } from '../consumers/projection.ts';
import type { RunningProjection } from '../consumers/running.ts';
import { startSearch } from '../consumers/search/start.ts';
import { skipsOf } from '../consumers/skips.ts';
import { startWebhooks } from '../consumers/webhooks/start.ts';
import { partitionFor } from '../ports/event-log/partition.ts';
import { encodeEvent } from '../schemas/codec.ts';
import type { ChatEvent } from '../schemas/events.ts';
import type { TopicName } from '../schemas/topics.ts';
import { channelsOf } from './channels.ts';
import { scan } from './log-scan.ts';
import { previewPictures } from './preview-pictures.ts';
import type { Running } from './process.ts';
import type { Role } from './roles.ts';

export const consumerNames = [
  'history',
  'presence',
  'search',
  'analytics',
  'notifications',
  'previews',
  'media',
  'webhooks',
] as const;
export type ConsumerName = (typeof consumerNames)[number];
export const isConsumerName = (name: string): name is ConsumerName =>
  consumerNames.includes(name as ConsumerName);

/** The first event of a quiet moment is committed at once; what follows so closely shares a transaction. */
const historyGatherMs = 20;
const viewCheckMs = 30_000;

export type ConsumerRole = Role & { projection: RunningProjection; status(): PartitionStatus[] };

export type ConsumerSettings = {
  /** Events that a person has told it to give up, as `topic/partition/offset`. */
  skip?: string[];
  onCommit?: (topic: string, partition: number, next: number) => void;
};

export const startConsumers = async (
  wanted: ConsumerName[],
  running: Running,
  settings: ConsumerSettings,
): Promise<ConsumerRole[]> => {
  const { adapters, logger, registry, onFailure } = running;
  const { log, history, presence, search, analytics, topics, webhooks, outbound, accounts } = adapters;
  const shared = {
    log,
    logger,
    metrics: consumerMetrics(registry),
    onFailure,
    skips: skipsOf(settings.skip ?? []),
    ...(settings.onCommit ? { onCommit: settings.onCommit } : {}),
  };
  // Only history's progress is waited for.
  const { onCommit, ...beside } = shared as typeof shared & Pick<ConsumerSettings, 'onCommit'>;
  const partitionsOf = (topic: TopicName) => topics.find(({ name }) => name === topic)?.partitions ?? 1;
  const publishTo = (topic: TopicName) => (event: ChatEvent) =>
    log.append(topic, [
      {
        partition: partitionFor(event.subject, partitionsOf(topic)),
        key: event.subject,
        value: encodeEvent(event),
      },
    ]);
  const start: Record<ConsumerName, () => Promise<RunningProjection>> = {
    history: () => startHistory({ ...shared, writer: history.writer, gatherMs: historyGatherMs }),
    presence: () =>
      startPresence({
        ...shared,
        store: history.presence,
        view: presence,
        partitions: partitionsOf('chat.presence'),
        publish: publishTo('chat.presence'),
        // In Redis `replay verify` looks at it.
        ...(running.config.stack.kind === 'embedded' ? { checkMs: viewCheckMs } : {}),
      }),
    search: () => {
      if (!search) throw new Error('There is no search index here: set ELASTICSEARCH_URL.');
      return startSearch({ ...beside, writer: search.writer, history: history.reader });
    },
    notifications: async () =>
      startNotifications({
        ...beside,
        registry,
        store: adapters.notifications,
        history: history.reader,
        accounts: adapters.accounts,
        presence,
        channels: await channelsOf(running),
        partitions: {
          conversations: partitionsOf('chat.conversations'),
          notifications: partitionsOf('chat.notifications'),
        },
      }),
    media: () =>
      startMedia({
        ...beside,
        registry,
        records: adapters.media.records,
        blobs: adapters.media.blobs,
        history: history.reader,
      }),
    analytics: () => startAnalytics({ ...beside, writer: analytics.writer, history: history.reader }),
    previews: () => {
      const { previews: store, outbound, rateLimit } = adapters;
      if (!store) throw new Error('Nothing is to be done: LINK_PREVIEWS is off.');
      const publish = publishTo('chat.conversations');
      return startPreviews({
        ...beside,
        store,
        history: history.reader,
        outbound,
        pictures: previewPictures(adapters.media, running.config.media),
        rateLimit: rateLimit.shared,
        publish,
      });
    },
    webhooks: () =>
      startWebhooks({
        ...beside,
        store: webhooks,
        history: history.reader,
        outbound,
        read: (partition, from, to) =>
          scan(log, [{ topic: 'chat.conversations', partition, from, to }], 'partition'),
        partitionOf: (id) => partitionFor(id, partitionsOf('chat.conversations')),
        ownerOf: async (botId) => (await accounts.bot(botId))?.ownerId ?? null,
        isAlone: running.config.stack.kind === 'embedded',
      }),
  };

  const roles: ConsumerRole[] = [];
  for (const name of wanted) {
    const projection = await start[name]();
    roles.push({ name, projection, status: () => projection.status(), stop: () => projection.close() });
  }
  return roles;
};
