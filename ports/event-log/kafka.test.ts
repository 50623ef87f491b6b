import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { eventLogContract } from './contract.ts';
import { collector, make, numbered, text, until } from './contract-tools.ts';
import { type KafkaOptions, openKafkaLog } from './kafka.ts';
import type { LogBatch } from './port.ts';
import { TroubledProxy } from './test-proxy.ts';

const brokers = (process.env.KAFKA_BROKERS ?? '').split(',').filter((place) => place !== '');
if (brokers.length === 0) console.warn('SKIPPED kafka contract: KAFKA_BROKERS unset');

const newPrefix = (): string => `t-${randomUUID().slice(0, 8)}.`;
const shape = { retentionMs: -1, flushEveryMessage: true };
const open = async (prefix: string, more: Partial<KafkaOptions> = {}) => {
  const log = await openKafkaLog({ brokers, clientId: 'contract', maxQueuedBytes: 8_000_000, ...more });
  await log.ensureTopics([{ ...shape, name: `${prefix}first`, partitions: 1 }]);
  return log;
};

describe.skipIf(brokers.length === 0)('with a broker', () => {
  eventLogContract('kafka', async () => {
    const prefix = newPrefix();
    let log = await open(prefix);
    return {
      log,
      prefix,
      reopen: async () => {
        await log.close();
        log = await open(prefix);
        return log;
      },
      cleanup: () => log.close(),
    };
  });

  test('one epoch for every process; a topic that was deleted and made again is another log', async () => {
    const prefix = newPrefix();
    const [one, two] = [await open(prefix), await open(prefix)];
    const epoch = await one.epoch();
    expect(await two.epoch()).toBe(epoch);
    const { Kafka, logLevel } = await import('kafkajs');
    const admin = new Kafka({ brokers, logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    await admin.deleteTopics({ topics: [`${prefix}first`] });
    await admin.disconnect();
    const three = await open(prefix);
    expect(await three.epoch()).not.toBe(epoch);
    await Promise.all([one, two, three].map((log) => log.close()));
  }, 60_000);

  test('topics keep for ever and promise what was asked', async () => {
    const prefix = newPrefix();
    const log = await open(prefix);
    const [topic] = await log.describeTopics([`${prefix}first`]);
    expect(topic!.config).toMatchObject({
      'retention.ms': '-1',
      'retention.bytes': '-1',
      'cleanup.policy': 'delete',
      'message.timestamp.type': 'LogAppendTime',
      'unclean.leader.election.enable': 'false',
    });
    const replicated = topic!.replicationFactor >= 3;
    if (replicated) expect(topic!.minInsyncReplicas).toBeGreaterThanOrEqual(2);
    else expect(topic!.config['flush.messages']).toBe('1');
    await log.close();
  }, 60_000);

  test('two consumers share the partitions, and the one that stays takes over from its own store', async () => {
    const prefix = newPrefix();
    const topic = `${prefix}shared`;
    const logs = [await open(prefix), await open(prefix)];
    await logs[0]!.ensureTopics([{ ...shape, name: topic, partitions: 4 }]);
    // The store that both have: rows by place, so that a repetition shows as the same row.
    const positions = new Map<number, number>();
    const rows = new Map<string, string>();
    const owned = [new Set<number>(), new Set<number>()];
    const join = (i: number) =>
      logs[i]!.consume({
        group: `g-${prefix}`,
        topic,
        position: async (partition) => positions.get(partition) ?? 0,
        onBatch: async (batch: LogBatch) => {
          for (const record of batch.records) rows.set(`${batch.partition}/${record.offset}`, text(record));
          positions.set(batch.partition, batch.records.at(-1)!.offset + 1);
        },
        onAssigned: (partitions) => {
          for (const p of partitions) owned[i]!.add(p);
        },
        onRevoked: (partitions) => {
          for (const p of partitions) owned[i]!.delete(p);
        },
        onFailure: (error) => {
          throw error;
        },
      });
    const first = await join(0);
    await until(() => owned[0]!.size === 4);
    let sent = 0;
    let writing = true;
    const writer = (async () => {
      while (writing) {
        const base = sent;
        await logs[0]!.append(
          topic,
          numbered(4).map((p) => make(p, base + p)),
        );
        sent += 4;
      }
    })();
    const second = await join(1);
    await until(() => owned[0]!.size === 2 && owned[1]!.size === 2);
    await until(() => rows.size > 200);
    await first.close();
    await until(() => owned[1]!.size === 4 && owned[0]!.size === 0);
    writing = false;
    await writer;
    await until(() => rows.size === sent);
    expect(new Set(rows.values()).size).toBe(sent);
    await second.close();
    await Promise.all(logs.map((log) => log.close()));
  }, 60_000);

  const throughProxy = async () => {
    const [host, port] = brokers[0]!.split(':');
    const proxy = await TroubledProxy.start({ host: host!, port: Number(port) });
    const socketFactory: KafkaOptions['socketFactory'] = ({ onConnect }) =>
      connect({ host: '127.0.0.1', port: proxy.port }, onConnect);
    return { proxy, socketFactory };
  };

  // As after the restart of a broker: it knows the group's members still, but not at once.
  test('a member that is told to join again, and cannot at once, is given its partitions all the same', async () => {
    const { proxy, socketFactory } = await throughProxy();
    const prefix = newPrefix();
    const topic = `${prefix}rejoin`;
    const log = await open(prefix, { socketFactory });
    await log.ensureTopics([{ ...shape, name: topic, partitions: 2 }]);
    const owned: string[] = [];
    let next = 0;
    const failures: Error[] = [];
    const consumer = await log.consume({
      group: `g-${prefix}`,
      topic,
      position: async () => next,
      onBatch: async ({ records }) => {
        next = records.at(-1)!.offset + 1;
      },
      onAssigned: (partitions) => owned.push(`+${partitions}`),
      onRevoked: (partitions) => owned.push(`-${partitions}`),
      onFailure: (error) => failures.push(error),
    });
    await until(() => owned.length === 1);
    for (let round = 1; round <= 7; round++) {
      proxy.refuseNext('heartbeat', 'notCoordinator');
      proxy.refuseNext('joinGroup', 'coordinatorLoads');
      await until(() => proxy.refusalsLeft === 0);
      await until(() => owned.length === 1 + 2 * round);
    }
    expect(owned.slice(-2)).toEqual(['-0,1', '+0,1']);
    await log.append(topic, [make(0, 'after')]);
    await until(() => next === 1);
    expect(failures).toEqual([]);
    await consumer.close();
    await log.close();
    proxy.close();
  }, 60_000);

  test.each(['close', 'silent'] as const)(
    'an answer to a produce request is lost (%s): what resolves is in the log once, at the offset told',
    async (mode) => {
      const { proxy, socketFactory } = await throughProxy();
      const prefix = newPrefix();
      const topic = `${prefix}swallow`;
      const direct = await open(prefix);
      await direct.ensureTopics([{ ...shape, name: topic, partitions: 1 }]);
      const log = await open(prefix, { socketFactory });
      const rounds = mode === 'close' ? 10 : 2;
      const resolved: string[] = [];
      let next = 0;
      for (let round = 0; round < rounds; round++) {
        await log.append(topic, [make(0, `warm-${round}`)]);
        proxy.arm(mode);
        // One a turn, so that the others come while the doubtful one is in flight: sent side by side, kafkajs would
        // give one of them the sequence number of the first, and the broker would call it a duplicate.
        const calls: Promise<void>[] = [];
        for (const _ of numbered(4)) {
          const value = `v${next++}`;
          const append = log.append(topic, [make(0, value)]);
          calls.push(append.then(([offset]) => void resolved.push(`0/${offset}/${value}`)));
          await new Promise((resolve) => setImmediate(resolve));
        }
        await Promise.allSettled(calls);
      }
      expect(proxy.swallowed).toBe(rounds);
      expect(resolved.length).toBeGreaterThan(0);
      const seen = collector();
      const total = (await direct.endOffsets(topic)).reduce((sum, end) => sum + end, 0);
      await direct.tail({ topics: [{ name: topic, from: 'beginning' }], ...seen.handlers });
      await seen.count(total);
      const there = seen.records.map((record) => `${record.partition}/${record.offset}/${text(record)}`);
      const times = new Map<string, number>();
      for (const record of seen.records) times.set(text(record), (times.get(text(record)) ?? 0) + 1);
      expect(resolved.filter((line) => !there.includes(line))).toEqual([]);
      expect(resolved.filter((line) => times.get(line.split('/')[2]!) !== 1)).toEqual([]);
      await Promise.all([log.close(), direct.close()]);
      proxy.close();
    },
    60_000,
  );
});
