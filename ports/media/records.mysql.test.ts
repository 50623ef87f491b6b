import { afterAll, beforeAll, describe } from 'vitest';
import { mysqlUrl, type OwnDatabase, ownDatabase } from '../sql/contract-mysql.ts';
import { recordsContract } from './contract-records.ts';
import { openMysqlMedia } from './mysql.ts';
import type { MediaRecords } from './port.ts';

describe.skipIf(!mysqlUrl())('files known in MySQL', () => {
  let database: OwnDatabase;
  let opened: { one: MediaRecords; two: MediaRecords };
  beforeAll(async () => {
    database = await ownDatabase();
    const { url } = database;
    opened = { one: await openMysqlMedia({ url }), two: await openMysqlMedia({ url }) };
  });
  afterAll(async () => {
    await opened?.one.close();
    await opened?.two.close();
    await database?.drop();
  });
  recordsContract(() => opened);
});
