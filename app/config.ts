// The configuration: read once from the environment, refused whole with its fixes when it makes no sense. A URL chooses
// each adapter; unset means embedded. Nothing else in the product reads the environment.
import { resolve } from 'node:path';
import { envSchema } from 'env-schema';
import { type ConfigProblem, checkVariables, listOf, parseUrl, senderOf } from './config-checks.ts';
import { findTypos } from './config-typos.ts';
import {
  choosingNames,
  documentationOf,
  secretNames,
  type VariableName,
  Variables,
  variableNames,
} from './config-variables.ts';

export type ServerConfig = {
  host: string;
  /** 0: the system chooses a free one. */
  port: number;
  publicUrl: string | null;
  /** Empty: only the host that was asked. */
  allowedOrigins: string[];
  /** What Fastify's `trustProxy` takes. */
  trustProxy: false | number | string[];
  tls: { certFile: string; keyFile: string } | null;
  web: boolean;
  metrics: boolean;
};

/** The three servers of the real stack come together or not at all. */
export type StackConfig =
  | { kind: 'embedded' }
  | { kind: 'real'; kafkaBrokers: string[]; mysqlUrl: string; redisUrl: string };

export type S3Config = {
  endpoint: string;
  bucket: string;
  region: string;
  accessKey: string;
  secretKey: string;
  /** Where browsers reach it; null: parts of files come through the gateways. */
  publicUrl: string | null;
};

export type MailConfig = {
  /** Null: kept in a folder. */
  smtpUrl: string | null;
  from: { name: string; address: string };
};

export type Config = {
  server: ServerConfig;
  stack: StackConfig;
  /** Absolute. */
  dataDir: string;
  /** On servers that several share: what its names there begin with. Null: it has them to itself. */
  installation: string | null;
  /** Null: the composition root decides by the size of the cluster. */
  conversationPartitions: number | null;
  elasticsearchUrl: string | null;
  s3: S3Config | null;
  mail: MailConfig;
  linkPreviews: boolean;
  /** What people's requests may reach although it is not public. */
  outboundAllow: string[];
  media: { fileBytesMax: number; personBytesMax: number; instanceBytesMax: number };
  rateLimits: boolean;
  logLevel: Variables['LOG_LEVEL'];
  /** The values in effect, for `describeConfig`. */
  variables: Variables;
};

/** Where people reach the product, as far as the configuration knows. */
export const originIn = ({ server }: Config): string => {
  if (server.publicUrl !== null) return server.publicUrl;
  const everywhere = server.host === '0.0.0.0' || server.host === '::';
  const host = server.host.includes(':') ? `[${server.host}]` : server.host;
  return `${server.tls ? 'https' : 'http'}://${everywhere ? 'localhost' : host}:${server.port}`;
};

export type LoadedConfig =
  | { kind: 'ok'; config: Config; hints: string[] }
  | { kind: 'invalid'; problems: ConfigProblem[] };

const mib = 1024 * 1024;

type Env = Record<string, string | undefined>;

/** Pure but for one look at the two TLS files. */
export const loadConfig = (env: Env): LoadedConfig => {
  const given = onlySet(env);
  const parsed = parseShapes(given);
  if ('problems' in parsed) return { kind: 'invalid', problems: parsed.problems };
  const { variables } = parsed;
  const typos = findTypos(given);
  const problems = [
    ...typos.filter((typo) => choosingNames.has(typo.meant)).map(typoProblem),
    ...checkVariables(variables),
  ];
  if (problems.length > 0) return { kind: 'invalid', problems };
  const hints = typos.map(({ name, meant }) => `${name} is not known here. Did you mean ${meant}?`);
  return { kind: 'ok', config: toConfig(variables), hints };
};

/** For a person: every variable with its value in effect, secrets hidden. */
export const describeConfig = (config: Config): Record<VariableName, string> =>
  Object.fromEntries(variableNames.map((name) => [name, shown(name, config.variables[name])])) as Record<
    VariableName,
    string
  >;

/** One block of text for the terminal. */
export const describeProblems = (problems: ConfigProblem[]): string =>
  ['The configuration does not make sense, so nothing was started:']
    .concat(problems.map(({ name, problem, fix }) => `  ${name} ${problem}\n    -> ${fix}`))
    .join('\n');

/** What a compose file leaves empty (`${X:-}`) is not set. */
const onlySet = (env: Env): Record<string, string> =>
  Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value?.trim() ? [[name, value.trim()]] : [])),
  );

type AjvError = { instancePath: string; message?: string; params: { allowedValues?: string[] } };

const parseShapes = (
  given: Record<string, string>,
): { variables: Variables } | { problems: ConfigProblem[] } => {
  try {
    return { variables: envSchema<Variables>({ schema: Variables, data: given, env: false }) };
  } catch (error) {
    const errors = (error as { errors?: AjvError[] }).errors;
    if (!errors) throw error;
    return { problems: errors.map(shapeProblem) };
  }
};

const shapeProblem = ({ instancePath, message, params }: AjvError): ConfigProblem => {
  const name = instancePath.slice(1);
  const allowed = params.allowedValues?.join(', ');
  return {
    name,
    problem: message ?? 'is not valid',
    fix: allowed ? `One of: ${allowed}` : documentationOf(name as VariableName).description,
  };
};

const typoProblem = ({ name, meant }: { name: string; meant: string }): ConfigProblem => ({
  name,
  problem: 'is not known here, and ignoring it would choose another store than you want',
  fix: `Rename it to ${meant}, or unset it`,
});

const toConfig = (variables: Variables): Config => ({
  server: toServer(variables),
  stack: toStack(variables),
  dataDir: resolve(variables.DATA_DIR),
  installation: variables.INSTALLATION ?? null,
  conversationPartitions: variables.CONVERSATION_PARTITIONS ?? null,
  elasticsearchUrl: variables.ELASTICSEARCH_URL ?? null,
  s3: toS3(variables),
  mail: toMail(variables),
  linkPreviews: variables.LINK_PREVIEWS === 'on',
  outboundAllow: listOf(variables.OUTBOUND_ALLOW),
  media: {
    fileBytesMax: variables.MEDIA_FILE_MAX_MB * mib,
    personBytesMax: variables.MEDIA_PERSON_MAX_MB * mib,
    instanceBytesMax: variables.MEDIA_INSTANCE_MAX_MB * mib,
  },
  rateLimits: variables.RATE_LIMITS === 'on',
  logLevel: variables.LOG_LEVEL,
  variables,
});

const toServer = (variables: Variables): ServerConfig => {
  const { TLS_CERT: certFile, TLS_KEY: keyFile } = variables;
  const publicUrl = variables.PUBLIC_URL ? new URL(variables.PUBLIC_URL).origin : null;
  const origins = listOf(variables.ALLOWED_ORIGINS);
  return {
    host: variables.HOST,
    port: variables.PORT,
    publicUrl,
    allowedOrigins: origins.length > 0 || publicUrl === null ? origins : [publicUrl],
    trustProxy: toTrust(variables.TRUST_PROXY),
    tls: certFile && keyFile ? { certFile, keyFile } : null,
    web: variables.WEB === 'on',
    metrics: variables.METRICS === 'on',
  };
};

const toTrust = (value: string): ServerConfig['trustProxy'] => {
  if (value === 'off' || value === '0') return false;
  return /^\d+$/.test(value) ? Number(value) : listOf(value);
};

const toStack = (variables: Variables): StackConfig => {
  const { MYSQL_URL: mysqlUrl, REDIS_URL: redisUrl } = variables;
  const kafkaBrokers = listOf(variables.KAFKA_BROKERS);
  if (kafkaBrokers.length === 0 || !mysqlUrl || !redisUrl) return { kind: 'embedded' };
  return { kind: 'real', kafkaBrokers, mysqlUrl, redisUrl };
};

const toS3 = (variables: Variables): S3Config | null => {
  const { S3_ENDPOINT: endpoint, S3_BUCKET: bucket, S3_REGION: region } = variables;
  const { S3_ACCESS_KEY: accessKey, S3_SECRET_KEY: secretKey } = variables;
  if (!endpoint || !bucket || !accessKey || !secretKey) return null;
  return { endpoint, bucket, region, accessKey, secretKey, publicUrl: variables.S3_PUBLIC_URL ?? null };
};

const toMail = ({ SMTP_URL, MAIL_FROM, PUBLIC_URL }: Variables): MailConfig => {
  const host = PUBLIC_URL ? new URL(PUBLIC_URL).hostname : 'localhost';
  const usual = { name: 'ChatVui', address: `no-reply@${host}` };
  return { smtpUrl: SMTP_URL ?? null, from: (MAIL_FROM && senderOf(MAIL_FROM)) || usual };
};

const shown = (name: VariableName, value: string | number | undefined): string => {
  if (value === undefined) return '(unset)';
  if (secretNames.has(name)) return '***';
  return withoutPassword(String(value));
};

/** `scheme://user:secret@host` keeps everything but the secret; queries may hold keys too. */
const withoutPassword = (value: string): string => {
  if (!/^[a-z]+:\/\//.test(value)) return value;
  const url = parseUrl(value);
  if (!url) return value;
  const hadSecret = url.password !== '' || url.search !== '';
  url.password = url.password ? '***' : '';
  url.search = url.search ? '?***' : '';
  return hadSecret ? url.href : value;
};
