import { afterAll, describe } from 'vitest';
import { mysqlUrl, type OwnDatabase, ownDatabase } from '../sql/contract-mysql.ts';
import { analyticsContract } from './contract.ts';
import { openMysqlAnalytics } from './mysql.ts';

describe.skipIf(!mysqlUrl())('analytics in MySQL', () => {
  let database: OwnDatabase;
  afterAll(() => database?.drop());

  analyticsContract(async () => {
    database = await ownDatabase();
    return openMysqlAnalytics({ url: database.url });
  });
});
