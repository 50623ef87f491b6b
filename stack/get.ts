// How the servers come to this machine: from Debian, from Maven Central, from the Go module proxy. Each once, made under
// a temporary name and renamed, so that an interrupted download leaves nothing half there.
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { distDir } from './place.ts';
import { pause } from './processes.ts';
import { versions } from './versions.ts';

const run = promisify(execFile);
const isRoot = process.getuid?.() === 0;
const lockWaitMs = 15 * 60_000;

export const say = (text: string): void => {
  process.stderr.write(`stack: ${text}\n`);
};

export const which = (command: string, extra: string[] = []): string | null => {
  const dirs = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/go/bin', ...extra];
  return dirs.map((dir) => join(dir, command)).find((file) => existsSync(file)) ?? null;
};

export const exec = async (command: string, args: string[], options: object = {}): Promise<string> => {
  try {
    const { stdout } = await run(command, args, { maxBuffer: 64 * 1024 * 1024, ...options });
    return String(stdout);
  } catch (error) {
    const {
      stderr = '',
      stdout = '',
      message,
    } = error as { stderr?: string; stdout?: string; message: string };
    throw new Error(`${command} failed: ${(stderr || stdout || message).split('\n').slice(-8).join('\n')}`);
  }
};

/** One process at a time makes a thing; the others wait for it. A folder is the lock, because making one is atomic. */
export const once = async (name: string, made: () => boolean, make: (temporary: string) => Promise<void>) => {
  if (made()) return;
  mkdirSync(distDir, { recursive: true, mode: 0o755 });
  const lock = join(distDir, `.${name}.lock`);
  const deadline = performance.now() + lockWaitMs;
  for (;;) {
    try {
      mkdirSync(lock);
      writeFileSync(join(lock, 'pid'), String(process.pid));
      break;
    } catch {
      if (made()) return;
      if (performance.now() > deadline || !ownerLives(lock)) rmSync(lock, { recursive: true, force: true });
      await pause(200);
    }
  }
  const temporary = join(distDir, `.${name}.${process.pid}`);
  try {
    if (!made()) await make(temporary);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
    rmSync(lock, { recursive: true, force: true });
  }
};

const ownerLives = (lock: string): boolean => {
  const pid = existsSync(join(lock, 'pid')) ? Number(readFileSync(join(lock, 'pid'), 'utf8')) : 0;
  return pid === 0 || existsSync(`/proc/${pid}`);
};

/** Debian packages whose servers must not start by themselves. */
export const getDebian = async (packages: Record<string, string>): Promise<void> => {
  const missing = () => Object.entries(packages).filter(([binary]) => which(binary) === null);
  await once(
    'apt',
    () => missing().length === 0,
    async () => {
      const names = [...new Set(missing().map(([, name]) => name))];
      if (!isRoot)
        throw new Error(
          `${names.join(', ')} must be installed, and that needs root: apt-get install ${names.join(' ')}`,
        );
      say(`installing ${names.join(', ')}`);
      const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
      const install = () =>
        exec(
          'apt-get',
          ['install', '-y', '--no-install-recommends', '-o', 'Dpkg::Options::=--force-confold', ...names],
          {
            env,
          },
        );
      await withoutServices(async () => {
        try {
          await install();
        } catch {
          await exec('apt-get', ['update'], { env });
          await install();
        }
      });
    },
  );
};

/** Debian's own switch against starting what is installed; put back as it was. */
const withoutServices = async (work: () => Promise<void>): Promise<void> => {
  const policy = '/usr/sbin/policy-rc.d';
  const ours = !existsSync(policy);
  if (ours) writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    await work();
  } finally {
    if (ours) rmSync(policy, { force: true });
  }
};

const mavenDir = (name: 'kafka' | 'elasticsearch') => join(distDir, `${name}-${versions[name]}`);

/** The folder of Kafka's jars. */
export const getKafka = async (): Promise<string> => {
  const dir = mavenDir('kafka');
  await once(
    'kafka',
    () => existsSync(dir),
    (temporary) => fromMaven(temporary, dir, 'jars', kafkaPom),
  );
  return dir;
};

/** The folder of an unpacked Elasticsearch. */
export const getElasticsearch = async (): Promise<string> => {
  const dir = mavenDir('elasticsearch');
  const home = join(dir, `elasticsearch-${versions.elasticsearch}`);
  await once(
    'elasticsearch',
    () => existsSync(dir),
    (temporary) => fromMaven(temporary, dir, 'es', elasticsearchPom),
  );
  return home;
};

const fromMaven = async (temporary: string, dir: string, output: string, plugins: string): Promise<void> => {
  const maven = which('mvn');
  if (!maven) throw new Error('Maven is needed to get it: apt-get install maven');
  say(`getting ${dir.split('/').at(-1)} from Maven Central`);
  mkdirSync(temporary, { recursive: true });
  writeFileSync(join(temporary, 'pom.xml'), pom(plugins));
  await exec(maven, ['-B', '-ntp', '-q', 'package'], { cwd: temporary });
  renameSync(join(temporary, output), dir);
};

const plugin = (goal: string, configuration: string) => `<build><plugins><plugin>
<groupId>org.apache.maven.plugins</groupId><artifactId>maven-dependency-plugin</artifactId><version>3.8.1</version>
<executions><execution><phase>package</phase><goals><goal>${goal}</goal></goals>
<configuration>${configuration}</configuration></execution></executions></plugin></plugins></build>`;

const dependency = (group: string, artifact: string, version: string) =>
  `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version></dependency>`;

const kafkaPom = `<dependencies>${dependency('org.apache.kafka', 'kafka_2.13', versions.kafka)}
${dependency('org.slf4j', 'slf4j-simple', '1.7.36')}</dependencies>
${plugin('copy-dependencies', '<outputDirectory>$' + '{project.basedir}/jars</outputDirectory><includeScope>runtime</includeScope>')}`;

const elasticsearchPom = plugin(
  'unpack',
  `<artifactItems><artifactItem><groupId>org.elasticsearch.distribution.integ-test-zip</groupId>
<artifactId>elasticsearch</artifactId><version>${versions.elasticsearch}</version><type>zip</type>
<outputDirectory>$` + '{project.basedir}/es</outputDirectory></artifactItem></artifactItems>',
);

const pom = (plugins: string) => `<project xmlns="http://maven.apache.org/POM/4.0.0">
<modelVersion>4.0.0</modelVersion><groupId>chatvui</groupId><artifactId>stack</artifactId><version>1</version>
<packaging>pom</packaging>${plugins}</project>`;

/** The S3 gateway's binary, built here: minutes the first time. */
export const getVersitygw = async (): Promise<string> => {
  const file = join(distDir, `versitygw-${versions.versitygw}`);
  await once(
    'versitygw',
    () => existsSync(file),
    async (temporary) => {
      const go = which('go');
      if (!go)
        throw new Error('Go is needed to build the S3 store (apt-get install golang, version 1.24 or later)');
      say('building the S3 store (some minutes, once)');
      mkdirSync(temporary, { recursive: true });
      const env = { ...process.env, GOBIN: temporary };
      await exec(go, ['install', `github.com/versity/versitygw/cmd/versitygw@v${versions.versitygw}`], {
        env,
      });
      renameSync(join(temporary, 'versitygw'), file);
    },
  );
  return file;
};

/** As root some servers refuse to run: they get a system user of their own. */
export const serverUser = async (): Promise<{ uid: number; gid: number } | null> => {
  if (!isRoot) return null;
  const ids = async () => {
    const [uid, gid] = await Promise.all([exec('id', ['-u', 'chatvui']), exec('id', ['-g', 'chatvui'])]);
    return { uid: Number(uid), gid: Number(gid) };
  };
  try {
    return await ids();
  } catch {
    await exec('useradd', ['--system', '--no-create-home', '--shell', '/usr/sbin/nologin', 'chatvui']).catch(
      () => '',
    );
    return ids();
  }
};

/** The same command as that user. */
export const asUser = (
  user: { uid: number; gid: number } | null,
  command: string,
  args: string[],
): { command: string; args: string[] } =>
  user
    ? {
        command: which('setpriv') ?? 'setpriv',
        args: [`--reuid=${user.uid}`, `--regid=${user.gid}`, '--clear-groups', command, ...args],
      }
    : { command, args };
