// What the operations page looks at: every projection with its own store, every server with its kind, the disk.
import { statfs } from 'node:fs/promises';
import { analyticsTopics } from '../consumers/analytics/start.ts';
import { mediaTopics } from '../consumers/media/start.ts';
import { notificationsTopic } from '../consumers/notifications/start.ts';
import { previewTopic } from '../consumers/previews/start.ts';
import type { HealthCheck } from '../gateway/http/deps.ts';
import type { ProjectionSource, ServerSource } from '../gateway/operations/overview.ts';
import type { Adapters } from './adapters.ts';
import type { Config } from './config.ts';

/** What was told, or asked of others, is not done anew. */
const neverBeside = { beside: async () => ({ begun: false, old: false }), begunAt: async () => null };

/** One line for each projection. */
export const projectionSources = ({
  history,
  search,
  analytics,
  notifications,
  previews,
  media,
  webhooks,
}: Adapters): ProjectionSource[] => {
  const ofHistory = (topic: string) => history.reader.applied(topic);
  return [
    { name: 'history', topics: ['chat.users', 'chat.conversations'], applied: ofHistory, beside: history },
    { name: 'presence', topics: ['chat.presence'], applied: ofHistory, beside: history.presence },
    {
      name: 'analytics',
      topics: [...analyticsTopics],
      applied: (topic) => analytics.reader.applied(topic),
      beside: analytics,
    },
    {
      name: 'notifications',
      topics: [notificationsTopic],
      applied: (topic) => notifications.writer.applied(topic),
      beside: neverBeside,
    },
    {
      name: 'media',
      topics: [...mediaTopics],
      applied: (topic) => media.records.uses.applied(topic),
      beside: neverBeside,
    },
    {
      name: 'webhooks',
      topics: ['chat.conversations'],
      applied: (topic) => webhooks.applied(topic),
      beside: neverBeside,
    },
    ...(search
      ? [
          {
            name: 'search',
            topics: ['chat.conversations'],
            applied: (topic: string) => search.reader.applied(topic),
            beside: search,
          },
        ]
      : []),
    ...(previews
      ? [
          {
            name: 'previews',
            topics: [previewTopic],
            applied: (topic: string) => previews.applied(topic),
            beside: neverBeside,
          },
        ]
      : []),
  ];
};

export const serverSources = (
  config: Config,
  adapters: Adapters,
  checks: Pick<HealthCheck, 'name' | 'needed' | 'check'>[],
): ServerSource[] => {
  const { operations, presence, search } = adapters;
  const isReal = config.stack.kind === 'real';
  const sql = { kind: isReal ? 'MySQL' : 'SQLite', version: () => operations.serverVersion() };
  const known: Record<string, Pick<ServerSource, 'kind' | 'version'>> = {
    log: { kind: isReal ? 'Kafka' : 'SQLite' },
    history: sql,
    accounts: sql,
    analytics: sql,
    notifications: sql,
    webhooks: sql,
    presence: { kind: isReal ? 'Redis' : 'memory', ...versionOf(presence) },
    media: { kind: config.s3 ? 'S3' : 'folder' },
    mail: { kind: config.mail.smtpUrl ? 'SMTP' : 'folder' },
    search: { kind: config.elasticsearchUrl ? 'Elasticsearch' : 'SQLite', ...versionOf(search) },
  };
  return checks.map((check) => ({ ...check, ...(known[check.name] ?? { kind: '' }) }));
};

const versionOf = (
  server: { serverVersion?(): Promise<string> } | null,
): { version?: () => Promise<string> } => {
  const ask = server?.serverVersion?.bind(server);
  return ask ? { version: ask } : {};
};

/** Room where DATA_DIR lies; null on the real servers, which keep nothing here. */
export const diskRoom =
  ({ stack, dataDir }: Config) =>
  async (): Promise<{ freeBytes: number; totalBytes: number } | null> => {
    if (stack.kind === 'real') return null;
    try {
      const { bavail, blocks, bsize } = await statfs(dataDir);
      return { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
    } catch {
      return null;
    }
  };
