// The product as real processes: embedded in one, or every role of it several times on real servers.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, ProductProcess } from './harness-process.ts';
import { type Mails, mailsAtSink, mailsInFolder } from './mails.ts';

/** One or two doors of the same product: what every journey runs against. */
export type Target = {
  name: string;
  urls: string[];
  processes: ProductProcess[];
  /** Left out: nobody can look into where its mails go. */
  mails?: Mails;
  stop(): Promise<void>;
};

export type Embedded = Target & { url: string; process: ProductProcess; dataDir: string };
export type Role =
  | 'gateway-1'
  | 'gateway-2'
  | 'history'
  | 'history-2'
  | 'views'
  | 'notifications'
  | 'notifications-2';
export type Cluster = Target & {
  process(role: Role): ProductProcess;
};

/** Nothing leaves the machine because a message of a test has a link. */
const common = { HOST: '127.0.0.1', RATE_LIMITS: 'off', LOG_LEVEL: 'info', LINK_PREVIEWS: 'off' };

export const startEmbedded = async ({
  env = {},
}: {
  env?: Record<string, string>;
} = {}): Promise<Embedded> => {
  const dataDir = await mkdtemp(join(tmpdir(), 'chatvui-test-'));
  const port = String(await freePort());
  const url = `http://127.0.0.1:${port}`;
  const process = new ProductProcess({
    name: 'embedded',
    args: ['start'],
    env: { ...common, PORT: port, DATA_DIR: dataDir, ...env },
    url,
  });
  const stop = async () => {
    await ended([process]);
    await rm(dataDir, { recursive: true, force: true });
  };
  await startedOr(stop, () => process.start());
  const mails = mailsInFolder(join(dataDir, 'outbox'));
  return { name: 'embedded', urls: [url], url, process, processes: [process], dataDir, mails, stop };
};

/**
 * Two gateways, and three processes of consumers: the cores are few. `history-2` and `notifications-2` are there to be
 * started when a test wants a second. `stackEnv`: addresses of the real servers.
 */
export const startCluster = async (stackEnv: Record<string, string>): Promise<Cluster> => {
  const dataDir = await mkdtemp(join(tmpdir(), 'chatvui-cluster-'));
  // Consumers have an address too: their health.
  const make = async (name: Role, args: string[]) => {
    const port = String(await freePort());
    const env = { ...common, DATA_DIR: dataDir, ...stackEnv, PORT: port };
    return new ProductProcess({ name, args, env, url: `http://127.0.0.1:${port}` });
  };
  const views = [
    'presence',
    'analytics',
    'webhooks',
    'media',
    ...(stackEnv.ELASTICSEARCH_URL ? ['search'] : []),
    ...(stackEnv.LINK_PREVIEWS === 'on' ? ['previews'] : []),
  ];
  const roles = {
    'gateway-1': await make('gateway-1', ['gateway']),
    'gateway-2': await make('gateway-2', ['gateway']),
    history: await make('history', ['consume', 'history']),
    'history-2': await make('history-2', ['consume', 'history']),
    views: await make('views', ['consume', ...views]),
    notifications: await make('notifications', ['consume', 'notifications']),
    'notifications-2': await make('notifications-2', ['consume', 'notifications']),
  } satisfies Record<Role, ProductProcess>;
  const processes = Object.values(roles);
  const stop = async () => {
    await ended(processes);
    await rm(dataDir, { recursive: true, force: true });
  };
  await startedOr(stop, async () => {
    // The first gateway makes topics and tables; the others find them.
    await roles['gateway-1'].start();
    const others = [roles.history, roles.views, roles['gateway-2'], roles.notifications];
    await Promise.all(others.map((role) => role.start()));
  });
  const urls = [roles['gateway-1'], roles['gateway-2']].map(({ url }) => url as string);
  const sink = process.env.SMTP_SINK_URL;
  const mails = stackEnv.SMTP_URL && sink ? { mails: mailsAtSink(sink) } : {};
  return { name: 'cluster', urls, processes, process: (role) => roles[role], ...mails, stop };
};

const ended = async (processes: ProductProcess[]): Promise<void> => {
  await Promise.all(
    processes.map(async (process) => {
      if (!process.isRunning) return;
      // A stopped one would sleep through it.
      await process.kill('SIGCONT');
      await process.kill('SIGTERM').catch(() => process.kill('SIGKILL'));
    }),
  );
};

const startedOr = async (stop: () => Promise<void>, start: () => Promise<void>): Promise<void> => {
  try {
    await start();
  } catch (error) {
    await stop();
    throw error;
  }
};

/** The real servers that the test run has brought up for everybody, or null. */
export const sharedStackEnv = (): Record<string, string> | null => {
  const names = ['KAFKA_BROKERS', 'MYSQL_URL', 'REDIS_URL', 'ELASTICSEARCH_URL'];
  const given = names.map((name) => [name, process.env[name] ?? ''] as const);
  if (!given.every(([, value]) => value)) return null;
  const { S3_ENDPOINT = '', S3_BUCKET = '', S3_ACCESS_KEY = '', S3_SECRET_KEY = '' } = process.env;
  const s3 = { S3_ENDPOINT, S3_BUCKET, S3_ACCESS_KEY, S3_SECRET_KEY, S3_PUBLIC_URL: S3_ENDPOINT };
  const { SMTP_URL = '' } = process.env;
  return { ...Object.fromEntries(given), ...(S3_ENDPOINT && s3), ...(SMTP_URL && { SMTP_URL }) };
};

/** Doors of a product that runs already: CHATVUI_TEST_URLS="http://a,http://b". */
export const runningTarget = (): Target | null => {
  const urls = (process.env.CHATVUI_TEST_URLS ?? '').split(',').filter(Boolean);
  return urls.length === 0 ? null : { name: 'running', urls, processes: [], stop: async () => {} };
};

/** For the end of a failed test: what the processes said. */
export const printLogs = (target: Target): void => {
  for (const process of target.processes) console.error(`--- ${process.name}\n${process.tail(30)}`);
};
