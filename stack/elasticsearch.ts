// Elasticsearch, one node, never as root.
import { copyFileSync, realpathSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { makeServerDirs } from './account.ts';
import { getElasticsearch, getJava } from './get.ts';
import type { Place } from './place.ts';
import { writeConfig } from './processes.ts';
import { ask, portOf, type Service } from './service.ts';

const dirOf = (place: Place): string => join(place.dir, 'elasticsearch');
const heap = '512m';

export const nodeSettings = (place: Place): string => `cluster.name: chatvui
node.name: n1
path.data: ${join(dirOf(place), 'data')}
path.logs: ${join(dirOf(place), 'logs')}
network.host: 127.0.0.1
http.port: ${portOf(place, 'elasticsearch')}
transport.port: ${portOf(place, 'elasticsearch-transport')}
discovery.type: single-node
action.auto_create_index: false
cluster.routing.allocation.disk.threshold_enabled: false
xpack.security.enabled: false
`;

// One compiler only: it halves the boot.
const jvmOptions = (place: Place): string => `-Xms${heap}
-Xmx${heap}
-XX:+UseSerialGC
-XX:-AlwaysPreTouch
-XX:TieredStopAtLevel=1
-XX:+ExitOnOutOfMemoryError
-Djava.io.tmpdir=${join(dirOf(place), 'tmp')}
-Dorg.apache.lucene.store.MMapDirectory.sharedArenaMaxPermits=1
`;

const logSettings = `status = error
appender.file.type = File
appender.file.name = file
appender.file.fileName = \${sys:es.logs.base_path}/es.log
appender.file.layout.type = PatternLayout
appender.file.layout.pattern = [%d{ISO8601}][%-5p][%c] %m%n
rootLogger.level = info
rootLogger.appenderRef.file.ref = file
`;

export const elasticsearch: Service = {
  name: 'elasticsearch',
  get: async () => void (await Promise.all([getJava(), getElasticsearch()])),
  configure: async (place, id) => {
    const home = await getElasticsearch();
    const dir = dirOf(place);
    const config = join(dir, 'config');
    const temporary = join(dir, 'tmp');
    await makeServerDirs(dir, ['config', 'data', 'logs', 'tmp']);
    for (const file of ['roles.yml', 'role_mapping.yml', 'users', 'users_roles'])
      copyFileSync(join(home, 'config', file), join(config, file));
    writeConfig(join(config, 'elasticsearch.yml'), nodeSettings(place));
    writeConfig(join(config, 'jvm.options'), jvmOptions(place));
    writeConfig(join(config, 'log4j2.properties'), logSettings);
    // It writes there too.
    await makeServerDirs(config);
    // As a daemon its launcher, a Java of its own, goes away, and the process that we kill is the server.
    const daemonPidFile = join(temporary, 'es.pid');
    rmSync(daemonPidFile, { force: true });
    return {
      id,
      command: join(home, 'bin', 'elasticsearch'),
      args: ['-d', '-p', daemonPidFile],
      daemonPidFile,
      cwd: dir,
      env: {
        ES_PATH_CONF: config,
        ES_JAVA_HOME: dirname(dirname(realpathSync(await getJava()))),
        ES_TMPDIR: temporary,
        CLI_JAVA_OPTS: '-XX:TieredStopAtLevel=1 -XX:+UseSerialGC',
      },
    };
  },
  check: async (place) => {
    const port = portOf(place, 'elasticsearch');
    const health = `http://127.0.0.1:${port}/_cluster/health?wait_for_status=yellow&timeout=2s`;
    const response = await ask(health);
    if (!response.ok) throw new Error(`health answers ${response.status}`);
  },
  env: (place) => ({ ELASTICSEARCH_URL: `http://127.0.0.1:${portOf(place, 'elasticsearch')}` }),
};
