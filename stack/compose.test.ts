import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { loadConfig } from '../app/config.ts';
import { variableNames } from '../app/config-variables.ts';
import { getComposeReader, hasGo } from './get.ts';
import { versions } from './versions.ts';

type Service = {
  image: string;
  build?: string;
  command?: string[];
  environment: Record<string, string>;
  depends_on?: Record<string, { condition: string }>;
  healthcheck?: { test: string[] };
  volumes?: string[];
};
type Compose = { services: Record<string, Service>; volumes: Record<string, null> };

const file = fileURLToPath(new URL('../docker-compose.yml', import.meta.url));
const text = readFileSync(file, 'utf8');
const compose = parse(text, { merge: true }) as Compose;
const dockerfile = readFileSync(new URL('../Dockerfile', import.meta.url), 'utf8');
const roles = Object.entries(compose.services).filter(([, { build }]) => build);
const servers = Object.entries(compose.services).filter(([, { build }]) => !build);

/** `${NAME:-preset}` as it is when nothing is set. */
const interpolated = (value: string): string => value.replace(/\$\{\w+:-([^}]*)\}/g, '$1');
const environmentOf = ({ environment }: Service) =>
  Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, interpolated(value)]));

test('the servers are those of the stack, in its versions', () => {
  const images = Object.fromEntries(servers.map(([name, { image }]) => [name, image]));
  expect(images).toMatchObject({
    kafka: `apache/kafka:${versions.kafka}`,
    mariadb: `mariadb:${versions.mariadb}`,
    redis: `redis:${versions.redis}`,
    elasticsearch: `elasticsearch:${versions.elasticsearch}`,
    s3: `versity/versitygw:v${versions.versitygw}`,
  });
  for (const [name, image] of Object.entries(images)) expect(image, name).toMatch(/:v?\d+\.\d+/);
});

test('every role is a command of ours', () => {
  expect(Object.fromEntries(roles.map(([name, { command }]) => [name, command]))).toEqual({
    gateway: ['gateway'],
    history: ['consume', 'history'],
    presence: ['consume', 'presence'],
    analytics: ['consume', 'analytics'],
    notifications: ['consume', 'notifications'],
    previews: ['consume', 'previews'],
    media: ['consume', 'media'],
    webhooks: ['consume', 'webhooks'],
  });
});

describe.each(roles)('%s', (_name, role) => {
  test('has only variables that we read, and they make sense together', () => {
    expect(variableNames).toEqual(expect.arrayContaining(Object.keys(role.environment)));
    const loaded = loadConfig(environmentOf(role));
    expect(loaded).toMatchObject({ kind: 'ok', hints: [], config: { stack: { kind: 'real' } } });
  });

  test('speaks to services of this file', () => {
    const environment = environmentOf(role);
    const urls = ['MYSQL_URL', 'REDIS_URL', 'ELASTICSEARCH_URL', 'S3_ENDPOINT'];
    const hosts = urls.map((name) => new URL(environment[name] ?? '').hostname);
    const brokers = (environment.KAFKA_BROKERS ?? '').split(',').map((each) => each.split(':')[0]);
    for (const host of [...hosts, ...brokers]) expect(Object.keys(compose.services)).toContain(host);
  });

  test('waits until the servers that it cannot do without are healthy', () => {
    const healthy = { condition: 'service_healthy' };
    expect(role.depends_on).toEqual({ kafka: healthy, mariadb: healthy, redis: healthy });
  });
});

test('the roles sign in as whom the servers know', () => {
  const { gateway, mariadb, s3 } = compose.services;
  const [of, db, store] = [gateway!, mariadb!, s3!].map(environmentOf);
  const url = new URL(of?.MYSQL_URL ?? '');
  expect([url.username, url.password, url.pathname]).toEqual([
    db?.MARIADB_USER,
    db?.MARIADB_PASSWORD,
    `/${db?.MARIADB_DATABASE}`,
  ]);
  expect([of?.S3_ACCESS_KEY, of?.S3_SECRET_KEY]).toEqual([store?.ROOT_ACCESS_KEY, store?.ROOT_SECRET_KEY]);
});

test('everything is watched, and every volume is declared and used', () => {
  for (const [name, { healthcheck }] of servers) expect(healthcheck?.test, name).toBeDefined();
  expect(dockerfile).toMatch(/^HEALTHCHECK [\s\S]*?\/readyz/m);
  const used = Object.values(compose.services).flatMap(({ volumes = [] }) =>
    volumes.map((each) => each.split(':')[0]),
  );
  expect(used.sort()).toEqual(Object.keys(compose.volumes).sort());
});

test('nothing but the door is open, and only to this machine', () => {
  const published = [...text.matchAll(/ports: \['([^']*)'\]/g)].map((match) => match[1]);
  expect(published).toHaveLength(1);
  for (const each of published) expect(each).toMatch(/^127\.0\.0\.1:/);
});

describe.skipIf(!hasGo())("Compose's own reader", () => {
  const read = async (path: string): Promise<Compose> => {
    const reader = await getComposeReader();
    const args = ['--format', 'json', path];
    // Not this shell's variables: KAFKA_BROKERS may well be set here.
    return JSON.parse(
      execFileSync(reader, args, { encoding: 'utf8', stdio: 'pipe', env: { PATH: process.env.PATH } }),
    );
  };

  test('takes the file, and sees what we see', { timeout: 300_000 }, async () => {
    const model = await read(file);
    expect(Object.keys(model.services).sort()).toEqual(Object.keys(compose.services).sort());
    for (const [name] of roles)
      expect(model.services[name]?.environment).toEqual(environmentOf(compose.services[name]!));
  });

  test('would refuse another', { timeout: 300_000 }, async () => {
    const dir = mkdtempSync(join(tmpdir(), 'chatvui-compose-'));
    const broken = join(dir, 'docker-compose.yml');
    writeFileSync(broken, text.replace('service_healthy', 'service_is_fine'));
    await expect(read(broken)).rejects.toThrow(/condition/);
    rmSync(dir, { recursive: true });
  });
});
