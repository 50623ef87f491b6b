// Kafka in KRaft mode, broker and controller in one process: one of them, or three with replication 3.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { makeServerDirs, serverAccount } from './account.ts';
import { getJava, getKafka } from './get.ts';
import { checkBroker, joinOnce } from './kafka-health.ts';
import type { Place } from './place.ts';
import { logFile, writeConfig } from './processes.ts';
import { portOf, type Service, unitIds } from './service.ts';
import { runTool } from './tool.ts';

const addressOf = (place: Place, id: string): string => `127.0.0.1:${portOf(place, id)}`;
const controllerOf = (place: Place, id: string): string =>
  `127.0.0.1:${portOf(place, id.replace('kafka', 'controller'))}`;
const numberOf = (id: string): number => Number(id.replace('kafka-', ''));

export const brokersOf = (place: Place): string[] =>
  unitIds(place, 'kafka').map((id) => addressOf(place, id));

export const serverProperties = (place: Place, id: string): string => {
  const voters = unitIds(place, 'kafka').map((each) => `${numberOf(each)}@${controllerOf(place, each)}`);
  const inSync = place.brokers === 3 ? 2 : 1;
  return `process.roles=broker,controller
node.id=${numberOf(id)}
controller.quorum.voters=${voters.join(',')}
listeners=PLAINTEXT://${addressOf(place, id)},CONTROLLER://${controllerOf(place, id)}
advertised.listeners=PLAINTEXT://${addressOf(place, id)}
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
log.dirs=${join(place.dir, id, 'data')}
default.replication.factor=${place.brokers}
min.insync.replicas=${inSync}
unclean.leader.election.enable=false
offsets.topic.replication.factor=${place.brokers}
offsets.topic.num.partitions=8
transaction.state.log.replication.factor=${place.brokers}
transaction.state.log.min.isr=${inSync}
transaction.state.log.num.partitions=4
group.initial.rebalance.delay.ms=0
auto.create.topics.enable=false
# How soon a killed broker is missed, and how long its restart waits for its own old session.
broker.session.timeout.ms=2000
broker.heartbeat.interval.ms=300
# The cleaner's own 128 MB would be half of the heap.
log.cleaner.dedupe.buffer.size=8388608
log.cleaner.threads=1
num.network.threads=2
num.io.threads=4
`;
};

/** The second compiler stays on: benches run on this. */
const jvm = [
  '-Xms128m',
  '-Xmx256m',
  '-XX:+UseSerialGC',
  '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
  '-Dorg.slf4j.simpleLogger.showDateTime=true',
  '-Dorg.slf4j.simpleLogger.dateTimeFormat=HH:mm:ss.SSS',
];
const jvmOfFormat = ['-Xmx128m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];

export const kafka: Service = {
  name: 'kafka',
  get: async () => void (await Promise.all([getJava(), getKafka()])),
  configure: async (place, id) => {
    const dir = join(place.dir, id);
    const file = join(dir, 'server.properties');
    await makeServerDirs(dir);
    writeConfig(file, serverProperties(place, id));
    const command = await getJava();
    const classPath = ['-cp', join(await getKafka(), '*')];
    if (!existsSync(join(dir, 'data', 'meta.properties'))) {
      const format = ['kafka.tools.StorageTool', 'format', '-t', place.clusterId, '-c', file];
      await runTool({
        what: `${id}: formatting`,
        command,
        args: [...jvmOfFormat, ...classPath, ...format],
        log: logFile(place.dir, id),
        advice: 'Is the disk full?',
        cwd: dir,
        account: await serverAccount(),
      });
    }
    return { id, command, args: [...jvm, ...classPath, 'kafka.Kafka', file], cwd: dir };
  },
  check: (place, id) => checkBroker(addressOf(place, id), numberOf(id)),
  warmUp: (place) => joinOnce(brokersOf(place)),
  env: (place) => ({ KAFKA_BROKERS: brokersOf(place).join(',') }),
};
