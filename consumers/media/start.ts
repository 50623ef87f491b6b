// Files as a running thing: one projection of what shows them, fed from two topics, and a sweeper.
import { Counter, type Registry } from 'prom-client';
import type { EventLog } from '../../ports/event-log/port.ts';
import type { HistoryReader } from '../../ports/history/port.ts';
import type { Blobs, MediaRecords, MediaUse } from '../../ports/media/port.ts';
import type { ConversationEvent, UserEvent } from '../../schemas/events.ts';
import { BesideHistory } from '../beside-history.ts';
import { type ConsumerOptions, type RunningConsumer, startConsumer } from '../consumer.ts';
import { type RunningProjection, together } from '../running.ts';
import { applyMedia } from './apply.ts';
import { MediaSweeper } from './sweeper.ts';

export type StartMedia = Omit<ConsumerOptions, 'name' | 'topic' | 'projection' | 'log' | 'onCommit'> & {
  log: Pick<EventLog, 'consume' | 'epoch' | 'endOffsets'>;
  records: MediaRecords;
  blobs: Pick<Blobs, 'remove'>;
  history: Pick<HistoryReader, 'applied' | 'voided'>;
  registry: Registry;
  sweepEveryMs?: number;
  graceMs?: number;
};

export const mediaTopics = ['chat.users', 'chat.conversations'] as const;
/** Nobody waits for it. */
const gatherMs = 500;

export const startMedia = async (options: StartMedia): Promise<RunningProjection> => {
  const { records, blobs, history, registry, sweepEveryMs = 60_000, graceMs, ...consuming } = options;
  const projection = new BesideHistory<MediaUse>(
    { writer: records.uses, history, epoch: await options.log.epoch() },
    (event, position) => applyMedia(event as ConversationEvent | UserEvent, position),
  );
  const running: RunningConsumer[] = [];
  for (const topic of mediaTopics)
    running.push(await startConsumer({ gatherMs, ...consuming, name: 'media', topic, projection }));
  const removed = new Counter({
    name: 'chatvui_media_removed_total',
    help: 'Files that were removed because nothing shows them any more',
    registers: [registry],
  });
  const sweeper = new MediaSweeper({
    records,
    blobs,
    log: options.log,
    topics: mediaTopics,
    logger: options.logger,
    onRemoved: () => removed.inc(),
    ...(graceMs !== undefined && { graceMs }),
  });
  sweeper.start(sweepEveryMs);
  return together('media', options.skips, running, sweeper);
};
