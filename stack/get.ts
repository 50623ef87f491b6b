// How the servers come to this machine: from Maven and from the Go module proxy. Each once, made under a temporary name
// and renamed, so that an interrupted download leaves nothing half there.
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { getDebian } from './debian.ts';
import { StackError } from './errors.ts';
import { withLock } from './lock.ts';
import { distDir, makeStateDirs } from './place.ts';
import { runTool, say, which } from './tool.ts';
import { versions } from './versions.ts';

/** What `make` puts under the temporary name is then at `name`. One process at a time; the others wait for it. */
const once = async (name: string, make: (temporary: string) => Promise<void>): Promise<string> => {
  const path = join(distDir, name);
  if (existsSync(path)) return path;
  makeStateDirs();
  const waits = () => say(`${name}: another process is getting it; waiting`);
  const work = async () => {
    if (existsSync(path)) return path;
    const temporary = join(distDir, `.${name}.new`);
    rmSync(temporary, { recursive: true, force: true });
    const began = performance.now();
    await make(temporary);
    execFileSync('chmod', ['-R', 'a+rX', temporary]);
    renameSync(temporary, path);
    say(`${name}: here after ${Math.round((performance.now() - began) / 1000)} s`);
    return path;
  };
  return withLock(join(distDir, `.${name}.lock`), work, waits);
};

export const getJava = async (): Promise<string> =>
  (await getDebian('java', ['openjdk-17-jre-headless'], false)).path;

/** The folder of Kafka's jars. */
export const getKafka = (): Promise<string> => {
  const name = `kafka-${versions.kafka}`;
  return once(name, (temporary) => fromMaven(name, temporary, kafkaPom));
};

/** The folder of an unpacked Elasticsearch. */
export const getElasticsearch = async (): Promise<string> => {
  const name = `elasticsearch-${versions.elasticsearch}`;
  const dir = await once(name, async (temporary) => {
    await fromMaven(name, temporary, elasticsearchPom);
    const bin = join(temporary, name, 'bin');
    for (const file of readdirSync(bin)) chmodSync(join(bin, file), 0o755);
  });
  return join(dir, name);
};

const fromMaven = async (name: string, temporary: string, pomOf: (output: string) => string) => {
  await getJava();
  const { path: command } = await getDebian('mvn', ['maven'], false);
  say(`${name}: downloading by Maven`);
  const project = `${temporary}.pom`;
  mkdirSync(project, { recursive: true });
  writeFileSync(join(project, 'pom.xml'), pomOf(temporary));
  await runTool({
    what: name,
    command,
    args: ['-B', '-ntp', '-q', 'package'],
    cwd: project,
    log: join(distDir, `${name}.log`),
    advice: 'Can this machine reach a Maven repository? Repeat when it can.',
  });
  rmSync(project, { recursive: true, force: true });
};

const kafkaPom = (output: string): string =>
  pom(
    'copy-dependencies',
    `<outputDirectory>${output}</outputDirectory><includeScope>runtime</includeScope>`,
    // Without the second Kafka logs nothing at all.
    dependency('org.apache.kafka', 'kafka_2.13', versions.kafka) +
      dependency('org.slf4j', 'slf4j-simple', '1.7.36'),
  );

const elasticsearchPom = (output: string): string =>
  pom(
    'unpack',
    `<artifactItems><artifactItem><groupId>org.elasticsearch.distribution.integ-test-zip</groupId>
<artifactId>elasticsearch</artifactId><version>${versions.elasticsearch}</version><type>zip</type>
<outputDirectory>${output}</outputDirectory></artifactItem></artifactItems>`,
  );

const dependency = (group: string, artifact: string, version: string) =>
  `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version></dependency>`;

const pom = (goal: string, configuration: string, dependencies = '') =>
  `<project xmlns="http://maven.apache.org/POM/4.0.0">
<modelVersion>4.0.0</modelVersion><groupId>chatvui</groupId><artifactId>stack</artifactId><version>1</version>
<packaging>pom</packaging><dependencies>${dependencies}</dependencies><build><plugins><plugin>
<groupId>org.apache.maven.plugins</groupId><artifactId>maven-dependency-plugin</artifactId><version>3.8.1</version>
<executions><execution><phase>package</phase><goals><goal>${goal}</goal></goals>
<configuration>${configuration}</configuration></execution></executions></plugin></plugins></build></project>
`;

/** Without Go there is no S3: media then lie in DATA_DIR. */
export const hasGo = (): boolean => which('go') !== undefined;

/** The S3 gateway's binary, built here: minutes the first time. */
export const getVersitygw = async (): Promise<string> => {
  const dir = await fromGo(
    `versitygw-${versions.versitygw}`,
    `github.com/versity/versitygw/cmd/versitygw@v${versions.versitygw}`,
  );
  return join(dir, 'versitygw');
};

/** Compose's own reader of its files, for the test of ours. */
export const getComposeReader = async (): Promise<string> =>
  join(await fromGo('compose-go-2.4.9', 'github.com/compose-spec/compose-go/v2/cmd@v2.4.9'), 'cmd');

const fromGo = (name: string, module: string): Promise<string> =>
  once(name, async (temporary) => {
    const go = which('go');
    if (!go)
      throw new StackError(`${name} is built by Go, which is missing. Install Go 1.24 or later and repeat.`);
    say(`${name}: building it by Go (once)`);
    mkdirSync(temporary);
    await runTool({
      what: name,
      // Nice to others: it keeps all cores busy.
      command: 'nice',
      args: [go, 'install', module],
      env: { GOBIN: temporary },
      log: join(distDir, `${name}.log`),
      advice: 'Can this machine reach a Go module proxy? Repeat when it can.',
    });
  });
