// One place that configures kafkajs, keeps its log quiet, and reaches the parts of it that have no public name.
import { Kafka, type KafkaConfig, logLevel } from 'kafkajs';
import { isOutsideError, OutsideError, reasonOf } from '../errors.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export type KafkaOptions = {
  brokers: string[];
  clientId: string;
  ssl?: KafkaConfig['ssl'];
  sasl?: KafkaConfig['sasl'];
  log?(level: LogLevel, message: string, extra: object): void;
  maxQueuedBytes?: number;
  /** How a connection is made; for tests that put something in between. */
  socketFactory?: KafkaConfig['socketFactory'];
};

/** Short pauses: a new leader is there within seconds, and callers have deadlines of their own. */
export const retryOften = { initialRetryTime: 50, maxRetryTime: 500, retries: 30 };

export const createKafka = (options: KafkaOptions): Kafka => {
  const { brokers, clientId, ssl, sasl, log, socketFactory } = options;
  return new Kafka({
    brokers,
    clientId,
    ...(ssl === undefined ? {} : { ssl }),
    ...(sasl === undefined ? {} : { sasl }),
    ...(socketFactory === undefined ? {} : { socketFactory }),
    connectionTimeout: 1000,
    authenticationTimeout: 5000,
    requestTimeout: 5000,
    retry: retryOften,
    logLevel: logLevel.WARN,
    // kafkajs calls every answer that it will retry an error; what stays wrong is thrown, and told by who catches it.
    logCreator:
      () =>
      ({ level, namespace, log: entry }) => {
        const { message, ...extra } = entry;
        const crash = /^Crash/.test(message);
        const quiet: LogLevel = level === logLevel.ERROR && crash ? 'warn' : 'debug';
        log?.(quiet, `kafka ${namespace}: ${message}`, extra);
      },
  });
};

/** What we use of kafkajs' own cluster: pinned at 2.2.4, whose last release was in 2023, so it does not move. */
export type FetchedMessage = { offset: string; key: Buffer | null; value: Buffer | null; timestamp: string };
export type FetchedPartition = { partition: number; highWatermark: string; messages: FetchedMessage[] };
export type FetchAsk = {
  replicaId: number;
  maxWaitTime: number;
  minBytes: number;
  maxBytes: number;
  isolationLevel: number;
  topics: { topic: string; partitions: { partition: number; fetchOffset: string; maxBytes: number }[] }[];
};
type WireRequest = {
  request: {
    apiKey: number;
    apiVersion: number;
    apiName: string;
    encode(): Promise<{ buf: Buffer; buffer: Buffer }>;
  };
  response: { decode(payload: Buffer): Promise<unknown>; parse(data: unknown): Promise<unknown> };
};
export type Broker = {
  fetch(ask: FetchAsk): Promise<{ responses: { topicName: string; partitions: FetchedPartition[] }[] }>;
  connectionPool: { send(request: WireRequest): Promise<unknown> };
};
export type Cluster = {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  addMultipleTargetTopics(topics: string[]): Promise<void>;
  refreshMetadata(): Promise<void>;
  removeBroker(place: { host: string; port: number }): void;
  findBroker(which: { nodeId: string }): Promise<Broker>;
  findControllerBroker(): Promise<Broker>;
  findTopicPartitionMetadata(topic: string): { partitionId: number; leader: number }[];
  fetchTopicsOffset(
    topics: { topic: string; partitions: { partition: number }[]; fromBeginning: boolean }[],
  ): Promise<{ topic: string; partitions: { partition: number; offset: string }[] }[]>;
};

/** A set of connections with the configuration of `kafka`, without producer, consumer or group around it. */
export const createCluster = (kafka: Kafka): Cluster => {
  const name = Object.getOwnPropertySymbols(kafka).find(
    (symbol) => symbol.description === 'private:Kafka:createCluster',
  );
  if (name === undefined) throw new Error('This kafkajs is not the one that was pinned (2.2.4).');
  const create = (kafka as unknown as Record<symbol, (options: object) => Cluster>)[name]!;
  return create({ metadataMaxAge: 300_000, allowAutoTopicCreation: false, isolationLevel: 0 });
};

const field = (error: unknown, name: string): unknown =>
  typeof error === 'object' && error !== null && name in error
    ? (error as Record<string, unknown>)[name]
    : undefined;

export const kafkaErrorType = (error: unknown): string =>
  String(field(error, 'type') ?? field(error, 'name') ?? 'unknown');

/** Authorisation and shape are for a person to change; all else may pass. */
const hopeless = /AUTHORIZATION|SASL|INVALID_TOPIC|UNSUPPORTED_VERSION|MESSAGE_TOO_LARGE|INVALID_RECORD/;

export const kafkaError = (what: string, error: unknown): OutsideError => {
  if (isOutsideError(error)) return error;
  const type = kafkaErrorType(error);
  const never = hopeless.test(type) || field(error, 'name') === 'KafkaJSSASLAuthenticationError';
  const code = never ? 'log_refused' : 'log_unavailable';
  return new OutsideError(
    code,
    never ? 'never' : 'later',
    `Kafka, ${what}: ${reasonOf(error)} (${type})`,
    error,
  );
};

/** What kafkajs says when it gives up waiting, wrapped in errors that it calls final. */
const away = /Connection|NumberOfRetries|Timeout|NotFound|NoBroker|COORDINATOR|LEADER/;

/** Brokers that are away, starting or changing places: no matter how often it happens, it ends by itself. */
export const mayPass = (error: unknown): boolean => {
  if (isOutsideError(error)) return error.retry !== 'never';
  if (field(error, 'retriable') === true || away.test(kafkaErrorType(error))) return true;
  const cause = field(error, 'cause');
  return cause !== undefined && cause !== error && mayPass(cause);
};

export const offsetNumber = (offset: string): number => {
  const number = Number(offset);
  if (Number.isSafeInteger(number)) return number;
  throw new OutsideError('log_bad_offset', 'never', `Offset ${offset} is not a safe integer.`);
};

/** A broken connection must not be chosen again, or everything waits for its timeout. */
export const forgetBroken = (cluster: Cluster, error: unknown): void => {
  const host = field(error, 'host');
  const port = field(error, 'port');
  if (field(error, 'name') !== 'KafkaJSConnectionClosedError') return;
  if (typeof host === 'string' && typeof port === 'number') cluster.removeBroker({ host, port });
};

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Waits for the work, but not longer; leaves no timer behind that would keep a process alive. */
export const atMost = async (ms: number, work: Promise<unknown>): Promise<void> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work, late]);
  clearTimeout(timer);
};
