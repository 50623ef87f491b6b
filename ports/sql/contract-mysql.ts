// For contract tests against a real server: a database of one's own, dropped at the end, and a second connection that
// makes trouble.
import { randomBytes } from 'node:crypto';
import { createConnection } from 'mysql2/promise';

const url = process.env.MYSQL_URL;

export const mysqlUrl = (): string | undefined => {
  if (!url) console.warn('SKIPPED mysql contract: MYSQL_URL unset');
  return url;
};

export type OwnDatabase = {
  url: string;
  /** Kills every other connection to this database, in the middle of whatever it does. */
  killAll(): Promise<void>;
  /** Makes every other connection wait for this table until released. */
  lockTable(table: string): Promise<() => Promise<void>>;
  /** Behind the product's back. */
  run(statement: string): Promise<void>;
  drop(): Promise<void>;
};

export const ownDatabase = async (): Promise<OwnDatabase> => {
  const name = `contract_${randomBytes(6).toString('hex')}`;
  const connect = () => createConnection(url as string);
  const admin = await connect();
  await admin.query(`CREATE DATABASE ${name}`);
  const own = new URL(url as string);
  own.pathname = `/${name}`;

  return {
    url: own.href,
    killAll: async () => {
      const [rows] = await admin.query('SELECT id FROM information_schema.processlist WHERE db = ?', [name]);
      for (const { id } of rows as { id: number }[])
        await admin.query(`KILL CONNECTION ${id}`).catch(() => {});
    },
    lockTable: async (table) => {
      const blocker = await connect();
      await blocker.query(`LOCK TABLES ${name}.${table} WRITE`);
      return async () => {
        await blocker.query('UNLOCK TABLES');
        await blocker.end();
      };
    },
    run: async (statement) => {
      await admin.query(`USE ${name}`);
      await admin.query(statement);
    },
    drop: async () => {
      await admin.query(`DROP DATABASE ${name}`);
      await admin.end();
    },
  };
};
