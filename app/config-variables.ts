// The names, shapes and meanings of every environment variable. The table in docs/configuration.md is tested against it.
import { type Static, Type } from 'typebox';

const text = (description: string) => Type.Optional(Type.String({ description }));
const choice = <T extends string>(values: [T, ...T[]], preset: T, description: string) =>
  Type.Enum(values, { default: preset, description });

export const Variables = Type.Object({
  PORT: Type.Integer({
    minimum: 0,
    maximum: 65535,
    default: 3000,
    description: 'Port to listen on; 0 takes a free one',
  }),
  HOST: Type.String({
    default: '127.0.0.1',
    description: 'Address to listen on; 0.0.0.0 for every interface',
  }),
  DATA_DIR: Type.String({
    default: './data',
    description: 'Folder of everything that the embedded parts keep',
  }),
  KAFKA_BROKERS: text(
    'Event log: host:port of some brokers, separated by commas. Needs MYSQL_URL and REDIS_URL',
  ),
  MYSQL_URL: text('History and accounts: mysql://user:password@host:3306/database (MySQL 8 or MariaDB)'),
  REDIS_URL: text('Presence and rate limits: redis://[:password@]host:6379[/0] or rediss://'),
  INSTALLATION: Type.Optional(
    Type.String({
      pattern: '^[a-z0-9][a-z0-9-]{0,30}$',
      description:
        'Where several installations share Kafka or Elasticsearch: the name that topics, groups and index of this one begin with (a-z, 0-9, -). Each has a database of its own in MYSQL_URL and REDIS_URL. Fixed when the topics are made',
    }),
  ),
  CONVERSATION_PARTITIONS: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 1000,
      description:
        'Partitions of chat.conversations, fixed when the topic is made. Unset: 12, or 64 on three brokers or more',
    }),
  ),
  ELASTICSEARCH_URL: text(
    'Search: http(s)://[user:password@]host:9200 of Elasticsearch 8. Unset: a file in DATA_DIR, or none on real servers',
  ),
  S3_ENDPOINT: text('Media: http(s)://host of any S3. Unset: a folder in DATA_DIR'),
  S3_BUCKET: text('Media: the bucket'),
  S3_REGION: Type.String({ default: 'us-east-1', description: 'Media: the region' }),
  S3_ACCESS_KEY: text('Media: the access key'),
  S3_SECRET_KEY: text('Media: the secret key'),
  SMTP_URL: text(
    'Mail: smtp(s)://user:password@host:587. Needs PUBLIC_URL. Unset: a file a mail in DATA_DIR/outbox',
  ),
  MAIL_FROM: text(
    'Mail: as whom, such as ChatVui <chat@example.org>. Unset: no-reply at the host of PUBLIC_URL',
  ),
  S3_PUBLIC_URL: text(
    'Media: where browsers reach the same store, to send large files to it directly; its bucket must allow our origin to PUT. Unset: through the gateways',
  ),
  MEDIA_FILE_MAX_MB: Type.Integer({
    minimum: 1,
    maximum: 5000,
    default: 100,
    description: 'Media: how large one file may be, in MB',
  }),
  MEDIA_PERSON_MAX_MB: Type.Integer({
    minimum: 0,
    default: 5000,
    description: "Media: how much room one person's files may take, in MB; 0 for no bound",
  }),
  MEDIA_INSTANCE_MAX_MB: Type.Integer({
    minimum: 0,
    default: 0,
    description: 'Media: how much room all files may take, in MB; 0 for no bound',
  }),
  PUBLIC_URL: text('Where browsers reach the product, such as https://chat.example.org'),
  ALLOWED_ORIGINS: text(
    'Origins that may open sockets and send cookies, separated by commas. Unset: PUBLIC_URL, else the host that was asked',
  ),
  TRUST_PROXY: Type.String({
    default: 'off',
    description:
      'Whose X-Forwarded-* headers to believe: off, a number of proxies, or their addresses separated by commas (10.0.0.0/8, loopback)',
  }),
  LINK_PREVIEWS: choice(
    ['on', 'off'],
    'on',
    'Read the pages of links in new messages, to show what they say of themselves. off: nothing is fetched',
  ),
  OUTBOUND_ALLOW: text(
    'Hosts (name or address, with :port if only that) and ranges (10.1.0.0/16), separated by commas, that link previews, webhooks and push may reach although they are not public. Whoever can write a message can make the server ask them: see docs/security.md',
  ),
  TLS_CERT: text('PEM file with the certificate chain; needs TLS_KEY'),
  TLS_KEY: text('PEM file with the private key; needs TLS_CERT'),
  WEB: choice(['on', 'off'], 'on', 'Serve the browser client'),
  METRICS: choice(['on', 'off'], 'on', 'Serve /metrics'),
  RATE_LIMITS: choice(['on', 'off'], 'on', 'off only for load tests'),
  LOG_LEVEL: choice(
    ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'],
    'info',
    'What is worth a line of log',
  ),
});
export type Variables = Static<typeof Variables>;
export type VariableName = keyof Variables;

export const variableNames = Object.keys(Variables.properties) as VariableName[];

/** Never printed. Passwords inside URLs are hidden apart from this. */
export const secretNames: ReadonlySet<VariableName> = new Set(['S3_ACCESS_KEY', 'S3_SECRET_KEY']);

/** A typing mistake in one of these would silently choose another adapter, so it is refused instead of hinted at. */
export const choosingNames: ReadonlySet<VariableName> = new Set([
  'KAFKA_BROKERS',
  'MYSQL_URL',
  'REDIS_URL',
  'ELASTICSEARCH_URL',
  'S3_ENDPOINT',
  'SMTP_URL',
]);

/** What the documents say of it. */
export const documentationOf = (name: VariableName): { preset: string; description: string } => {
  const { default: preset, description } = Variables.properties[name] as {
    default?: unknown;
    description?: string;
  };
  return { preset: preset === undefined ? '' : String(preset), description: description ?? '' };
};
