// The shape of topics: made once, then only looked at. What differs is refused with the way out, never mended silently.
import type { Admin } from 'kafkajs';
import { OutsideError, reasonOf } from '../errors.ts';
import { kafkaError, kafkaErrorType, pause } from './kafka-client.ts';
import type { TopicDescription, TopicSpec } from './port.ts';

const wantedCopies = 3;
/** Kafka's number for "topic" in configuration requests; kafkajs' own name for it cannot be imported from ESM. */
const topicResource = 2;

type Shape = { replicationFactor: number; config: Record<string, string> };

/** With three brokers two have every acknowledged record; with fewer, the disk must have it before the answer. */
const shapeOf = (topic: TopicSpec, brokers: number): Shape => {
  const replicationFactor = Math.min(wantedCopies, brokers);
  const replicated = replicationFactor >= wantedCopies;
  return {
    replicationFactor,
    config: {
      'cleanup.policy': 'delete',
      'retention.ms': String(topic.retentionMs),
      'retention.bytes': '-1',
      'min.insync.replicas': replicated ? '2' : '1',
      'message.timestamp.type': 'LogAppendTime',
      'unclean.leader.election.enable': 'false',
      ...(topic.flushEveryMessage && !replicated ? { 'flush.messages': '1' } : {}),
    },
  };
};

const mismatch = (
  topic: string,
  what: string,
  is: string | number,
  want: string | number,
  fix: string,
): never => {
  const text = `Topic ${topic} has ${what} ${is}, ${want} is wanted. ${fix}`;
  throw new OutsideError('topic_mismatch', 'never', text);
};

const verify = (wanted: TopicSpec, found: TopicDescription, brokers: number): void => {
  const { name, config } = found;
  if (found.partitions !== wanted.partitions) {
    const fix = `The count is fixed at birth, because another one would break the order: set it back to ${found.partitions}, or copy the log to new topics under a new epoch.`;
    mismatch(name, 'a partition count of', found.partitions, wanted.partitions, fix);
  }
  const shape = shapeOf(wanted, brokers);
  if (found.replicationFactor < shape.replicationFactor) {
    const fix = 'Give it more replicas with kafka-reassign-partitions.sh.';
    mismatch(name, 'a replication factor of', found.replicationFactor, shape.replicationFactor, fix);
  }
  const replicated = found.replicationFactor >= wantedCopies;
  for (const [key, want] of Object.entries(shape.config)) {
    const is = config[key] ?? '';
    // More brokers may have made it safer than would be asked for today.
    const enough = key === 'min.insync.replicas' ? Number(is) >= Number(want) : is === want;
    if (enough || (key === 'flush.messages' && replicated)) continue;
    const fix = `kafka-configs.sh --alter --entity-type topics --entity-name ${name} --add-config ${key}=${want}`;
    mismatch(name, key, is, want, `Fix: ${fix}`);
  }
};

const metadataOf = async (admin: Admin, names: string[]) => {
  try {
    return (await admin.fetchTopicMetadata({ topics: names })).topics;
  } catch (error) {
    throw kafkaError(`topics ${names.join(', ')}`, error);
  }
};

export const describeTopics = async (
  admin: Admin,
  names: string[],
  offsets: (topic: string) => Promise<{ starts: number[]; ends: number[] }>,
): Promise<TopicDescription[]> => {
  const topics = await metadataOf(admin, names);
  const resources = names.map((name) => ({ type: topicResource, name }));
  const configs = (await admin.describeConfigs({ resources, includeSynonyms: false })).resources;
  return Promise.all(
    names.map(async (name) => {
      const partitions = topics.find((topic) => topic.name === name)?.partitions ?? [];
      const entries = configs.find(({ resourceName }) => resourceName === name)?.configEntries ?? [];
      const config = Object.fromEntries(
        entries.map(({ configName, configValue }) => [configName, configValue]),
      );
      const { starts, ends } = await offsets(name);
      return {
        name,
        partitions: partitions.length,
        replicationFactor: Math.min(...partitions.map(({ replicas }) => replicas.length)),
        minInsyncReplicas: Number(config['min.insync.replicas'] ?? '1'),
        startOffsets: starts,
        endOffsets: ends,
        config,
      };
    }),
  );
};

const tryEnsure = async (
  admin: Admin,
  wanted: TopicSpec[],
  offsets: (topic: string) => Promise<{ starts: number[]; ends: number[] }>,
): Promise<void> => {
  const brokers = (await admin.describeCluster()).brokers.length;
  const existing = new Set(await admin.listTopics());
  const missing = wanted.filter(({ name }) => !existing.has(name));
  if (missing.length > 0) {
    // "Already exists" is another process that was faster; what it made is verified below like any other.
    await admin.createTopics({
      waitForLeaders: true,
      topics: missing.map((topic) => {
        const { replicationFactor, config } = shapeOf(topic, brokers);
        const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }));
        return { topic: topic.name, numPartitions: topic.partitions, replicationFactor, configEntries };
      }),
    });
  }
  const names = wanted.map(({ name }) => name);
  const found = await describeTopics(admin, names, offsets);
  for (const [i, topic] of wanted.entries()) verify(topic, found[i]!, brokers);
};

const tries = 20;

export const ensureTopics = async (...args: Parameters<typeof tryEnsure>): Promise<void> => {
  for (let left = tries; ; left--) {
    try {
      await tryEnsure(...args);
      return;
    } catch (error) {
      const typed = kafkaError(`topics (${reasonOf(error)})`, error);
      // A topic that was made a moment ago by somebody else is not known everywhere yet.
      if (typed.retry === 'never' || left <= 1) throw typed;
      await pause(/UNKNOWN_TOPIC|LEADER/.test(kafkaErrorType(error)) ? 100 : 500);
    }
  }
};
