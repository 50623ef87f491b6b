import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { nodeSettings } from './elasticsearch.ts';
import { serverProperties } from './kafka.ts';
import { withLock } from './lock.ts';
import { settings as mysqlSettings } from './mysql.ts';
import type { Place } from './place.ts';
import { chooseFreePorts, fixedPorts, portsOfUnit } from './ports.ts';
import { pause, statOf } from './processes.ts';
import { settings as redisSettings } from './redis.ts';
import { signedHeaders } from './s3-request.ts';

const placeWith = (brokers: 1 | 3): Place => ({
  name: 'x',
  dir: '/stacks/x',
  brokers,
  ports: fixedPorts(brokers),
  clusterId: 'c',
});

const propertiesOf = (text: string) =>
  Object.fromEntries(
    text
      .split('\n')
      .filter((line) => line.includes('=') && !line.startsWith('#'))
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );

describe('ports', () => {
  test('of one set are all different, with one broker or three', () => {
    for (const brokers of [1, 3]) {
      const ports = Object.values(fixedPorts(brokers));
      expect(new Set(ports).size).toBe(ports.length);
    }
  });

  test('that are free are below those of outgoing connections, and nobody else was given them', async () => {
    const names = Object.keys(fixedPorts(3));
    const first = await chooseFreePorts(names, new Set());
    const second = await chooseFreePorts(names, new Set(Object.values(first)));
    const all = [...Object.values(first), ...Object.values(second)];
    expect(new Set(all).size).toBe(2 * names.length);
    for (const port of all) expect(port).toBeLessThan(32_768);
  });

  test('of a server are all that it listens on', () => {
    const ports = fixedPorts(3);
    expect(portsOfUnit('kafka-2', ports)).toEqual([19_192, 19_193]);
    expect(portsOfUnit('elasticsearch', ports)).toEqual([19_200, 19_350]);
    expect(portsOfUnit('smtp', ports)).toEqual([11_025, 11_080]);
    expect(portsOfUnit('mysql', ports)).toEqual([13_306]);
  });
});

describe('Kafka', () => {
  test('alone keeps one copy', () => {
    expect(propertiesOf(serverProperties(placeWith(1), 'kafka-1'))).toMatchObject({
      'node.id': '1',
      'controller.quorum.voters': '1@127.0.0.1:19093',
      'default.replication.factor': '1',
      'min.insync.replicas': '1',
      'auto.create.topics.enable': 'false',
    });
  });

  test('of three keeps three, and two must have it', () => {
    expect(propertiesOf(serverProperties(placeWith(3), 'kafka-3'))).toMatchObject({
      'node.id': '3',
      'controller.quorum.voters': '1@127.0.0.1:19093,2@127.0.0.1:19193,3@127.0.0.1:19293',
      listeners: 'PLAINTEXT://127.0.0.1:19292,CONTROLLER://127.0.0.1:19293',
      'log.dirs': '/stacks/x/kafka-3/data',
      'default.replication.factor': '3',
      'min.insync.replicas': '2',
      'unclean.leader.election.enable': 'false',
      'offsets.topic.replication.factor': '3',
      'transaction.state.log.min.isr': '2',
    });
  });
});

test('MariaDB loses nothing that it has acknowledged', () => {
  expect(propertiesOf(mysqlSettings(placeWith(1)))).toMatchObject({
    port: '13306',
    'bind-address': '127.0.0.1',
    innodb_flush_log_at_trx_commit: '1',
    'transaction-isolation': 'READ-COMMITTED',
    'collation-server': 'utf8mb4_unicode_520_ci',
  });
});

test('where it was unpacked, MariaDB is told where its parts are', () => {
  expect(mysqlSettings(placeWith(1))).not.toContain('basedir');
  expect(propertiesOf(mysqlSettings(placeWith(1), '/unpacked')).basedir).toBe('/unpacked/usr');
});

test('every server listens on this machine only', () => {
  expect(redisSettings(placeWith(1))).toMatch(/^bind 127\.0\.0\.1$/m);
  expect(nodeSettings(placeWith(1))).toMatch(/^network\.host: 127\.0\.0\.1$/m);
});

test('a request to S3 is signed', () => {
  const request = { endpoint: 'http://127.0.0.1:19000', path: '/chatvui', accessKey: 'a', secretKey: 's' };
  const at = new Date('2026-01-02T03:04:05.678Z');
  const head = signedHeaders({ ...request, method: 'HEAD' }, at);
  expect(head['x-amz-date']).toBe('20260102T030405Z');
  expect(head.authorization).toMatch(
    /^AWS4-HMAC-SHA256 Credential=a\/20260102\/us-east-1\/s3\/aws4_request, .*Signature=[0-9a-f]{64}$/,
  );
  expect(signedHeaders({ ...request, method: 'PUT' }, at).authorization).not.toBe(head.authorization);
});

test('a process is known by its number and start, and a zombie has ended', () => {
  expect(statOf(process.pid)).toMatchObject({ hasEnded: false, started: expect.stringMatching(/^\d+$/) });
  expect(() => statOf(2 ** 30)).toThrow();
});

describe('the lock', () => {
  let dir = '';
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'chatvui-lock-'));
  });
  afterAll(() => rmSync(dir, { recursive: true }));

  test('lets one in at a time, also after one that failed', async () => {
    let inside = 0;
    const work = async () => {
      inside += 1;
      expect(inside).toBe(1);
      await pause(20);
      inside -= 1;
    };
    const file = join(dir, 'lock');
    const fails = withLock(file, async () => {
      await work();
      throw new Error('no');
    });
    await expect(Promise.all([fails, withLock(file, work), withLock(file, work)])).rejects.toThrow('no');
    await withLock(file, work);
  });
});
