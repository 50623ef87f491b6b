// Elasticsearch, one node, never as root.
import { copyFileSync, mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { asUser, exec, getElasticsearch, serverUser, which } from './get.ts';
import type { Place } from './place.ts';
import { portOf, type Service } from './service.ts';

const dirOf = (place: Place): string => join(place.dir, 'elasticsearch');
const heap = '512m';

export const elasticsearch: Service = {
  name: 'elasticsearch',
  get: async () => {
    await getElasticsearch();
  },
  configure: async (place) => {
    const home = await getElasticsearch();
    const dir = dirOf(place);
    for (const sub of ['config', 'data', 'logs', 'tmp']) mkdirSync(join(dir, sub), { recursive: true });
    for (const file of ['roles.yml', 'role_mapping.yml', 'users', 'users_roles'])
      copyFileSync(join(home, 'config', file), join(dir, 'config', file));
    writeFileSync(join(dir, 'config', 'elasticsearch.yml'), nodeSettings(place));
    writeFileSync(join(dir, 'config', 'jvm.options'), jvmOptions(place));
    writeFileSync(join(dir, 'config', 'log4j2.properties'), logSettings);
    const user = await serverUser();
    if (user) await exec('chown', ['-R', `${user.uid}:${user.gid}`, dir]);
  },
  units: async (place) => {
    const home = await getElasticsearch();
    const java = which('java');
    if (!java)
      throw new Error('Java 17 is needed for Elasticsearch: apt-get install openjdk-17-jre-headless');
    return [
      {
        id: 'elasticsearch',
        ...asUser(await serverUser(), join(home, 'bin', 'elasticsearch'), []),
        cwd: dirOf(place),
        env: {
          ES_PATH_CONF: join(dirOf(place), 'config'),
          ES_JAVA_HOME: dirname(dirname(realpathSync(java))),
          ES_TMPDIR: join(dirOf(place), 'tmp'),
          CLI_JAVA_OPTS: '-XX:TieredStopAtLevel=1 -XX:+UseSerialGC',
        },
      },
    ];
  },
  check: async (place) => {
    const response = await fetch(
      `http://127.0.0.1:${portOf(place, 'elasticsearch')}/_cluster/health?wait_for_status=yellow&timeout=2s`,
      { signal: AbortSignal.timeout(3000) },
    );
    if (!response.ok) throw new Error(`health answers ${response.status}`);
  },
  env: (place) => ({ ELASTICSEARCH_URL: `http://127.0.0.1:${portOf(place, 'elasticsearch')}` }),
};

const nodeSettings = (place: Place): string => `cluster.name: chatvui
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
