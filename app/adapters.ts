// The only file that names adapters. A URL chooses each; clients of servers that are not used are never loaded.
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { AccountStore } from '../ports/accounts/port.ts';
import type { AnalyticsStore } from '../ports/analytics/port.ts';
import type { LogLook } from '../ports/event-log/embedded-look.ts';
import type { EventLog } from '../ports/event-log/port.ts';
import type { HistoryStore } from '../ports/history/port.ts';
import type { Inspection } from '../ports/inspection/port.ts';
import { openInspection } from '../ports/inspection/process.ts';
import type { Mailer } from '../ports/mail/port.ts';
import type { Blobs, MediaRecords, Spool } from '../ports/media/port.ts';
import { openSpool } from '../ports/media/spool.ts';
import type { NotificationStore } from '../ports/notifications/port.ts';
import type { Operations } from '../ports/operations/port.ts';
import { createOutbound } from '../ports/outbound/outbound.ts';
import type { Outbound } from '../ports/outbound/port.ts';
import type { Presence } from '../ports/presence/port.ts';
import type { PreviewStore } from '../ports/previews/port.ts';
import type { PushSender } from '../ports/push/port.ts';
import { postBy } from '../ports/push/post.ts';
import { vapidKeys, vapidSubject } from '../ports/push/vapid.ts';
import { type LocalBuckets, openMemoryRateLimit } from '../ports/rate-limit/memory.ts';
import type { RateLimit } from '../ports/rate-limit/port.ts';
import type { SearchIndex } from '../ports/search/port.ts';
import type { WebhookStore } from '../ports/webhooks/port.ts';
import { type TopicShape, topicShapes } from '../schemas/topics.ts';
import type { Config } from './config.ts';
import { productVersion } from './version.ts';

export type Adapters = {
  log: EventLog;
  topics: TopicShape[];
  history: HistoryStore;
  accounts: AccountStore;
  presence: Presence;
  operations: Operations;
  /** Null: on real servers without ELASTICSEARCH_URL. */
  search: SearchIndex | null;
  analytics: AnalyticsStore;
  webhooks: WebhookStore;
  mail: Mailer;
  notifications: NotificationStore;
  push: PushSender;
  media: MediaStores;
  rateLimit: { shared: RateLimit; local: LocalBuckets };
  /** Null: LINK_PREVIEWS=off. */
  previews: PreviewStore | null;
  /** The only way to addresses that people supply. */
  outbound: Outbound;
  close(): Promise<void>;
};

export type MediaStores = { records: MediaRecords; blobs: Blobs; spool: Spool; inspection: Inspection };

/** How long a gateway that died is still believed to hold its people's sockets. */
export const leaseMs = 9_000;

const partitionsOnOneBroker = 12;
const partitionsOnACluster = 64;
const brokersOfACluster = 3;

/** What projections have made, without the log. */
export type Stores = Pick<Adapters, 'history' | 'presence' | 'search' | 'analytics' | 'close'>;

/** What was opened, to be closed in reverse. */
const openings = () => {
  const opened: { close(): Promise<void> }[] = [];
  return {
    open: async <T extends { close(): Promise<void> }>(opening: Promise<T> | T): Promise<T> => {
      const one = await opening;
      opened.push(one);
      return one;
    },
    close: async () => {
      for (const one of opened.splice(0).reverse()) await one.close();
    },
  };
};

/** Opens everything in the order of need; what was opened is closed again when a later one fails. */
export const openAdapters = async (config: Config, logger: Logger): Promise<Adapters> => {
  const { open, close } = openings();
  try {
    const { log, topics } = await openLog(config, logger);
    await open(log);
    await log.ensureTopics(topics);
    const history = await open(openHistory(config));
    const accounts = await open(openAccounts(config));
    const presence = await open(openPresence(config));
    const operations = await open(openOperations(config));
    const search = await openSearch(config);
    if (search) await open(search);
    const analytics = await open(openAnalytics(config));
    const webhooks = await open(openWebhooks(config));
    const mail = await open(openMail(config, logger));
    const notifications = await open(openNotifications(config));
    const outbound = openOutbound(config);
    const push = await openPush(config, accounts, outbound);
    const media = await openMedia(config, open);
    const previews = config.linkPreviews ? await open(openPreviews(config)) : null;
    const local = openMemoryRateLimit();
    const shared = await open(openRateLimit(config, local));
    return {
      log,
      topics,
      history,
      accounts,
      presence,
      operations,
      search,
      analytics,
      webhooks,
      mail,
      notifications,
      media,
      rateLimit: { shared, local },
      push,
      outbound,
      previews,
      close,
    };
  } catch (error) {
    await close().catch(() => undefined);
    throw error;
  }
};

/** For tools beside a running server: the files of an embedded one may be open twice. */
export const openStores = async (config: Config): Promise<Stores> => {
  const { open, close } = openings();
  try {
    const history = await open(openHistory(config));
    const presence = await open(openPresence(config));
    const search = await openSearch(config);
    if (search) await open(search);
    return { history, presence, search, analytics: await open(openAnalytics(config)), close };
  } catch (error) {
    await close().catch(() => undefined);
    throw error;
  }
};

export const openLog = async (
  config: Config,
  logger: Logger,
): Promise<{ log: EventLog; topics: TopicShape[] }> => {
  if (config.stack.kind === 'embedded') {
    const { openEmbeddedLog } = await import('../ports/event-log/embedded.ts');
    const log = await openEmbeddedLog({ dir: config.dataDir });
    return { log, topics: topicShapes(config.conversationPartitions ?? partitionsOnOneBroker) };
  }
  const { openKafkaLog } = await import('../ports/event-log/kafka.ts');
  const options = {
    brokers: config.stack.kafkaBrokers,
    clientId: 'chatvui',
    log: (level: 'debug' | 'info' | 'warn' | 'error', message: string, extra: object) =>
      logger[level](extra, message),
  };
  const { namedLog } = await import('../ports/event-log/named.ts');
  const whole = await openKafkaLog(options);
  const log = config.installation === null ? whole : namedLog(whole, config.installation);
  const partitions = config.conversationPartitions ?? (await partitionsOf(log, options));
  return { log, topics: topicShapes(partitions) };
};

/** Only to look: embedded it takes no lock and works beside a server, and nothing is made. */
export const lookAtLog = async (config: Config, logger: Logger): Promise<LogLook> => {
  if (config.stack.kind === 'real') {
    const { log, topics } = await openLog(config, logger);
    try {
      // Asked first, because what is missing would be made by the next question, which the epoch needs.
      await log.describeTopics(topics.map(({ name }) => name));
      await log.ensureTopics(topics);
      return log;
    } catch (error) {
      await log.close().catch(() => undefined);
      throw error;
    }
  }
  const { lookAtEmbeddedLog } = await import('../ports/event-log/embedded-look.ts');
  return lookAtEmbeddedLog({ dir: config.dataDir });
};

/** As it was made once; of a new cluster by its size. */
const partitionsOf = async (
  log: EventLog,
  options: { brokers: string[]; clientId: string },
): Promise<number> => {
  try {
    const [made] = await log.describeTopics(['chat.conversations']);
    if (made) return made.partitions;
  } catch {
    // Not there yet.
  }
  const { countBrokers } = await import('../ports/event-log/kafka-brokers.ts');
  return (await countBrokers(options)) >= brokersOfACluster ? partitionsOnACluster : partitionsOnOneBroker;
};

export const openHistory = async ({ stack, dataDir }: Config): Promise<HistoryStore> => {
  if (stack.kind === 'embedded') {
    const { openSqliteHistory } = await import('../ports/history/sqlite.ts');
    return openSqliteHistory({ dir: dataDir });
  }
  const { openMysqlHistory } = await import('../ports/history/mysql.ts');
  return openMysqlHistory({ url: stack.mysqlUrl });
};

/** A history of its own in a folder of its own, whatever the product uses. */
export const openScratchHistory = async (dir: string): Promise<HistoryStore> => {
  const { openSqliteHistory } = await import('../ports/history/sqlite.ts');
  return openSqliteHistory({ dir });
};

/** Also for tools beside a running server: the file of an embedded one may be open twice. */
export const openAccounts = async ({ stack, dataDir }: Config): Promise<AccountStore> => {
  if (stack.kind === 'embedded') {
    const { openSqliteAccounts } = await import('../ports/accounts/sqlite.ts');
    return openSqliteAccounts({ dir: dataDir });
  }
  const { openMysqlAccounts } = await import('../ports/accounts/mysql.ts');
  return openMysqlAccounts({ url: stack.mysqlUrl });
};

/** Also for tools beside a running server. */
export const openOperations = async ({ stack, dataDir }: Config): Promise<Operations> => {
  if (stack.kind === 'embedded') {
    const { openSqliteOperations } = await import('../ports/operations/sqlite.ts');
    return openSqliteOperations({ dir: dataDir });
  }
  const { openMysqlOperations } = await import('../ports/operations/mysql.ts');
  return openMysqlOperations({ url: stack.mysqlUrl });
};

const openPresence = async ({ stack }: Config): Promise<Presence> => {
  if (stack.kind === 'embedded') {
    const { openMemoryPresence } = await import('../ports/presence/memory.ts');
    return openMemoryPresence({ leaseMs });
  }
  const { openRedisPresence } = await import('../ports/presence/redis.ts');
  return openRedisPresence({ url: stack.redisUrl, leaseMs });
};

const openSearch = async ({
  stack,
  dataDir,
  elasticsearchUrl,
  installation,
}: Config): Promise<SearchIndex | null> => {
  if (elasticsearchUrl) {
    const { openElasticsearch } = await import('../ports/search/elasticsearch.ts');
    const named = installation === null ? {} : { alias: `${installation}-chatvui-messages` };
    return openElasticsearch({ url: elasticsearchUrl, ...named });
  }
  // One file cannot be shared by the processes of a cluster.
  if (stack.kind === 'real') return null;
  const { openSqliteSearch } = await import('../ports/search/sqlite.ts');
  return openSqliteSearch({ dir: dataDir });
};

export const openAnalytics = async ({ stack, dataDir }: Config): Promise<AnalyticsStore> => {
  if (stack.kind === 'embedded') {
    const { openSqliteAnalytics } = await import('../ports/analytics/sqlite.ts');
    return openSqliteAnalytics({ dir: dataDir });
  }
  const { openMysqlAnalytics } = await import('../ports/analytics/mysql.ts');
  return openMysqlAnalytics({ url: stack.mysqlUrl });
};

export const openWebhooks = async ({ stack, dataDir }: Config): Promise<WebhookStore> => {
  if (stack.kind === 'embedded') {
    const { openSqliteWebhooks } = await import('../ports/webhooks/sqlite.ts');
    return openSqliteWebhooks({ dir: dataDir });
  }
  const { openMysqlWebhooks } = await import('../ports/webhooks/mysql.ts');
  return openMysqlWebhooks({ url: stack.mysqlUrl });
};

const openMail = async ({ mail, dataDir }: Config, logger: Logger): Promise<Mailer> => {
  const { smtpUrl: url, from } = mail;
  if (url) {
    const { openSmtpMailer } = await import('../ports/mail/smtp.ts');
    return openSmtpMailer({ url, from });
  }
  const { openOutboxMailer } = await import('../ports/mail/outbox.ts');
  const onKept = (file: string) =>
    logger.info({ file }, 'there is no mail server, so a mail was kept in a file');
  return openOutboxMailer({ dir: join(dataDir, 'outbox'), from, onKept });
};

const openPreviews = async ({ stack, dataDir }: Config): Promise<PreviewStore> => {
  if (stack.kind === 'embedded') {
    const { openSqlitePreviews } = await import('../ports/previews/sqlite.ts');
    return openSqlitePreviews({ dir: dataDir });
  }
  const { openMysqlPreviews } = await import('../ports/previews/mysql.ts');
  return openMysqlPreviews({ url: stack.mysqlUrl });
};

const openOutbound = ({ outboundAllow: allow }: Config): Outbound =>
  createOutbound({ allow, userAgent: `ChatVui/${productVersion}` });

/** The key pair is made with the first process that ever comes here. */
const openPush = async (
  { server }: Config,
  accounts: AccountStore,
  outbound: Outbound,
): Promise<PushSender> => {
  const { openWebPush } = await import('../ports/push/web-push.ts');
  const subject = vapidSubject(server.publicUrl ?? null);
  return openWebPush({ keys: await vapidKeys(accounts), subject, post: postBy(outbound) });
};

/** Also for tools beside a running server. */
export const openNotifications = async ({ stack, dataDir }: Config): Promise<NotificationStore> => {
  if (stack.kind === 'embedded') {
    const { openSqliteNotifications } = await import('../ports/notifications/sqlite.ts');
    return openSqliteNotifications({ dir: dataDir });
  }
  const { openMysqlNotifications } = await import('../ports/notifications/mysql.ts');
  return openMysqlNotifications({ url: stack.mysqlUrl });
};

export const openMediaRecords = async ({ stack, dataDir }: Config): Promise<MediaRecords> => {
  if (stack.kind === 'embedded') {
    const { openSqliteMedia } = await import('../ports/media/sqlite.ts');
    return openSqliteMedia({ dir: dataDir });
  }
  const { openMysqlMedia } = await import('../ports/media/mysql.ts');
  return openMysqlMedia({ url: stack.mysqlUrl });
};

/** Without an S3 store the folder: of several gateways each must have the same one. */
export const openBlobs = async ({ s3, installation, dataDir }: Config): Promise<Blobs> => {
  if (s3) {
    const { openS3 } = await import('../ports/media/s3.ts');
    return openS3({ ...s3, prefix: installation ? `${installation}/` : '' });
  }
  const { openFolder } = await import('../ports/media/folder.ts');
  return openFolder({ dir: join(dataDir, 'media') });
};

export const openMediaSpool = ({ dataDir }: Config): Spool =>
  openSpool({ dir: join(dataDir, 'media', 'coming') });

const openMedia = async (
  config: Config,
  open: ReturnType<typeof openings>['open'],
): Promise<MediaStores> => ({
  records: await open(openMediaRecords(config)),
  blobs: await open(openBlobs(config)),
  spool: openMediaSpool(config),
  inspection: await open(openInspection()),
});

const openRateLimit = async ({ stack }: Config, local: LocalBuckets): Promise<RateLimit> => {
  if (stack.kind === 'embedded') return local;
  const { openRedisRateLimit } = await import('../ports/rate-limit/redis.ts');
  return openRedisRateLimit({ url: stack.redisUrl });
};

/** Where the built web client lies: beside this bundle, or in dist/ when run from the sources. */
export const webDirOf = (moduleUrl: string): string =>
  moduleUrl.endsWith('.ts')
    ? new URL('../dist/web', moduleUrl).pathname
    : join(new URL('.', moduleUrl).pathname, 'web');
