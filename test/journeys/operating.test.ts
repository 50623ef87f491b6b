// An operator's day, on one embedded process and on a cluster: apart from the other journeys, because it breaks something.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe } from 'vitest';
import { openEmbeddedLog } from '../../ports/event-log/embedded.ts';
import { openKafkaLog } from '../../ports/event-log/kafka.ts';
import { namedLog } from '../../ports/event-log/named.ts';
import { partitionFor } from '../../ports/event-log/partition.ts';
import type { EventLog } from '../../ports/event-log/port.ts';
import { type Cluster, type Embedded, sharedStackEnv, startCluster, startEmbedded } from '../harness.ts';
import { type OwnInstallation, ownInstallation } from '../own-installation.ts';
import { embeddedEnv } from './importing.ts';
import { type OperatingScene, operating } from './operating.ts';

const run = promisify(execFile);
const chatvuiIn =
  (env: Record<string, string>): OperatingScene['chatvui'] =>
  async (...args) => {
    const given = { env: { ...process.env, ...env, LOG_LEVEL: 'silent' } };
    const { stdout, stderr } = await run(process.execPath, ['dist/main.js', ...args], given);
    return stdout + stderr;
  };

const appendTo = async (log: EventLog, record: [string, number, string, string]): Promise<number> => {
  const [topic, partition, key, value] = record;
  const [offset] = await log.append(topic, [{ partition, key, value: Buffer.from(value) }]);
  return offset as number;
};

describe('embedded', () => {
  let target: Embedded;
  let scene: OperatingScene;
  beforeAll(async () => {
    target = await startEmbedded();
    const { dataDir: dir } = target;
    scene = {
      url: target.url,
      partitionOf: async (key) => partitionFor(key, 12),
      chatvui: chatvuiIn(embeddedEnv(dir)),
      // The file has one owner: the product stands still meanwhile.
      appendRaw: async (...record) => {
        await target.process.kill('SIGTERM');
        const log = await openEmbeddedLog({ dir });
        const offset = await appendTo(log, record);
        await log.close();
        await target.process.start();
        return offset;
      },
    };
  });
  afterAll(() => target?.stop());
  operating(() => scene);
});

const env = sharedStackEnv();

describe.runIf(env)('cluster', () => {
  let target: Cluster;
  let installation: OwnInstallation;
  let log: EventLog;
  let scene: OperatingScene;
  beforeAll(async () => {
    installation = await ownInstallation(env ?? {}, 2);
    const { env: given, name } = installation;
    target = await startCluster(given);
    const brokers = (given.KAFKA_BROKERS ?? '').split(',');
    log = namedLog(await openKafkaLog({ brokers, clientId: 'operating' }), name);
    const ends = await log.endOffsets('chat.conversations');
    scene = {
      url: target.urls[0] as string,
      partitionOf: async (key) => partitionFor(key, ends.length),
      chatvui: chatvuiIn(given),
      appendRaw: (...record) => appendTo(log, record),
    };
  });
  afterAll(async () => {
    await log?.close();
    await target?.stop();
    await installation?.release();
  });
  operating(() => scene);
});
