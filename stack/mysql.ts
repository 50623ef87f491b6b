// MariaDB, the side of MySQL that Debian has.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import { asUser, exec, getDebian, serverUser, which } from './get.ts';
import type { Place } from './place.ts';
import { portOf, type Service } from './service.ts';

const dirOf = (place: Place): string => join(place.dir, 'mysql');
const fileOf = (place: Place): string => join(dirOf(place), 'my.cnf');
/** Of a database that listens on loopback for tests and trials only. */
const account = { user: 'chatvui', password: 'chatvui', database: 'chatvui' };

export const settings = (place: Place): string => `[mariadbd]
datadir=${join(dirOf(place), 'data')}
socket=${join(dirOf(place), 'mysql.sock')}
pid-file=${join(dirOf(place), 'mariadbd.pid')}
tmpdir=${join(dirOf(place), 'tmp')}
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
`;

const connect = (place: Place, user: { user: string; password: string }) =>
  createConnection({ host: '127.0.0.1', port: portOf(place, 'mysql'), connectTimeout: 2000, ...user });

export const mysql: Service = {
  name: 'mysql',
  get: () =>
    getDebian({
      mariadbd: 'mariadb-server-core',
      'mariadb-install-db': 'mariadb-server-core',
      mariadb: 'mariadb-client-core',
    }),
  configure: async (place) => {
    const dir = dirOf(place);
    for (const sub of ['', 'tmp']) mkdirSync(join(dir, sub), { recursive: true });
    writeFileSync(fileOf(place), settings(place));
    if (existsSync(join(dir, 'data', 'mysql'))) return;
    const user = await serverUser();
    if (user) await exec('chown', ['-R', `${user.uid}:${user.gid}`, dir]);
    const install = asUser(user, which('mariadb-install-db') ?? 'mariadb-install-db', [
      `--defaults-file=${fileOf(place)}`,
      '--auth-root-authentication-method=normal',
      '--skip-test-db',
    ]);
    await exec(install.command, install.args);
  },
  units: async (place) => [
    {
      id: 'mysql',
      ...asUser(await serverUser(), which('mariadbd') ?? 'mariadbd', [`--defaults-file=${fileOf(place)}`]),
    },
  ],
  check: async (place) => {
    try {
      const connection = await connect(place, account);
      await connection.query('select 1');
      await connection.end();
    } catch (error) {
      if ((error as { errno?: number }).errno !== 1045) throw error;
      const root = await connect(place, { user: 'root', password: '' });
      await root.query(`create database if not exists ${account.database} character set utf8mb4`);
      await root.query(`create user if not exists '${account.user}'@'%' identified by '${account.password}'`);
      // Tests make databases of their own.
      await root.query(`grant all on *.* to '${account.user}'@'%'`);
      await root.end();
    }
  },
  env: (place) => ({
    MYSQL_URL: `mysql://${account.user}:${account.password}@127.0.0.1:${portOf(place, 'mysql')}/${account.database}`,
  }),
};
