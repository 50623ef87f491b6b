import { afterAll, beforeAll, describe } from 'vitest';
import { mysqlUrl, type OwnDatabase, ownDatabase } from '../sql/contract-mysql.ts';
import { previewContract } from './contract.ts';
import { openMysqlPreviews } from './mysql.ts';
import type { PreviewStore } from './port.ts';

describe.skipIf(!mysqlUrl())('the reading of links in MySQL', () => {
  let database: OwnDatabase;
  let opened: { one: PreviewStore; two: PreviewStore };
  beforeAll(async () => {
    database = await ownDatabase();
    const { url } = database;
    opened = { one: await openMysqlPreviews({ url }), two: await openMysqlPreviews({ url }) };
  });
  afterAll(async () => {
    await opened?.one.close();
    await opened?.two.close();
    await database?.drop();
  });
  previewContract(() => opened);
});
