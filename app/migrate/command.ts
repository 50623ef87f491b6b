// `chatvui migrate`: from one machine to the real servers, and back.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { reasonOf } from '../../ports/errors.ts';
import type { Blobs } from '../../ports/media/port.ts';
import {
  lookAtLog,
  openAccounts,
  openBlobs,
  openHistory,
  openLog,
  openMediaRecords,
  openMediaSpool,
  openNotifications,
  openWebhooks,
} from '../adapters.ts';
import { UsageError } from '../arguments.ts';
import type { Config } from '../config.ts';
import { loggerOf } from '../process.ts';
import { Progress } from '../progress.ts';
import { folderFirst } from './media.ts';
import { type MigrateOptions, migrate, movedTopics, type Side } from './migrate.ts';

/** Longer than anything that a running product leaves between two writes while people use it. */
const watchMs = 3_000;

type Opened = { close(): Promise<void> }[];

export const migrateCommand = async (config: Config, options: { to: string }): Promise<void> => {
  const opened: Opened = [];
  const progress = new Progress();
  try {
    const sides = await openSides(config, options.to, opened);
    const moved = await migrate({ ...sides, progress: (...step) => progress.show(...step) });
    progress.stop();
    console.log(
      `${moved.events} events, ${moved.rows} rows of accounts, notifications and webhooks, and ${moved.files} files have moved; the events were read back equal ` +
        `(SHA-256 ${moved.digest}). The log's new epoch is ${moved.epoch}. Now start the product ` +
        (options.to === 'real'
          ? 'on the real servers.'
          : `with DATA_DIR=${config.dataDir} and without the servers.`),
    );
  } catch (error) {
    progress.stop();
    console.error(`Not migrated: ${reasonOf(error)}`);
    process.exitCode = error instanceof UsageError ? 2 : 1;
  } finally {
    for (const one of opened.reverse()) await one.close().catch(() => undefined);
  }
};

const openSides = async (
  config: Config,
  to: string,
  opened: Opened,
): Promise<Omit<MigrateOptions, 'progress'>> => {
  if (to !== 'real' && to !== 'embedded') throw new UsageError('--to wants "real" or "embedded".');
  if (config.stack.kind !== 'real')
    throw new UsageError(
      'Set KAFKA_BROKERS, MYSQL_URL and REDIS_URL for the real servers, and DATA_DIR for the embedded side.',
    );
  const embedded: Config = { ...config, stack: { kind: 'embedded' } };
  const [from, into] = to === 'real' ? [embedded, config] : [config, embedded];
  const logger = loggerOf({ ...config, logLevel: 'silent' });
  // It must be there: opening it to write would make an empty one.
  await (await lookAtLog(from, logger)).close();
  const hadHistory = to === 'embedded' && existsSync(join(config.dataDir, 'history.db'));
  const source = await openSide(from, opened);
  const target = await openSide(into, opened);
  const hasHistory = hadHistory || (to === 'real' && (await historyIn(config)));
  return { source, target, hasHistory, watchMs: to === 'real' ? 0 : watchMs };
};

/** The embedded log is opened as its owner, which a running server would not allow. */
const openSide = async (config: Config, opened: Opened): Promise<Side> => {
  const { log, topics } = await openLog(config, loggerOf({ ...config, logLevel: 'silent' }));
  opened.push(log);
  await log.ensureTopics(topics);
  const accounts = await openAccounts(config);
  opened.push(accounts);
  const notifications = await openNotifications(config);
  opened.push(notifications);
  const webhooks = await openWebhooks(config);
  opened.push(webhooks);
  const records = await openMediaRecords(config);
  opened.push(records);
  const blobs = await blobsOf(config, opened);
  return { log, accounts, notifications, webhooks, media: { records, blobs, spool: openMediaSpool(config) } };
};

/** One machine keeps them in its folder, and reads those that it kept in the store. */
const blobsOf = async (config: Config, opened: Opened): Promise<Blobs> => {
  const configured = await openBlobs(config);
  opened.push(configured);
  if (config.stack.kind === 'real' || !config.s3) return configured;
  return folderFirst(await openBlobs({ ...config, s3: null }), configured);
};

const historyIn = async (config: Config): Promise<boolean> => {
  const history = await openHistory(config);
  try {
    for (const topic of movedTopics)
      if ((await history.reader.applied(topic)).some((next) => next > 0)) return true;
    return false;
  } finally {
    await history.close();
  }
};
