import { afterAll, beforeAll, describe } from 'vitest';
import { mysqlUrl, type OwnDatabase, ownDatabase } from '../sql/contract-mysql.ts';
import { webhooksContract } from './contract.ts';
import { openMysqlWebhooks } from './mysql.ts';
import type { WebhookStore } from './port.ts';

describe.skipIf(!mysqlUrl())('webhooks in MySQL', () => {
  let database: OwnDatabase;
  let opened: { one: WebhookStore; two: WebhookStore };
  beforeAll(async () => {
    database = await ownDatabase();
    const { url } = database;
    opened = { one: await openMysqlWebhooks({ url }), two: await openMysqlWebhooks({ url }) };
  });
  afterAll(async () => {
    await opened?.one.close();
    await opened?.two.close();
    await database?.drop();
  });
  webhooksContract(() => opened);
});
