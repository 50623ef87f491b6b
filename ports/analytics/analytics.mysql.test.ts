import { afterAll, describe } from 'vitest';
import { mysqlUrl, type OwnDatabase, ownDatabase } from '../sql/contract-mysql.ts';
import { analyticsContract } from './contract.ts';
import { copyContract } from './contract-copy.ts';
import { openMysqlAnalytics } from './mysql.ts';

describe.skipIf(!mysqlUrl())('analytics in MySQL', () => {
  let database: OwnDatabase;
  afterAll(() => database?.drop());

  analyticsContract(async () => {
    database = await ownDatabase();
    return openMysqlAnalytics({ url: database.url });
  });
  copyContract(async () => {
    const own = await ownDatabase();
    const store = await openMysqlAnalytics({ url: own.url });
    return {
      store,
      run: (statement) => own.run(statement),
      close: async () => {
        await store.close();
        await own.drop();
      },
    };
  });
});
