import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Config, describeConfig, describeProblems, loadConfig } from './config.ts';
import { documentationOf, variableNames } from './config-variables.ts';

const real = {
  KAFKA_BROKERS: 'a:9092, b:9093',
  MYSQL_URL: 'mysql://chat:s3cret@db:3306/chatvui',
  REDIS_URL: 'redis://:t0psecret@cache:6379',
};

const load = (env: Record<string, string>): Config => {
  const loaded = loadConfig(env);
  if (loaded.kind === 'invalid') throw new Error(describeProblems(loaded.problems));
  return loaded.config;
};

const problemsOf = (env: Record<string, string>) => {
  const loaded = loadConfig(env);
  return loaded.kind === 'invalid' ? loaded.problems : [];
};

describe('what is chosen', () => {
  test('an empty environment is the embedded product on this machine only', () => {
    const config = load({});
    expect(config.stack).toEqual({ kind: 'embedded' });
    expect(config.server).toMatchObject({ host: '127.0.0.1', port: 3000, tls: null, trustProxy: false });
    expect(config).toMatchObject({ rateLimits: true, conversationPartitions: null, logLevel: 'info' });
    expect(config.dataDir).toMatch(/\/data$/);
  });

  test('the three URLs choose the real stack', () => {
    expect(load(real).stack).toEqual({
      kind: 'real',
      kafkaBrokers: ['a:9092', 'b:9093'],
      mysqlUrl: real.MYSQL_URL,
      redisUrl: real.REDIS_URL,
    });
  });

  test('values that are empty are not set', () => {
    expect(load({ KAFKA_BROKERS: '', MYSQL_URL: '  ', PORT: '' }).server.port).toBe(3000);
  });

  test('mail goes to a folder until a server is named, and is from the host of the product', () => {
    expect(load({}).mail).toEqual({
      smtpUrl: null,
      from: { name: 'ChatVui', address: 'no-reply@localhost' },
    });
    const named = { SMTP_URL: 'smtps://u:p@mail.example.org', PUBLIC_URL: 'https://chat.example.org' };
    expect(load(named).mail).toEqual({
      smtpUrl: named.SMTP_URL,
      from: { name: 'ChatVui', address: 'no-reply@chat.example.org' },
    });
    const from = (MAIL_FROM: string) => load({ MAIL_FROM }).mail.from;
    expect(from('chat@example.org')).toEqual({ name: '', address: 'chat@example.org' });
    expect(from('Nhóm Chat <chat@example.org>')).toEqual({ name: 'Nhóm Chat', address: 'chat@example.org' });
    expect(from('"A, B" <chat@example.org>')).toEqual({ name: 'A, B', address: 'chat@example.org' });
  });

  test('an explicit partition count wins', () => {
    expect(load({ ...real, CONVERSATION_PARTITIONS: '24' }).conversationPartitions).toBe(24);
  });

  test('the public URL is the one allowed origin until a list says otherwise', () => {
    const publicUrl = { PUBLIC_URL: 'https://chat.example.org/' };
    expect(load(publicUrl).server.allowedOrigins).toEqual(['https://chat.example.org']);
    const origins = 'https://a.example.org,https://b.example.org:8443';
    expect(load({ ...publicUrl, ALLOWED_ORIGINS: origins }).server.allowedOrigins).toEqual(
      origins.split(','),
    );
  });

  test.each([
    ['off', false],
    ['0', false],
    ['2', 2],
    ['10.0.0.0/8, loopback', ['10.0.0.0/8', 'loopback']],
  ])('TRUST_PROXY=%s', (value, expected) => {
    expect(load({ TRUST_PROXY: value }).server.trustProxy).toEqual(expected);
  });
});

describe('what is refused, with the fix in the message', () => {
  const half = Object.keys(real) as (keyof typeof real)[];
  test.each(half)('the real stack without %s', (missing) => {
    const { [missing]: _, ...env } = real;
    const problems = problemsOf(env);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ name: missing });
    expect(problems[0]?.fix).toContain(`Set ${missing} as well`);
  });

  test.each(half)('%s alone', (name) => {
    expect(problemsOf({ [name]: real[name] })).toHaveLength(2);
  });

  test.each([
    ['PORT', '80x', 'must be integer'],
    ['PORT', '70000', 'must be <= 65535'],
    ['LOG_LEVEL', 'loud', 'must be equal to one of the allowed values'],
    ['RATE_LIMITS', 'false', 'must be equal to one of the allowed values'],
    ['CONVERSATION_PARTITIONS', '0', 'must be >= 1'],
    ['PUBLIC_URL', 'chat.example.org', 'is not a URL'],
    ['PUBLIC_URL', 'https://example.org/chat', 'has a path'],
    ['ALLOWED_ORIGINS', 'https://example.org/', 'is not an origin'],
    ['OUTBOUND_ALLOW', 'http://inner.example.org', 'neither a host'],
    ['TRUST_PROXY', 'on', 'believe anybody'],
    ['SMTP_URL', 'http://mail', 'begins with http:'],
    ['MAIL_FROM', 'ChatVui', 'is not whom a mail can be from'],
    ['MAIL_FROM', 'a@example.org, b@example.org', 'is not whom a mail can be from'],
  ])('%s=%s', (name, value, problem) => {
    const problems = problemsOf({ [name]: value });
    expect(problems.map((each) => each.name)).toEqual([name]);
    expect(problems[0]?.problem).toContain(problem);
    expect(problems[0]?.fix).not.toBe('');
  });

  test('a database URL without a database, and brokers without a port', () => {
    const problems = problemsOf({ ...real, MYSQL_URL: 'mysql://db', KAFKA_BROKERS: 'a,b:9092' });
    expect(problems.map((each) => each.name).sort()).toEqual(['KAFKA_BROKERS', 'MYSQL_URL']);
  });

  test('a mail server without the address that links lead to, unless it is for tests', () => {
    expect(problemsOf({ SMTP_URL: 'smtp://mail:25' })).toMatchObject([{ name: 'PUBLIC_URL' }]);
    expect(problemsOf({ SMTP_URL: 'smtp://127.0.0.1:1025' })).toEqual([]);
  });

  test('a typing mistake that would choose another store', () => {
    expect(problemsOf({ KAFKA_BROKER: 'a:9092' })[0]?.fix).toContain('KAFKA_BROKERS');
    expect(problemsOf({ MYSQL_URI: real.MYSQL_URL })[0]?.fix).toContain('MYSQL_URL');
  });
});

test('other typing mistakes are hints, and what a cluster injects is left alone', () => {
  const loaded = loadConfig({
    LOG_LEVELS: 'debug',
    REDIS_PORT: 'tcp://1',
    MYSQL_HOST: 'x',
    HOSTNAME: 'pod-1',
  });
  expect(loaded).toMatchObject({ kind: 'ok', hints: [expect.stringContaining('LOG_LEVEL?')] });
});

describe('TLS', () => {
  let dir = '';
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'chatvui-config-'));
    writeFileSync(join(dir, 'cert.pem'), 'x');
  });
  afterAll(() => rmSync(dir, { recursive: true }));

  test('needs both files', () => {
    expect(problemsOf({ TLS_CERT: join(dir, 'cert.pem') })[0]?.fix).toContain('Set TLS_KEY as well');
  });

  test('needs files that can be read', () => {
    const problems = problemsOf({ TLS_CERT: join(dir, 'cert.pem'), TLS_KEY: join(dir, 'none.pem') });
    expect(problems).toMatchObject([{ name: 'TLS_KEY', problem: expect.stringContaining('cannot be read') }]);
  });

  test('takes readable ones', () => {
    const file = join(dir, 'cert.pem');
    expect(load({ TLS_CERT: file, TLS_KEY: file }).server.tls).toEqual({ certFile: file, keyFile: file });
  });
});

test('the description hides every secret and keeps the rest', () => {
  const s3 = { S3_ENDPOINT: 'http://s3', S3_BUCKET: 'b', S3_ACCESS_KEY: 'AKIA', S3_SECRET_KEY: 'hush' };
  const described = describeConfig(load({ ...real, ...s3, ELASTICSEARCH_URL: 'http://es:9200/?apikey=abc' }));
  expect(JSON.stringify(described)).not.toMatch(/s3cret|t0psecret|AKIA|hush|abc/);
  expect(described.MYSQL_URL).toBe('mysql://chat:***@db:3306/chatvui');
  expect(described.KAFKA_BROKERS).toBe('a:9092, b:9093');
  expect(described.SMTP_URL).toBe('(unset)');
});

test('docs/configuration.md has one row for each variable, with its default', () => {
  const page = readFileSync(new URL('../docs/configuration.md', import.meta.url), 'utf8');
  const rows = new Map(
    [...page.matchAll(/^\| `([A-Z0-9_]+)` \| (.*?) \| (.*) \|$/gm)].map((row) => [row[1], [row[2], row[3]]]),
  );
  const expected = variableNames.map((name) => {
    const { preset, description } = documentationOf(name);
    return [name, [preset && `\`${preset}\``, description]];
  });
  expect([...rows]).toEqual(expected);
});
