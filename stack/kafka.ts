// Kafka in KRaft mode, broker and controller in one process: one of them, or three with replication 3.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Kafka, logLevel } from 'kafkajs';
import { exec, getKafka, which } from './get.ts';
import type { Place } from './place.ts';
import { portOf, type Service } from './service.ts';

const clusterId = 'Q2hhdFZ1aVN0YWNrS2Fma2';
const nodes = (place: Place): number[] => Array.from({ length: place.brokers }, (_, i) => i + 1);
const nodeDir = (place: Place, node: number): string => join(place.dir, `kafka-${node}`);
const propertiesFile = (place: Place, node: number): string =>
  join(nodeDir(place, node), 'server.properties');

export const brokersOf = (place: Place): string[] =>
  nodes(place).map((node) => `127.0.0.1:${portOf(place, `kafka-${node}`)}`);

export const serverProperties = (place: Place, node: number): string => {
  const replicas = place.brokers === 3 ? 3 : 1;
  const insync = place.brokers === 3 ? 2 : 1;
  const voters = nodes(place).map((id) => `${id}@127.0.0.1:${portOf(place, `controller-${id}`)}`);
  const client = `PLAINTEXT://127.0.0.1:${portOf(place, `kafka-${node}`)}`;
  return `process.roles=broker,controller
node.id=${node}
controller.quorum.voters=${voters.join(',')}
listeners=${client},CONTROLLER://127.0.0.1:${portOf(place, `controller-${node}`)}
advertised.listeners=${client}
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
log.dirs=${join(nodeDir(place, node), 'data')}
default.replication.factor=${replicas}
min.insync.replicas=${insync}
unclean.leader.election.enable=false
offsets.topic.replication.factor=${replicas}
offsets.topic.num.partitions=8
transaction.state.log.replication.factor=${replicas}
transaction.state.log.min.isr=${insync}
transaction.state.log.num.partitions=4
group.initial.rebalance.delay.ms=0
auto.create.topics.enable=false
broker.session.timeout.ms=2000
broker.heartbeat.interval.ms=300
log.cleaner.dedupe.buffer.size=8388608
log.cleaner.threads=1
num.network.threads=2
num.io.threads=4
`;
};

const java = (): string => {
  const found = which('java');
  if (!found) throw new Error('Java 17 is needed for Kafka: apt-get install openjdk-17-jre-headless');
  return found;
};

export const kafka: Service = {
  name: 'kafka',
  get: async () => {
    java();
    await getKafka();
  },
  configure: async (place) => {
    const jars = await getKafka();
    for (const node of nodes(place)) {
      const dir = nodeDir(place, node);
      mkdirSync(dir, { recursive: true });
      writeFileSync(propertiesFile(place, node), serverProperties(place, node));
      if (existsSync(join(dir, 'data', 'meta.properties'))) continue;
      const format = [
        'kafka.tools.StorageTool',
        'format',
        '-t',
        clusterId,
        '-c',
        propertiesFile(place, node),
      ];
      await exec(java(), ['-Xmx128m', '-XX:TieredStopAtLevel=1', '-cp', join(jars, '*'), ...format]);
    }
  },
  units: async (place) => {
    const jars = await getKafka();
    return nodes(place).map((node) => ({
      id: `kafka-${node}`,
      command: java(),
      args: [
        '-Xms128m',
        '-Xmx384m',
        '-XX:+UseSerialGC',
        '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
        '-cp',
        join(jars, '*'),
        'kafka.Kafka',
        propertiesFile(place, node),
      ],
    }));
  },
  check: async (place) => {
    const client = new Kafka({
      clientId: 'stack',
      brokers: brokersOf(place),
      logLevel: logLevel.NOTHING,
      connectionTimeout: 1000,
      retry: { retries: 0 },
    });
    const admin = client.admin();
    try {
      await admin.connect();
      const { brokers } = await admin.describeCluster();
      if (brokers.length < place.brokers)
        throw new Error(`${brokers.length} of ${place.brokers} brokers are there`);
      // The first group on a new cluster makes the topic of offsets: it is made here and not in the product's start.
      await admin.fetchOffsets({ groupId: 'stack-check' });
    } finally {
      await admin.disconnect();
    }
  },
  env: (place) => ({ KAFKA_BROKERS: brokersOf(place).join(',') }),
};
