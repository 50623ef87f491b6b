// Installations for tests of moving, each in a folder of its own.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { openSqliteAccounts } from '../../ports/accounts/sqlite.ts';
import { openEmbeddedLog } from '../../ports/event-log/embedded.ts';
import { partitionFor } from '../../ports/event-log/partition.ts';
import type { EventLog } from '../../ports/event-log/port.ts';
import { openFolder } from '../../ports/media/folder.ts';
import { openSpool } from '../../ports/media/spool.ts';
import { openSqliteMedia } from '../../ports/media/sqlite.ts';
import { openSqliteNotifications } from '../../ports/notifications/sqlite.ts';
import { openSqliteWebhooks } from '../../ports/webhooks/sqlite.ts';
import { encodeEvent } from '../../schemas/codec.ts';
import type { ChatEvent } from '../../schemas/events.ts';
import { topicShapes } from '../../schemas/topics.ts';
import type { MigrateOptions, Side } from './migrate.ts';

/** Opened by name, and gone after each test. */
export const installations = () => {
  let root: string;
  const opened: { close(): Promise<void> }[] = [];

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'chatvui-migrate-'));
  });
  afterEach(async () => {
    for (const one of opened.splice(0).reverse()) await one.close();
    rmSync(root, { recursive: true, force: true });
  });

  const openSide = async (name: string, partitions: number): Promise<Side> => {
    const dir = join(root, name);
    const kept = <T extends { close(): Promise<void> }>(one: T): T => {
      opened.push(one);
      return one;
    };
    const log = kept(await openEmbeddedLog({ dir }));
    await log.ensureTopics(topicShapes(partitions));
    const accounts = kept(await openSqliteAccounts({ dir }));
    const notifications = kept(await openSqliteNotifications({ dir }));
    const webhooks = kept(await openSqliteWebhooks({ dir }));
    const records = kept(await openSqliteMedia({ dir }));
    const files = join(dir, 'media');
    const media = {
      records,
      blobs: openFolder({ dir: files }),
      spool: openSpool({ dir: join(files, 'coming') }),
    };
    return { log, accounts, notifications, webhooks, media };
  };

  const put = async (log: EventLog, topic: string, events: ChatEvent[]): Promise<void> => {
    const [shape] = await log.describeTopics([topic]);
    const partitions = shape?.partitions as number;
    const records = events.map((event) => ({
      partition: partitionFor(event.subject, partitions),
      key: event.subject,
      value: encodeEvent(event),
    }));
    await log.append(topic, records);
  };

  return { openSide, put };
};

export const options = (source: Side, target: Side): MigrateOptions => ({
  source,
  target,
  hasHistory: false,
  watchMs: 0,
  progress: () => undefined,
});
