// MariaDB, the side of MySQL that Debian has.
import { existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import { makeServerDirs, serverAccount } from './account.ts';
import { getDebian, type Program } from './debian.ts';
import type { Place } from './place.ts';
import { logFile, writeConfig } from './processes.ts';
import { portOf, type Service } from './service.ts';
import { runTool } from './tool.ts';

/** Of a database that listens on loopback for tests and trials only. */
const account = { user: 'chatvui', password: 'chatvui', database: 'chatvui' };
const dirOf = (place: Place): string => join(place.dir, 'mysql');
const program = (name: string) => getDebian(name, ['mariadb-server-core', 'mariadb-client-core']);

/** `root`: where the packages were unpacked, when they are not installed. */
export const settings = (place: Place, root?: string): string => `[mariadbd]
datadir=${join(dirOf(place), 'data')}
# Relative to the data: a path of a socket may have only 107 characters.
socket=mysqld.sock
pid-file=${join(dirOf(place), 'mariadbd.pid')}
tmpdir=${join(dirOf(place), 'tmp')}
init-file=${join(dirOf(place), 'init.sql')}
port=${portOf(place, 'mysql')}
bind-address=127.0.0.1
skip-name-resolve
character-set-server=utf8mb4
collation-server=utf8mb4_unicode_520_ci
innodb_buffer_pool_size=256M
innodb_log_file_size=128M
innodb_flush_log_at_trx_commit=1
performance_schema=OFF
max_connections=300
transaction-isolation=READ-COMMITTED
sql_mode=STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION
${root ? unpackedPaths(root) : ''}`;

const unpackedPaths = (root: string): string => `basedir=${root}/usr
lc-messages-dir=${root}/usr/share/mysql
character-sets-dir=${root}/usr/share/mysql/charsets
plugin-dir=${root}/usr/lib/mysql/plugin
`;

/** Run at every start, before the first connection. Tests make databases of their own. */
const initSql = `CREATE DATABASE IF NOT EXISTS ${account.database} CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;
CREATE USER IF NOT EXISTS '${account.user}'@'%' IDENTIFIED BY '${account.password}';
GRANT ALL ON *.* TO '${account.user}'@'%';
`;

/** Into a folder of another name first: half an installation would look like one. */
const makeTables = async (place: Place, server: Program): Promise<void> => {
  const dir = dirOf(place);
  const half = join(dir, 'data.new');
  rmSync(half, { recursive: true, force: true });
  const paths = [`--datadir=${half}`, ...(server.root ? [`--basedir=${server.root}/usr`] : [])];
  await runTool({
    what: 'mysql: making its own tables',
    command: (await program('mariadb-install-db')).path,
    args: ['--no-defaults', ...paths, '--auth-root-authentication-method=normal', '--skip-test-db'],
    log: logFile(place.dir, 'mysql'),
    advice: 'Is the disk full?',
    cwd: dir,
    env: server.env,
    account: await serverAccount(),
  });
  renameSync(half, join(dir, 'data'));
};

export const mysql: Service = {
  name: 'mysql',
  get: async () => void (await program('mariadbd')),
  configure: async (place, id) => {
    const dir = dirOf(place);
    const file = join(dir, 'my.cnf');
    await makeServerDirs(dir, ['tmp']);
    const server = await program('mariadbd');
    writeConfig(file, settings(place, server.root));
    writeConfig(join(dir, 'init.sql'), initSql);
    if (!existsSync(join(dir, 'data'))) await makeTables(place, server);
    return { id, command: server.path, args: [`--defaults-file=${file}`], env: server.env, cwd: dir };
  },
  check: async (place) => {
    const address = { host: '127.0.0.1', port: portOf(place, 'mysql'), connectTimeout: 2000 };
    const connection = await createConnection({ ...address, ...account });
    try {
      await connection.query('select 1');
    } finally {
      connection.destroy();
    }
  },
  env: (place) => ({
    MYSQL_URL: `mysql://${account.user}:${account.password}@127.0.0.1:${portOf(place, 'mysql')}/${account.database}`,
  }),
};
