import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openMysqlHistory } from '../history/mysql.ts';
import { mysqlUrl, type OwnDatabase, ownDatabase } from '../sql/contract-mysql.ts';
import { accountsContract } from './contract.ts';
import { adminContract } from './contract-admins.ts';
import { botsContract } from './contract-bots.ts';
import { openMysqlAccounts } from './mysql.ts';
import type { AccountStore } from './port.ts';

describe.skipIf(!mysqlUrl())('accounts in MySQL', () => {
  let database: OwnDatabase;
  let accounts: AccountStore;
  beforeAll(async () => {
    database = await ownDatabase();
    accounts = await openMysqlAccounts({ url: database.url });
  });
  afterAll(async () => {
    await accounts?.close();
    await database?.drop();
  });

  accountsContract(() => accounts);
  botsContract(() => accounts);
  adminContract(async () => {
    const own = await ownDatabase();
    const [one, two] = [await openMysqlAccounts({ url: own.url }), await openMysqlAccounts({ url: own.url })];
    return {
      one,
      two,
      close: async () => {
        await one.close();
        await two.close();
        await own.drop();
      },
    };
  });

  it('shares a database with history, whoever opens it first', async () => {
    const fresh = await ownDatabase();
    const opened = await Promise.all([
      openMysqlHistory({ url: fresh.url }),
      openMysqlAccounts({ url: fresh.url }),
      openMysqlAccounts({ url: fresh.url }),
    ]);
    const secrets = await Promise.all([
      opened[1].secret('raced', () => 'a'),
      opened[2].secret('raced', () => 'b'),
    ]);
    expect(secrets[0]).toBe(secrets[1]);
    for (const one of opened) await one.close();
    await fresh.drop();
  });

  it('says that the server is away, and works on when it is back', async () => {
    const release = await database.lockTable('accounts');
    const asking = accounts.byId(randomUUID()).catch((error: unknown) => error);
    await expect
      .poll(async () => {
        await database.killAll();
        return Promise.race([asking, Promise.resolve('waiting')]);
      })
      .toMatchObject({ code: 'sql_unavailable', retry: 'later' });
    await release();
    await expect.poll(() => accounts.byId(randomUUID()).catch(() => 'away')).toBeNull();
  });
});
