import { afterAll, beforeAll, describe } from 'vitest';
import { mysqlUrl, type OwnDatabase, ownDatabase } from '../sql/contract-mysql.ts';
import { operationsContract } from './contract.ts';
import { openMysqlOperations } from './mysql.ts';
import type { Operations } from './port.ts';

describe.skipIf(!mysqlUrl())('operations in MySQL', () => {
  let database: OwnDatabase;
  let opened: { one: Operations; two: Operations };
  beforeAll(async () => {
    database = await ownDatabase();
    const { url } = database;
    opened = { one: await openMysqlOperations({ url }), two: await openMysqlOperations({ url }) };
  });
  afterAll(async () => {
    await opened?.one.close();
    await opened?.two.close();
    await database?.drop();
  });
  operationsContract(() => opened);
});
